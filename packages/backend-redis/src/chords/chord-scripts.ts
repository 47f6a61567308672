import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/** Whether somebody finishes the chord, or has: then its counters stay away. The keys are in `part-script.ts`. */
const IS_TAKEN = `
local base = KEYS[1]
local function is_taken()
  local state = redis.call('GET', base .. '.d')
  return state and (state ~= 'open' or redis.call('EXISTS', base .. '.j') == 0)
end
`;

/** KEYS: the group's key. ARGV: seconds to keep (0: for ever), size. Written and announced as Celery does. */
export const SIZE_SCRIPT: RedisScript = defineScript(`${IS_TAKEN}
if is_taken() then return 0 end
local key = base .. '.s'
if ARGV[1] == '0' then redis.call('SET', key, ARGV[2]) else redis.call('SETEX', key, ARGV[1], ARGV[2]) end
redis.call('PUBLISH', key, ARGV[2])
return 1
`);

/** KEYS: the group's key. ARGV: seconds to keep (0: for ever), id of the additional member. Returns whether it is new. */
export const EXTEND_SCRIPT: RedisScript = defineScript(`${IS_TAKEN}
if is_taken() then return 0 end
local added = redis.call('SADD', base .. '.x', ARGV[2])
if added == 1 then redis.call('INCR', base .. '.t') end
if ARGV[1] ~= '0' then
  redis.call('EXPIRE', base .. '.x', ARGV[1])
  redis.call('EXPIRE', base .. '.t', ARGV[1])
end
return added
`);

/**
 * KEYS: the group's key. ARGV: seconds to remember that the chord is closed. Completions of a failed header stay as long:
 * Celery leaves them for whoever asks what the others returned.
 */
export const CLOSE_SCRIPT: RedisScript = defineScript(`
local base, expiry = KEYS[1], ARGV[1]
local state = redis.call('GET', base .. '.d')
if state and string.sub(state, 1, 7) == 'failed:' then
  redis.call('EXPIRE', base .. '.j', expiry)
elseif state ~= 'done' then
  redis.call('UNLINK', base .. '.j')
end
redis.call('UNLINK', base .. '.t', base .. '.s', base .. '.x', base .. '.r')
redis.call('SET', base .. '.d', 'done', 'EX', expiry)
return 1
`);
