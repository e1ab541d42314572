-- How far the blocks of a ready volume have been compared with its metadata. ARGV: id, where to go on, or '' when it is done
-- -> 1, or 0 where there is no such volume
local record = record_key(ARGV[1])
if state_of(ARGV[1]) ~= 'READY' then
  return 0
end
redis.call('HDEL', record, 'sweptTo')
if ARGV[2] == '' then
  redis.call('HSET', record, 'swept', text(now()))
else
  redis.call('HSET', record, 'sweptTo', ARGV[2])
end
return 1
