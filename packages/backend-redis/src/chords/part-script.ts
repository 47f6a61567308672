/**
 * Records completions and decides who finishes each chord, in one step. PROTOCOL 7.5, RELIABILITY G11.
 *
 * Keys, each the group's key with a suffix. Celery's: `.j` completions, `.s` size, `.t` additional members. Ours: `.d` how
 * far the chord is, `.x` ids of additional members that were counted, `.r` (lists only) ids in `.j`.
 * `.d`: `open` once one of ours was recorded; `claim:<task id>` of the finisher, or `failed:<task id>` when a member has
 * failed; `done` once closed. A claim takes `.s` away, so that no Python peer finishes the chord too: it needs the size.
 * @module
 */
import type { RedisScript } from "@celeriac/redis-connection";
import { defineScript } from "@celeriac/redis-connection";

/** Celery's default. Members of one score are sorted by text, so one that begins with an id is found by bisection. */
const SORTED = `
local function precedes(text, prefix) -- by bytes, as the server sorts; < would ask its locale
  for i = 1, #prefix do
    local a, b = string.byte(text, i), string.byte(prefix, i)
    if a ~= b then return a == nil or a < b end
  end
  return false
end

local function has_at(base, score, id)
  local key = base .. '.j'
  local count = redis.call('ZCOUNT', key, score, score)
  if count == 0 then return false end
  local prefix = '[1, ' .. id .. ', '
  local first = redis.call('ZCOUNT', key, '-inf', '(' .. score)
  local last = first + count
  while first < last do
    local middle = math.floor((first + last) / 2)
    local text = redis.call('ZRANGE', key, middle, middle)[1]
    if string.sub(text, 1, #prefix) == prefix then return true end
    if precedes(text, prefix) then first = middle + 1 else last = middle end
  end
  return false
end

local function has(base, score, id)
  return has_at(base, score, id) or (score ~= '+inf' and has_at(base, '+inf', id))
end

local function add(base, score, id, member) redis.call('ZADD', base .. '.j', score, member) end
local function count(base) return redis.call('ZCARD', base .. '.j') end
local function members(base) return redis.call('ZRANGE', base .. '.j', 0, -1) end
local function drop(base, member) redis.call('ZREM', base .. '.j', member) end
`;

/** result_chord_ordered=false. What Python has appended since the last look is indexed first, so each member is read once. */
const LISTED = `
local function indexed(base) redis.call('HSET', base .. '.r', 'length', redis.call('LLEN', base .. '.j')) end

local function has(base, score, id)
  local from = tonumber(redis.call('HGET', base .. '.r', 'length') or 0)
  for _, member in ipairs(redis.call('LRANGE', base .. '.j', from, -1)) do
    redis.call('HSET', base .. '.r', (identify(member)), 1)
  end
  indexed(base)
  return redis.call('HEXISTS', base .. '.r', id) == 1
end

local function add(base, score, id, member)
  redis.call('RPUSH', base .. '.j', member)
  redis.call('HSET', base .. '.r', id, 1)
  indexed(base)
end

local function count(base) return redis.call('LLEN', base .. '.j') end
local function members(base) return redis.call('LRANGE', base .. '.j', 0, -1) end
local function drop(base, member)
  redis.call('LREM', base .. '.j', -1, member)
  indexed(base)
end
`;

/** The JSON text of a member's task id, and its state. What is no member of ours or Python's is its own id. */
const IDENTIFY = `
local function identify(member)
  local id, state = string.match(member, '^%[1, ("[^"\\\\]*"), "(%u+)"')
  if id then return id, state end
  if string.sub(member, 1, 5) ~= '[1, "' then return member, '' end
  local at = 6
  while at <= #member do
    local letter = string.sub(member, at, at)
    if letter == '"' then
      return string.sub(member, 5, at), string.match(member, '^, "(%u+)"', at + 1) or ''
    end
    at = at + (letter == '\\\\' and 2 or 1)
  end
  return member, ''
end
`;

const DECIDE = `
local expiry, tombstone = ARGV[1], ARGV[2]

local function mark(base, value)
  if expiry == '0' then redis.call('SET', base .. '.d', value)
  else redis.call('SET', base .. '.d', value, 'EX', expiry) end
end

local function refresh(base)
  if expiry == '0' then return end
  for _, suffix in ipairs({'.j', '.t', '.s', '.x', '.r'}) do redis.call('EXPIRE', base .. suffix, expiry) end
end

-- One member per task: Python counts a task that returns something else the second time as two.
local function distinct(base)
  local seen, kept, failed = {}, {}, false
  for _, member in ipairs(members(base)) do
    local id, state = identify(member)
    if seen[id] then
      drop(base, member)
    else
      seen[id] = true
      kept[#kept + 1] = member
      failed = failed or state == 'FAILURE' or state == 'REVOKED'
    end
  end
  return kept, failed
end

local function expected(base, size)
  local total = tonumber(redis.call('GET', base .. '.s') or '')
  if not total and size ~= '' then -- lost: Python peers need it as well
    redis.call('SET', base .. '.s', size)
    total = tonumber(size)
  end
  return total and total + (tonumber(redis.call('GET', base .. '.t') or '') or 0)
end

local function record(base, id, score, size, member)
  local claimant = string.sub(id, 2, -2)
  local state = redis.call('GET', base .. '.d')
  if state and state ~= 'open' then
    refresh(base)
    if state ~= 'claim:' .. claimant and state ~= 'failed:' .. claimant then return 2 end
    local kept = distinct(base)
    if #kept == 0 then return 2 end -- lost: nothing is left to finish
    mark(base, state)
    return kept
  end
  if state and redis.call('EXISTS', base .. '.j') == 0 then -- a Python peer has finished it: Python deletes at the end
    redis.call('UNLINK', base .. '.t', base .. '.s', base .. '.x', base .. '.r')
    redis.call('SET', base .. '.d', 'done', 'EX', tombstone)
    return 2
  end
  if not has(base, score, id) then add(base, score, id, member) end
  local total = expected(base, size)
  if total and count(base) >= total then
    local kept, failed = distinct(base)
    if #kept >= total then
      redis.call('UNLINK', base .. '.s', base .. '.t', base .. '.x')
      mark(base, (failed and 'failed:' or 'claim:') .. claimant)
      refresh(base)
      return kept
    end
  end
  mark(base, 'open')
  refresh(base)
  return 0
end

local replies = {}
for i, base in ipairs(KEYS) do
  local at = 4 * i - 1
  local worked, reply = pcall(record, base, ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3])
  if not worked and type(reply) == 'table' then reply = reply.err end
  replies[i] = worked and reply or tostring(reply)
end
return replies
`;

/**
 * KEYS: the group's key, one per completion. ARGV: seconds to keep (0: for ever) and to remember that a chord is closed;
 * then per completion: task id (JSON text), score, size or nothing, member.
 * Returns per completion: 0 others are missing, 2 closed, a list of members when this task finishes, text for an error.
 */
export const SORTED_PART_SCRIPT: RedisScript = defineScript(IDENTIFY + SORTED + DECIDE);
export const LISTED_PART_SCRIPT: RedisScript = defineScript(IDENTIFY + LISTED + DECIDE);
