-- A claim on one volume. ARGV: id, lease ms -> {absent} | {held} | {claimed, token, record}
if redis.call('EXISTS', record_key(ARGV[1])) == 0 then
  return {'absent'}
end
local token = claim(ARGV[1], ARGV[2])
if not token then
  return {'held'}
end
return {'claimed', token, redis.call('HGETALL', record_key(ARGV[1]))}
