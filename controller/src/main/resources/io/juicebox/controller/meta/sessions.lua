-- The sessions that have not expired, by the server's own clock.
-- ARGV: number
redis.call('SELECT', ARGV[1])
local found = redis.call('ZRANGEBYSCORE', 'allSessions', '(' .. redis.call('TIME')[1], '+inf', 'WITHSCORES')
local live = {}
for i = 1, #found, 2 do
  live[#live + 1] = { found[i], found[i + 1], redis.call('HGET', 'sessionInfos', found[i]) or '{}' }
end
return live
