-- What a sweep could not finish comes again after a pause that doubles each time, up to eight-fold, so that others have
-- their turn. ARGV: id, token, first pause ms -> 1, or 0 if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) then
  return 0
end
for _, key in ipairs({'deleting', 'growing'}) do
  if redis.call('ZREM', key, id) == 1 then
    local failures = redis.call('HINCRBY', record_key(id), 'failures', 1)
    redis.call('ZADD', key, text(now() + ARGV[3] * 2 ^ math.min(failures - 1, 3)), id)
  end
end
return 1
