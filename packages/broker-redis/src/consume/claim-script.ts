import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Takes up to `limit` messages from the lists, and in the same step writes them where kombu keeps what is unacknowledged.
 * RELIABILITY G4: there is no moment at which a message is in neither place.
 *
 * KEYS: unacked, unacked_index, then the lists in the order in which they are served: `width` queues per priority step.
 * ARGV: limit, tag prefix, number of the first tag, width, "1" to share a step fairly among its queues, "1" to hold the
 * messages as unacknowledged, then for each list the end of its records.
 * Returns: for each list that gave something its position among the lists (from 1), then its messages, oldest first.
 * Tags are numbered in the order of the reply.
 */
export const CLAIM_SCRIPT: RedisScript = defineScript(`
local left, prefix, number = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local width, fair, hold = tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6] == '1'
local score
if hold then
  -- Keys of a wrong type must fail here, while nothing is popped yet: what an aborted script has popped is gone.
  redis.call('HLEN', KEYS[1])
  redis.call('ZCARD', KEYS[2])
  local now = redis.call('TIME')
  score = now[1] .. '.' .. string.format('%06d', now[2])
end
local reply, failed = {}, nil

local function take(position, count)
  local messages = redis.pcall('RPOP', KEYS[position], count)
  if not messages then return end
  if messages.err then
    failed = failed or messages
    return
  end
  if hold then
    local records, scores, tail = {}, {}, ARGV[position + 4]
    for i, message in ipairs(messages) do
      local tag = prefix .. string.format('%d', number)
      number = number + 1
      records[2 * i - 1], records[2 * i] = tag, '[' .. message .. tail
      scores[2 * i - 1], scores[2 * i] = score, tag
    end
    redis.call('HSET', KEYS[1], unpack(records))
    redis.call('ZADD', KEYS[2], unpack(scores))
  end
  left = left - #messages
  reply[#reply + 1] = position - 2
  reply[#reply + 1] = messages
end

for first = 3, #KEYS, width do
  if fair and width > 1 then
    for i = 0, width - 1 do
      if left > 0 then take(first + i, math.ceil(left / (width - i))) end
    end
  end
  for i = 0, width - 1 do
    if left > 0 then take(first + i, left) end
  end
end
if failed and #reply == 0 then return failed end
return reply
`);
