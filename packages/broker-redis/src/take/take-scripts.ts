import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Removes the next message for good, if it is the one that was looked at and nothing has to be served before it. In the
 * same step the mark says so: should the answer get lost, the mark tells whether the message is out.
 *
 * KEYS: mark, list, then the lists that are served before it. ARGV: the message, number of the take, seconds to keep the
 * mark. Returns how many messages are left in the list, or -1 when nothing was taken.
 */
export const TAKE_SCRIPT: RedisScript = defineScript(`
local mark, number = tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[2])
-- A take that was on its way for so long that its owner has asked about it must not happen any more...
if mark > number then return -1 end
-- ...and one that a client sends again after a lost connection must happen once.
if mark < number then
  if redis.call('LINDEX', KEYS[2], -1) ~= ARGV[1] then return -1 end
  if #KEYS > 2 and redis.call('EXISTS', unpack(KEYS, 3)) > 0 then return -1 end
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
  redis.call('RPOP', KEYS[2])
end
return redis.call('LLEN', KEYS[2])
`);

/**
 * Ends a take whose answer was lost: a message that is out goes back in front of its list, and a take that has not
 * arrived yet will be refused. Asking again changes nothing.
 *
 * KEYS: mark, list. ARGV: the message flagged as redelivered, number of the take, seconds to keep the mark.
 * Returns 1 when the message was out.
 */
export const UNDO_SCRIPT: RedisScript = defineScript(`
local taken = redis.call('GET', KEYS[1]) == ARGV[2]
if taken then redis.call('RPUSH', KEYS[2], ARGV[1]) end
redis.call('SET', KEYS[1], string.format('%d', ARGV[2] + 1), 'EX', ARGV[3])
return taken and 1 or 0
`);

/**
 * Puts a taken message back; asking again, because the answer was lost, changes nothing.
 * KEYS: what remembers that it is back, list. ARGV: LPUSH or RPUSH, the message, seconds to remember.
 */
export const PUT_BACK_SCRIPT: RedisScript = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call(ARGV[1], KEYS[2], ARGV[2])
redis.call('SET', KEYS[1], '1', 'EX', ARGV[3])
return 1
`);
