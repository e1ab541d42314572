-- The store has the next credentials: they are the volume's, and what it had are its former ones for a while.
-- ARGV: id, token, while ms -> the time until which the former ones work at least (ms), or 0 if the claim was lost or none were made
local id = ARGV[1]
local has = redis.call('HMGET', record_key(id), 'password', 'nextPassword', 'generation')
if not holds(id, ARGV[2]) or state_of(id) ~= 'READY' or not has[2] then
  return 0
end
local at = now()
local ends = at + tonumber(ARGV[3])
redis.call('HSET', record_key(id), 'password', has[2], 'formerPassword', has[1], 'generation', text(tonumber(has[3] or '1') + 1),
  'rotated', text(at), 'formerUntil', text(ends))
redis.call('HDEL', record_key(id), 'nextPassword')
redis.call('ZADD', 'rotations', text(ends), id)
return ends
