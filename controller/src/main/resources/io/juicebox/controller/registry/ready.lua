-- CREATING -> READY; ends the claim. ARGV: id, token, context, hash of the user's password ('' for none) -> the new record, empty if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) or state_of(id) ~= 'CREATING' then
  return {}
end
redis.call('HSET', record_key(id), 'state', 'READY', 'context', ARGV[3])
if ARGV[4] ~= '' then
  redis.call('HSET', record_key(id), 'password', ARGV[4])
end
end_copy(record_key(id))
redis.call('ZREM', 'creating', id)
redis.call('ZADD', 'ready', 0, id)
redis.call('DEL', 'claim:' .. id)
return redis.call('HGETALL', record_key(id))
