import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Publishes a message unless one was published under the same mark. A list of a wrong type is found before anything is
 * written, so that a message that is refused leaves its mark free.
 * KEYS: the mark, then one list per queue. ARGV: seconds the mark is kept, message, channel or nothing, then pairs of a
 * set of bindings and a member.
 * Returns whether it was published.
 */
export const ONCE_SCRIPT: RedisScript = defineScript(`
local mark, expiry, message, channel = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
if redis.call('EXISTS', mark) == 1 then return 0 end
for i = 2, #KEYS do
  local kind = redis.call('TYPE', KEYS[i]).ok
  if kind ~= 'none' and kind ~= 'list' then
    return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is no list of messages but a ' .. kind)
  end
end
redis.call('SET', mark, '1', 'EX', expiry)
for i = 4, #ARGV, 2 do redis.pcall('SADD', ARGV[i], ARGV[i + 1]) end
for i = 2, #KEYS do redis.call('LPUSH', KEYS[i], message) end
if channel ~= '' then redis.call('PUBLISH', channel, message) end
return 1
`);
