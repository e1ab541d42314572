-- Begins to fill a number that has no key at all: from now on it takes only what follows this mark.
-- ARGV: the number, key of the claim on its volume, the claim's token, mark
-- -> 1, or 0 where there is something, or the claim was lost
if not is_claimed(ARGV[1], ARGV[2], ARGV[3]) then
  return 0
end
if redis.call('DBSIZE') > 0 then
  return 0
end
redis.call('SET', 'fork', ARGV[4])
return 1
