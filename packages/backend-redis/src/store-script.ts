import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/**
 * Stores results and announces them, each with the identical text, unless SUCCESS is stored already. PROTOCOL 7.4.
 * What is compressed says in its first line whether it is SUCCESS: core's `protocol/result-compression.ts`.
 * KEYS: one per result; the channel has the same name. ARGV: seconds to keep (0: for ever), then one text per key.
 * Returns how many were stored.
 */
export const STORE_SCRIPT: RedisScript = defineScript(`
local expiry = ARGV[1]

local function succeeded(text)
  if string.find(text, '^~celeriac;') then return string.find(text, '^~celeriac;[^;]*;SUCCESS\\n') ~= nil end
  if string.find(text, '^%s*{%s*"status"%s*:%s*"SUCCESS"') then return true end
  if not string.find(text, 'SUCCESS', 1, true) then return false end
  local readable, meta = pcall(cjson.decode, text)
  return readable and type(meta) == 'table' and meta['status'] == 'SUCCESS'
end

local stored = 0
for i, key in ipairs(KEYS) do
  local current = redis.pcall('GET', key)
  if type(current) ~= 'string' or not succeeded(current) then
    local text = ARGV[i + 1]
    if expiry == '0' then
      redis.call('SET', key, text)
    else
      redis.call('SETEX', key, expiry, text)
    end
    redis.call('PUBLISH', key, text)
    stored = stored + 1
  end
end
return stored
`);
