-- The end of a record whose objects and keys are gone: its number rests. ARGV: id, token, rest ms -> 1, or 0 if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) then
  return 0
end
local record = redis.call('HMGET', record_key(id), 'name', 'number', 'capacity')
redis.call('ZREM', 'ready', id)
redis.call('ZREM', 'creating', id)
redis.call('ZREM', 'deleting', id)
redis.call('ZREM', 'growing', id)
redis.call('ZREM', 'rotations', id)
if record[1] and redis.call('HGET', 'names', record[1]) == id then
  redis.call('HDEL', 'names', record[1])
end
if record[2] then
  redis.call('ZADD', 'rest', text(now() + tonumber(ARGV[3])), record[2])
  redis.call('DECRBY', 'capacity', record[3])
end
redis.call('DEL', record_key(id), 'claim:' .. id)
return 1
