-- The intent of one CreateVolume, or what is already there under its name.
-- ARGV: name, request, id, capacity, lease ms, databases (0: as many as the server has), rest ms, pool bytes ('' for none),
--       refusal ('' or the outcome for a name that is new), 'blank' where the id is a reserved one, key of the record that it is
--       to be a copy of ('' for none), then field, value, ... of the record.
-- -> {outcome, ...}: other id | ready record | held id | claimed token record | begun token record foreign-numbers
--                    | blank (no more reserved) | source (there is none) | pool | numbers | again foreign-numbers | <refusal>
local name, request, id, capacity, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local databases, rest, pool, refusal = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8], ARGV[9]
local source = ARGV[11]
local FIRST, MOST_TRIES = 2, 64

local existing = redis.call('HGET', 'names', name)
if existing then
  local known = redis.call('HMGET', record_key(existing), 'request', 'state')
  if known[1] ~= request then
    return {'other', existing}
  end
  if known[2] == 'READY' then
    return {'ready', redis.call('HGETALL', record_key(existing))}
  end
  local token = claim(existing, lease)
  if not token then
    return {'held', existing}
  end
  redis.call('ZADD', 'creating', text(now()), existing)
  return {'claimed', token, redis.call('HGETALL', record_key(existing))}
end

if refusal ~= '' then
  return {refusal}
end
if ARGV[10] == 'blank' and not is_blank(id) then
  return {'blank'}
end
if source ~= '' and redis.call('HGET', source, 'state') ~= 'READY' then
  return {'source'}
end

local at = now()
local foreign = {}

-- Whether the selected database holds nothing but a few keys of JuiceFS (pkg/meta/redis.go), and no filesystem: what a
-- client of the number's last volume wrote late. Somebody else's keys are never removed.
local NAMES = { allSessions = true, sessionInfos = true, usedSpace = true, totalInodes = true, sliceRef = true, delfiles = true,
  dirDataLength = true, dirUsedSpace = true, dirUsedInodes = true }
local function is_remainder()
  if redis.call('EXISTS', 'setting') == 1 or redis.call('DBSIZE') > 10000 then
    return false
  end
  for _, key in ipairs(redis.call('KEYS', '*')) do
    local known = NAMES[key] or key:match('^[icdpsx]%d') or key:match('^session%d') or key:match('^lock[fp]%d')
      or key:match('^locked%d') or key:match('^next%a+$') or key:match('^lastCleanup')
    if not known then
      return false
    end
  end
  return true
end

-- Whether a number's database is empty, nil where the server has no such database. What is left over in a number that was
-- ours goes.
local function is_empty(number, ours)
  local selected = redis.pcall('SELECT', number)
  if selected.err then
    return nil
  end
  local empty = redis.call('DBSIZE') == 0
  if not empty and ours and is_remainder() then
    empty = not redis.pcall('FLUSHDB', 'ASYNC').err
  end
  redis.call('SELECT', 1)
  return empty
end

-- The lowest number that is free, rested and has an empty database; 'numbers' where none is left, 'again' after many full ones.
local function allocate()
  for _, rested in ipairs(redis.call('ZRANGEBYSCORE', 'rest', '-inf', text(at), 'LIMIT', 0, MOST_TRIES)) do
    redis.call('ZREM', 'rest', rested)
    redis.call('ZADD', 'free', rested, rested)
  end
  for _ = 1, MOST_TRIES do
    local lowest = redis.call('ZRANGE', 'free', 0, 0)[1]
    local number = tonumber(lowest or redis.call('GET', 'next') or FIRST)
    if databases > 0 and number >= databases then
      return nil, 'numbers'
    end
    local ours = lowest and redis.call('SISMEMBER', 'foreign', lowest) == 0
    local empty = is_empty(text(number), ours)
    if empty == nil then
      return nil, 'numbers'
    end
    if lowest then
      redis.call('ZREM', 'free', lowest)
    else
      redis.call('SET', 'next', text(number + 1))
    end
    if empty then
      redis.call('SREM', 'foreign', text(number))
      return text(number)
    end
    redis.call('ZADD', 'rest', text(at + rest), text(number))
    if redis.call('SADD', 'foreign', text(number)) == 1 then
      foreign[#foreign + 1] = text(number)
    end
  end
  return nil, 'again'
end

if not has_room(tonumber(capacity), pool) then
  return {'pool'}
end
local number, failure = allocate()
if not number then
  return {failure, foreign}
end
redis.call('INCRBY', 'capacity', capacity)

redis.call('HSET', record_key(id), 'id', id, 'name', name, 'request', request, 'capacity', capacity,
  'number', number, 'state', 'CREATING', unpack(ARGV, 12))
if source ~= '' then
  begin_copy(record_key(id), source)
  local copied = redis.call('HINCRBY', 'lineage:' .. redis.call('HGET', source, 'lineage'), 'copied', 1)
  redis.call('HSET', record_key(id), 'source', source, 'member', text(copied + 1))
end
redis.call('ZREM', 'blanks', id)
redis.call('HSET', 'names', name, id)
redis.call('ZADD', 'creating', text(at), id)
return {'begun', claim(id, lease), redis.call('HGETALL', record_key(id)), foreign}
