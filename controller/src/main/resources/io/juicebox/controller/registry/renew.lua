-- ARGV: key, token, lease ms -> 1, or 0 if the claim was lost
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
return redis.call('PEXPIRE', 'claim:' .. ARGV[1], ARGV[3])
