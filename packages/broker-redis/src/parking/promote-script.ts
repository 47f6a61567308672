import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Moves what is due from the parking to the front of its list.
 * KEYS: parked. ARGV: how many at most. Members are `tag:length of the list's key:list's key:message`; scores are epoch ms.
 * Returns how many were moved. A list that refuses (wrong type) keeps its message parked for another minute.
 */
export const PROMOTE_SCRIPT: RedisScript = defineScript(`
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
local moved = 0
-- From the latest to the earliest: each goes in front of the one before, so the earliest is served first.
for i = #due, 1, -1 do
  local member = due[i]
  local start, length = string.match(member, '^[^:]*():(%d+):')
  redis.call('ZREM', KEYS[1], member)
  if start then
    local from = start + #length + 2
    local list = string.sub(member, from, from + tonumber(length) - 1)
    local pushed = redis.pcall('RPUSH', list, string.sub(member, from + tonumber(length) + 1))
    if type(pushed) == 'table' and pushed.err then
      redis.call('ZADD', KEYS[1], now + 60000, member)
    else
      moved = moved + 1
    end
  end
end
return {moved, #due}
`);
