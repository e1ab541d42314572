-- What every transition shares. This text stands before each of the other scripts.
--
-- Keys of the registry (Redis number 1, which holds nothing else):
--   volume:<id>   hash    one record
--   names         hash    CSI name -> id, of volumes that are being created or ready
--   ready         zset    ids of ready volumes, all of score 0: their order is the order of the listing
--   creating      zset    ids of unfinished intents, by the time of the last CreateVolume (ms)
--   deleting      zset    ids of tombstones, by the time from which a sweep may take them (ms)
--   growing       zset    ids of ready volumes whose filesystem may lack their capacity, by the time as above (ms)
--   free, rest    zset    numbers below `next` that nobody has: allocable, or not before a time (ms)
--   next          string  the lowest number that was never allocated
--   foreign       set     resting numbers whose database was found to hold keys that are not ours
--   blanks        zset    ids of volumes to come whose accounts are made before, by the time until which they are kept (ms)
--   torn          set     ids that were in blanks and that nobody keeps: their accounts have to go
--   capacity      string  sum of the capacities of all records, bytes
--   fence         string  the last fencing token
--   claim:<key>   string  the token of whoever holds the key now; expires with the lease
--
-- Every script costs O(log n) per record it touches. Time is the server's: replicas of the controller need no common clock.
-- What a script writes is replicated by its effects, so TIME and DBSIZE may decide.

redis.call('SELECT', 1)

local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function text(number)
  return string.format('%.0f', number)
end

local function record_key(id)
  return 'volume:' .. id
end

-- A new token, or nil while somebody holds the key.
-- DEL comes first because it is a write that a full Redis allows, and once a script has written, Redis lets it end:
-- deleting volumes must work when there is no memory left.
local function claim(key, lease)
  if redis.call('EXISTS', 'claim:' .. key) == 1 then
    return nil
  end
  redis.call('DEL', 'claim:' .. key)
  local token = text(redis.call('INCR', 'fence'))
  redis.call('SET', 'claim:' .. key, token, 'PX', lease)
  return token
end

local function holds(key, token)
  return redis.call('GET', 'claim:' .. key) == token
end

local function state_of(id)
  return redis.call('HGET', record_key(id), 'state')
end

-- Whether an id is reserved for a volume to come, and somebody keeps it.
local function is_blank(id)
  return tonumber(redis.call('ZSCORE', 'blanks', id) or '0') > now()
end

-- Whether the sum of all capacities may grow by a number of bytes. The sum itself is changed by INCRBY only:
-- a Lua number is exact up to 2^53. 2^62 is where no pool is set.
local function has_room(bytes, pool)
  local sum = tonumber(redis.call('GET', 'capacity') or '0') + bytes
  return sum <= (pool == '' and 2 ^ 62 or tonumber(pool))
end
