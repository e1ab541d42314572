-- A record that is being removed refers to no block any more. ARGV: id, token, its key
-- -> last (and the blocks may go) | others (are there, and a sweep finds what only this one needed) | lost (the claim)
local key = ARGV[3]
local known = redis.call('HMGET', key, 'state', 'lineage', 'left')
if not holds(ARGV[1], ARGV[2]) or known[1] ~= 'DELETING' then
  return 'lost'
end
if known[3] then
  return known[3]
end
local lineage = known[2]
if redis.call('EXISTS', 'lineage:' .. lineage) == 0 then
  return 'last'
end
redis.call('SREM', 'relatives:' .. lineage, key)
if redis.call('SCARD', 'relatives:' .. lineage) > 0 then
  redis.call('HSET', 'lineage:' .. lineage, 'wanted', text(now()))
  redis.call('HSET', key, 'left', 'others')
  return 'others'
end
redis.call('DEL', 'lineage:' .. lineage, 'copies:' .. lineage)
redis.call('ZREM', 'lineages', lineage)
redis.call('HSET', key, 'left', 'last')
return 'last'
