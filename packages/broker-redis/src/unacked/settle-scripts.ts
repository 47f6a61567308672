import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Removes messages for good.
 * KEYS: unacked, unacked_index. ARGV: tags. Returns the positions (from 1) of the tags that were not there.
 */
export const ACK_SCRIPT: RedisScript = defineScript(`
local lost = {}
for i, tag in ipairs(ARGV) do
  if redis.call('HDEL', KEYS[1], tag) == 0 then lost[#lost + 1] = i end
end
redis.call('ZREM', KEYS[2], unpack(ARGV))
return lost
`);

/**
 * Moves messages from unacked to somewhere else, each with its own command.
 * KEYS: unacked, unacked_index, then the targets.
 * ARGV: highest score a message may have (seconds; "now" less an age as a negative number, or "" for any), then per
 * message: tag, LPUSH, RPUSH or ZADD, positions of its targets among the targets (from 1, separated by commas), score
 * (ZADD only), value.
 * Returns per message 1 when it was moved, 0 when it was not there (any more), or the text of the error.
 */
export const MOVE_SCRIPT: RedisScript = defineScript(`
local highest = nil
if ARGV[1] ~= '' then
  local now = redis.call('TIME')
  highest = tonumber(now[1]) + tonumber(now[2]) / 1000000 + tonumber(ARGV[1])
end
local outcomes = {}
for i = 2, #ARGV, 5 do
  local tag, command = ARGV[i], ARGV[i + 1]
  local score = redis.call('ZSCORE', KEYS[2], tag)
  local young = highest and score and tonumber(score) > highest
  local outcome = 0
  if not young and redis.call('HEXISTS', KEYS[1], tag) == 1 then
    -- The removal comes first because a server that is out of memory lets a script finish once it has written.
    redis.call('ZREM', KEYS[2], tag)
    local refused
    for position in string.gmatch(ARGV[i + 2], '%d+') do
      local target, reply = KEYS[2 + tonumber(position)]
      if command == 'ZADD' then
        reply = redis.pcall('ZADD', target, ARGV[i + 3], ARGV[i + 4])
      else
        reply = redis.pcall(command, target, ARGV[i + 4])
      end
      if type(reply) == 'table' and reply.err then
        refused = refused or reply.err
      else
        outcome = 1
      end
    end
    if outcome == 1 then
      redis.call('HDEL', KEYS[1], tag)
    else
      redis.call('ZADD', KEYS[2], score or '0', tag)
      outcome = refused
    end
  end
  outcomes[#outcomes + 1] = outcome
end
return outcomes
`);
