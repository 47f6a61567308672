/** Pops up to n and records them as unacked in one step; tags are a prefix and a counter. */
export const CLAIM = `
local popped = redis.call('RPOP', KEYS[1], ARGV[1])
if not popped then return {} end
local now = redis.call('TIME')[1]
for i, message in ipairs(popped) do
  local tag = ARGV[2] .. i
  redis.call('ZADD', KEYS[3], now, tag)
  redis.call('HSET', KEYS[2], tag, '[' .. message .. ',"","' .. KEYS[1] .. '"]')
end
return popped`;
