-- CREATING or READY -> DELETING: the tombstone of a snapshot. The name is free, the claim goes on.
-- ARGV: id, token -> ok | lost (the claim) | copied (just now)
local id = ARGV[1]
local key = 'snapshot:' .. id
local known = redis.call('HMGET', key, 'state', 'name', 'source')
if not holds(id, ARGV[2]) or not known[1] then
  return 'lost'
end
if known[1] ~= 'DELETING' then
  if is_copied(key) then
    return 'copied'
  end
  end_copy(key)
  redis.call('HDEL', 'snapshotNames', known[2])
  redis.call('HSET', key, 'state', 'DELETING')
  redis.call('ZREM', 'snapshots', id)
  redis.call('ZREM', 'snapshotsOf:' .. known[3]:sub(#'volume:' + 1), id)
  redis.call('ZREM', 'snapshotsCreating', id)
  redis.call('ZADD', 'snapshotsDeleting', text(now()), id)
end
return 'ok'
