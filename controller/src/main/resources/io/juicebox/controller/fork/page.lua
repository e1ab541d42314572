-- One page of all keys, with their values. ARGV: + cursor, how many keys, parts of a value at most, elements at most
-- -> {'ok', micros, elements, next cursor, key, value, ...}
local page = redis.call('SCAN', ARGV[2], 'COUNT', ARGV[3])
local answer = {0, 0, 0, page[1]}
for _, key in ipairs(page[2]) do
  answer[#answer + 1] = key
  answer[#answer + 1] = value(key, tonumber(ARGV[4]), tonumber(ARGV[5]))
end
return finish(answer)
