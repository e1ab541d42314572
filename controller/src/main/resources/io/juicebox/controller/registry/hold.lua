-- Keeps reserved ids for another lease. ARGV: lease ms, id, ... -> the ids that are reserved no more
local at = now()
local lost = {}
for i = 2, #ARGV do
  if is_blank(ARGV[i]) then
    redis.call('ZADD', 'blanks', text(at + ARGV[1]), ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
