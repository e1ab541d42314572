-- New credentials of a ready volume are being made: their user's password. ARGV: id, token, hash
-- -> 1, or 0 if the claim was lost, the volume has no credentials of its own, or its former ones still work
local id = ARGV[1]
local has = redis.call('HMGET', record_key(id), 'password', 'formerPassword', 'generation')
if not holds(id, ARGV[2]) or state_of(id) ~= 'READY' or not has[1] or has[2] then
  return 0
end
redis.call('HSET', record_key(id), 'nextPassword', ARGV[3], 'begun', text(tonumber(has[3] or '1') + 1))
redis.call('ZADD', 'rotations', text(now()), id)
return 1
