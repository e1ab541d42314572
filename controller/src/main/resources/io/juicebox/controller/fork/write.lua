-- Writes the next part of a filesystem into a number that is being filled, in which the part before is the last one: a server that
-- came back without it takes no more.
-- ARGV: mark of the part before, mark of this one, then for each value: command, key, number of arguments, arguments ...
-- -> 1, or 0 where that is not so, or somebody else fills it now
if redis.call('GET', 'fork') ~= ARGV[1] then
  return 0
end
redis.call('SET', 'fork', ARGV[2])
local i = 3
while i <= #ARGV do
  local count = tonumber(ARGV[i + 2])
  if count == 0 then
    redis.call(ARGV[i], ARGV[i + 1])
  else
    redis.call(ARGV[i], ARGV[i + 1], unpack(ARGV, i + 3, i + 2 + count))
  end
  i = i + 3 + count
end
return 1
