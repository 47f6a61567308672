import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Keeps a record, and the number of records bounded.
 * KEYS: records, index, counter of dropped ones. ARGV: id, time (epoch ms), record as JSON, how many to keep.
 */
export const ADD_SCRIPT: RedisScript = defineScript(`
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('ZADD', KEYS[2], ARGV[2], ARGV[1])
local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[4])
if excess > 0 then
  local oldest = redis.call('ZRANGE', KEYS[2], 0, math.min(excess, 1000) - 1)
  redis.call('HDEL', KEYS[1], unpack(oldest))
  redis.call('ZREM', KEYS[2], unpack(oldest))
  redis.call('INCRBY', KEYS[3], #oldest)
end
return 1
`);

/** Newest first. KEYS: records, index. ARGV: how many at most. Returns records as JSON. */
export const LIST_SCRIPT: RedisScript = defineScript(`
local records = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[2], 0, tonumber(ARGV[1]) - 1)) do
  local record = redis.call('HGET', KEYS[1], id)
  if record then records[#records + 1] = record end
end
return records
`);

/** KEYS: records, index. ARGV: id. Returns 1 when it was there. */
export const REMOVE_SCRIPT: RedisScript = defineScript(`
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('HDEL', KEYS[1], ARGV[1])
`);
