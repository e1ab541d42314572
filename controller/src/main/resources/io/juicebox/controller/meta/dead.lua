-- One page of the counters of slices: those that are negative. ARGV: + cursor, how many to look at
-- -> {'ok', next cursor, field, ...}
local page = redis.call('HSCAN', 'sliceRef', ARGV[3], 'COUNT', ARGV[4])
local answer = {'ok', page[1]}
for i = 1, #page[2], 2 do
  if page[2][i + 1]:sub(1, 1) == '-' then
    answer[#answer + 1] = page[2][i]
  end
end
return answer
