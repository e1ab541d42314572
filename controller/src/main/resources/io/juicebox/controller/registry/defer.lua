-- A tombstone whose remains could not be removed: it comes again after a pause that doubles each time, up to eight-fold,
-- so that others have their turn. ARGV: id, token, first pause ms -> 1, or 0 if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) or redis.call('ZREM', 'deleting', id) == 0 then
  return 0
end
local failures = redis.call('HINCRBY', record_key(id), 'failures', 1)
redis.call('ZADD', 'deleting', text(now() + ARGV[3] * 2 ^ math.min(failures - 1, 3)), id)
return 1
