import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Reads what nobody renews any more; drops index entries whose message is gone.
 * KEYS: unacked, unacked_index. ARGV: age in seconds from which a lease is over, how many at most.
 * Returns the number of index entries looked at, then tag and record in turn.
 */
export const EXPIRED_SCRIPT: RedisScript = defineScript(`
local now = redis.call('TIME')
local limit = tonumber(now[1]) + tonumber(now[2]) / 1000000 - tonumber(ARGV[1])
local tags = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', string.format('%.6f', limit), 'LIMIT', 0, ARGV[2])
local found = {#tags}
for _, tag in ipairs(tags) do
  local record = redis.call('HGET', KEYS[1], tag)
  if record then
    found[#found + 1] = tag
    found[#found + 1] = record
  else
    redis.call('ZREM', KEYS[2], tag)
  end
end
return found
`);

/**
 * Reads held messages by tag. KEYS: unacked. ARGV: tags. Returns tag and record in turn, for those that are there.
 */
export const HELD_SCRIPT: RedisScript = defineScript(`
local found = {}
for _, tag in ipairs(ARGV) do
  local record = redis.call('HGET', KEYS[1], tag)
  if record then
    found[#found + 1] = tag
    found[#found + 1] = record
  end
end
return found
`);

/** Releases kombu's lock if it is still ours. KEYS: mutex. ARGV: token. */
export const UNLOCK_SCRIPT: RedisScript = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);
