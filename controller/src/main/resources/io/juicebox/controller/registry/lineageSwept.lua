-- A part of a lineage's blocks was compared with all metadata. ARGV: name, where the part begins ('' with the first one), where to go on
-- ('' after the last one), 'again' where something was too young to go, bytes of the part that several relatives name, one does, none
-- -> 1, or 0 where there is no such lineage
local key = 'lineage:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then
  return 0
end
local KINDS = {'shared', 'private', 'reclaimable'}
redis.call('HDEL', key, 'sweptTo') -- first, as in claim()
for i, kind in ipairs(KINDS) do
  if ARGV[2] == '' then
    redis.call('HDEL', key, kind .. 'SoFar')
  end
  redis.call('HINCRBY', key, kind .. 'SoFar', ARGV[4 + i])
end
if ARGV[4] == 'again' then
  redis.call('HSET', key, 'wanted', text(now()))
end
if ARGV[3] ~= '' then
  redis.call('HSET', key, 'sweptTo', ARGV[3])
  return 1
end
for _, kind in ipairs(KINDS) do
  redis.call('HSET', key, kind, redis.call('HGET', key, kind .. 'SoFar'))
  redis.call('HDEL', key, kind .. 'SoFar')
end
local known = redis.call('HMGET', key, 'began', 'wanted')
redis.call('HSET', key, 'swept', text(now()))
-- What became wanted in the millisecond in which this sweep began may have come after its first look.
if known[1] and known[2] and tonumber(known[2]) < tonumber(known[1]) then
  redis.call('HDEL', key, 'wanted')
end
return 1
