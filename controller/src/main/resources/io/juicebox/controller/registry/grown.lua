-- A volume's filesystem has the capacity of its record. ARGV: id, token -> 1, or 0 if the claim was lost
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
redis.call('ZREM', 'growing', ARGV[1])
return 1
