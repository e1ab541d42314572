-- The sessions that have not expired, by the server's own clock.
-- ARGV: number, how many at most
redis.call('SELECT', ARGV[1])
local found = redis.call('ZRANGEBYSCORE', 'allSessions', '(' .. redis.call('TIME')[1], '+inf', 'LIMIT', 0, ARGV[2])
local live = {}
for _, session in ipairs(found) do
  -- Whoever has the volume's keys may have put anything there, of any size.
  local known = redis.call('HSTRLEN', 'sessionInfos', session) <= 65536
  live[#live + 1] = {session, known and redis.call('HGET', 'sessionInfos', session) or '{}'}
end
return live
