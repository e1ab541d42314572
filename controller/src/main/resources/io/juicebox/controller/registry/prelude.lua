-- What every transition shares. This text stands before each of the other scripts.
--
-- Keys of the registry (Redis number 1, which holds nothing else):
--   volume:<id>   hash    one record
--   names         hash    CSI name -> id, of volumes that are being created or ready
--   ready         zset    ids of ready volumes, all of score 0: their order is the order of the listing
--   creating      zset    ids of unfinished intents, by the time of the last CreateVolume (ms)
--   deleting      zset    ids of tombstones, by the time from which a sweep may take them (ms)
--   growing       zset    ids of ready volumes whose filesystem may lack their capacity, by the time as above (ms)
--   rotations     zset    ids of ready volumes that have credentials besides their present ones, by the time from which these may go (ms)
--   free, rest    zset    numbers below `next` that nobody has: allocable, or not before a time (ms)
--   next          string  the lowest number that was never allocated
--   foreign       set     resting numbers whose database was found to hold keys that are not ours
--   blanks        zset    ids of volumes to come whose accounts are made before, by the time until which they are kept (ms)
--   torn          set     ids that were in blanks and that nobody keeps: their accounts have to go
--   lineages      zset    names of lineages that were ever copied from, all of score 0; those of volumes that nobody copied are not here
--   lineage:<name>    hash  one of these: copied (how many volumes were begun as copies); of its sweep swept, sweptTo, began,
--                           wanted (ms); bytes of its blocks as of the last sweep: shared, private, reclaimable, each + SoFar for one under way
--   relatives:<name>  set   keys of the records of all volumes and snapshots that may refer to its blocks
--   copies:<name>     hash  key of the record of a copy that is being made -> that of its source
--   snapshot:<id>         hash    one record
--   snapshotNames         hash    CSI name -> id, of snapshots that are being created or ready
--   snapshots             zset    ids of ready snapshots, all of score 0
--   snapshotsOf:<volume>  zset    those of one volume, whether or not it is still there
--   snapshotsCreating, snapshotsDeleting  zset  as creating and deleting for volumes
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

-- A record is about to be made of what another one refers to, both by their keys: until end_copy the source can't be deleted. Both
-- are relatives from now on. Where the source is a volume, nobody knows yet what the copy refers to: no block of the lineage goes
-- until it is made. A snapshot is what it is, and a relative itself.
local function begin_copy(copy, source)
  local lineage = redis.call('HGET', source, 'lineage')
  redis.call('ZADD', 'lineages', 0, lineage)
  redis.call('HSETNX', 'lineage:' .. lineage, 'copied', 0)
  redis.call('SADD', 'relatives:' .. lineage, source, copy)
  redis.call('HSET', 'copies:' .. lineage, copy, source)
end

-- Whether the id of a slice comes after another one, or there was none (''): ids may be beyond what a Lua number holds.
local function is_later(id, known)
  return #id > #known or (#id == #known and id > known)
end

-- A copy is made or will never be. Slices of a source volume below `next_slice` are not its own any more.
local function end_copy(copy)
  local of = redis.call('HMGET', copy, 'lineage', 'nextSlice')
  local copies = 'copies:' .. (of[1] or '')
  local source = redis.call('HGET', copies, copy)
  if not source then
    return
  end
  redis.call('HDEL', copies, copy)
  local known = redis.call('HGET', source, 'private') or ''
  if of[2] and source:find('^volume:') and is_later(of[2], known) then
    redis.call('HSET', source, 'private', of[2])
  end
end

-- Whether a copy of a volume is being made in a lineage.
local function is_copied_from(lineage)
  for _, source in ipairs(redis.call('HVALS', 'copies:' .. lineage)) do
    if source:find('^volume:') then
      return true
    end
  end
  return false
end

-- Whether a copy is being made of a record.
local function is_copied(key)
  for _, source in ipairs(redis.call('HVALS', 'copies:' .. (redis.call('HGET', key, 'lineage') or ''))) do
    if source == key then
      return true
    end
  end
  return false
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
