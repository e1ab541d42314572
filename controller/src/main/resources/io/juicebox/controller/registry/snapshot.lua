-- The intent of one CreateSnapshot, or what is already there under its name. ARGV: name, source volume, id, lease ms,
--   then field, value, ... of the record, none where the source was not found
-- -> {outcome, ...}: other id | ready record | held id | claimed token record | source (there is none)
local name, source, id, lease = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local existing = redis.call('HGET', 'snapshotNames', name)
if existing then
  local key = 'snapshot:' .. existing
  local known = redis.call('HMGET', key, 'source', 'state')
  if known[1] ~= record_key(source) then
    return {'other', existing}
  end
  if known[2] == 'READY' then
    return {'ready', redis.call('HGETALL', key)}
  end
  local token = claim(existing, lease)
  if not token then
    return {'held', existing}
  end
  redis.call('ZADD', 'snapshotsCreating', text(now()), existing)
  return {'claimed', token, redis.call('HGETALL', key)}
end
if state_of(source) ~= 'READY' or not ARGV[5] then
  return {'source'}
end
local key = 'snapshot:' .. id
local of = redis.call('HMGET', record_key(source), 'lineage', 'bucket', 'bucketMode', 'capacity')
redis.call('HSET', key, 'id', id, 'name', name, 'source', record_key(source), 'state', 'CREATING', 'lineage', of[1], 'bucket', of[2],
  'bucketMode', of[3], 'capacity', of[4], unpack(ARGV, 5))
begin_copy(key, record_key(source))
redis.call('HSET', 'snapshotNames', name, id)
redis.call('ZADD', 'snapshotsCreating', text(now()), id)
return {'claimed', claim(id, lease), redis.call('HGETALL', key)}
