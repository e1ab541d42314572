-- CREATING or READY -> DELETING: the tombstone. The name is free for another volume, the claim goes on.
-- ARGV: id, token -> 1, or 0 if the claim was lost
local id = ARGV[1]
local state = state_of(id)
if not holds(id, ARGV[2]) or not state then
  return 0
end
if state ~= 'DELETING' then
  redis.call('HDEL', 'names', redis.call('HGET', record_key(id), 'name'))
  redis.call('HSET', record_key(id), 'state', 'DELETING')
  redis.call('ZREM', 'ready', id)
  redis.call('ZREM', 'creating', id)
  redis.call('ZREM', 'growing', id)
  redis.call('ZADD', 'deleting', text(now()), id)
end
return 1
