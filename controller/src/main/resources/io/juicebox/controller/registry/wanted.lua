-- A lineage has blocks that maybe nobody needs. ARGV: its name -> 1, or 0 where it was never copied from
local key = 'lineage:' .. ARGV[1]
if redis.call('EXISTS', key) == 0 then
  return 0
end
redis.call('HDEL', key, 'wanted') -- first, as in claim()
redis.call('HSET', key, 'wanted', text(now()))
return 1
