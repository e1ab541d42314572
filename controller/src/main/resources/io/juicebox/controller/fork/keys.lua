-- The values of some keys. ARGV: + parts of a value at most, elements at most, key, ...
-- -> {'ok', micros, elements, key, value, ...}
local answer = {0, 0, 0}
for i = 4, #ARGV do
  answer[#answer + 1] = ARGV[i]
  answer[#answer + 1] = value(ARGV[i], tonumber(ARGV[2]), tonumber(ARGV[3]))
end
return finish(answer)
