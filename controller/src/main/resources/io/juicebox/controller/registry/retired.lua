-- Credentials that nothing accepts any more are forgotten. ARGV: id, token, 'former' or 'next' -> 1, or 0 if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) or state_of(id) ~= 'READY' then
  return 0
end
if ARGV[3] == 'former' then
  redis.call('HDEL', record_key(id), 'formerPassword', 'rotated', 'formerUntil', 'formerEnds', 'formerUnused')
else
  redis.call('HDEL', record_key(id), 'nextPassword')
end
redis.call('ZREM', 'rotations', id)
return 1
