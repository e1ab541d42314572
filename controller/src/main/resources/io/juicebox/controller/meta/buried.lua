-- Drops the counters of slices whose blocks are gone, those that are negative still. ARGV: + field, ...
-- -> {'ok', field that was dropped, ...}
local answer = {'ok'}
for i = 3, #ARGV do
  local count = redis.call('HGET', 'sliceRef', ARGV[i])
  if count and count:sub(1, 1) == '-' then
    redis.call('HDEL', 'sliceRef', ARGV[i])
    answer[#answer + 1] = ARGV[i]
  end
end
return answer
