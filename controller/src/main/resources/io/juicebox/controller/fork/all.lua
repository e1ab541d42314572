-- Every key of a number, of one instant; {'more', micros, elements} where that would be too much for one step.
-- ARGV: + elements at most -> {'ok', micros, elements, {key of a string, ...}, {its value, ...}, key, value, ...}
local GET_AT_ONCE = 4000 -- what Lua's stack takes

local most = tonumber(ARGV[2])
if redis.call('DBSIZE') > most then
  return finish({}, 'more')
end
local answer = {0, 0, 0, {}, {}}
local names, texts = answer[4], answer[5]
for _, key in ipairs(redis.call('KEYS', '*')) do
  local first = letter(key)
  if first == 105 or first == 115 then -- i<inode>, s<inode>
    names[#names + 1] = key
  else
    local found = value(key, most - elements, most)
    if found[1] == 'large' or found[1] == 'later' or elements + #names > most then
      return finish({}, 'more')
    end
    answer[#answer + 1] = key
    answer[#answer + 1] = found
  end
end
for i = 1, #names, GET_AT_ONCE do
  texts[#texts + 1] = redis.call('MGET', unpack(names, i, math.min(i + GET_AT_ONCE - 1, #names)))
end
elements = elements + #names
return finish(answer)
