-- ARGV: key, token -> 1, or 0 if the claim was lost before
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
return redis.call('DEL', 'claim:' .. ARGV[1])
