-- A ready volume grows; it never shrinks. Its filesystem has yet to: see grown.lua. ARGV: id, token, capacity, pool bytes ('' for none) -> ok | lost | pool
local id, capacity = ARGV[1], ARGV[3]
if not holds(id, ARGV[2]) or state_of(id) ~= 'READY' then
  return 'lost'
end
local old = redis.call('HGET', record_key(id), 'capacity')
if not has_room(tonumber(capacity) - tonumber(old), ARGV[4]) then
  return 'pool'
end
redis.call('DECRBY', 'capacity', old)
redis.call('INCRBY', 'capacity', capacity)
redis.call('HSET', record_key(id), 'capacity', capacity)
redis.call('ZADD', 'growing', text(now()), id)
return 'ok'
