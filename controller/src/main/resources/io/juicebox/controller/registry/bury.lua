-- CREATING or READY -> DELETING: the tombstone. The name is free for another volume, the claim goes on.
-- ARGV: id, token -> ok | lost (the claim) | copied (just now)
local id = ARGV[1]
local state = state_of(id)
if not holds(id, ARGV[2]) or not state then
  return 'lost'
end
if state ~= 'DELETING' then
  if is_copied(record_key(id)) then
    return 'copied'
  end
  end_copy(record_key(id))
  redis.call('HDEL', 'names', redis.call('HGET', record_key(id), 'name'))
  redis.call('HSET', record_key(id), 'state', 'DELETING')
  redis.call('ZREM', 'ready', id)
  redis.call('ZREM', 'creating', id)
  redis.call('ZREM', 'growing', id)
  redis.call('ZREM', 'rotations', id)
  redis.call('ZADD', 'deleting', text(now()), id)
end
return 'ok'
