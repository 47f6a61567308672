import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Renews leases: the score of a held message becomes now, by the server's clock (RELIABILITY G23). XX: what was settled
 * or given to another worker meanwhile is not brought back.
 * KEYS: unacked_index. ARGV: tags. Returns how many were there.
 */
export const RENEW_SCRIPT: RedisScript = defineScript(`
local now = redis.call('TIME')
local score = now[1] .. '.' .. string.format('%06d', now[2])
local pairs = {}
for i, tag in ipairs(ARGV) do
  pairs[2 * i - 1], pairs[2 * i] = score, tag
end
return redis.call('ZADD', KEYS[1], 'XX', 'GT', 'CH', unpack(pairs))
`);
