-- CREATING -> READY; ends the claim. ARGV: id, token, key of its object -> the new record, empty if the claim was lost
local id = ARGV[1]
local key = 'snapshot:' .. id
if not holds(id, ARGV[2]) or redis.call('HGET', key, 'state') ~= 'CREATING' then
  return {}
end
redis.call('HSET', key, 'state', 'READY', 'object', ARGV[3])
end_copy(key)
redis.call('ZREM', 'snapshotsCreating', id)
redis.call('ZADD', 'snapshots', 0, id)
redis.call('ZADD', 'snapshotsOf:' .. redis.call('HGET', key, 'source'):sub(#'volume:' + 1), 0, id)
redis.call('DEL', 'claim:' .. id)
return redis.call('HGETALL', key)
