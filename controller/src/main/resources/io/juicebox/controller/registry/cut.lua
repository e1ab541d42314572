-- What a copy refers to was read: ids of slices from the next one on are not in it. ARGV: id, token, key of the copy's record, next slice
-- -> 1, or 0 if the claim was lost
local key = ARGV[3]
if not holds(ARGV[1], ARGV[2]) or redis.call('HGET', key, 'state') ~= 'CREATING' then
  return 0
end
local known = redis.call('HGET', key, 'nextSlice') or ''
if is_later(ARGV[4], known) then
  redis.call('HSET', key, 'nextSlice', ARGV[4])
end
redis.call('HSET', key, 'created', text(now()))
return 1
