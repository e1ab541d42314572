-- The end of a snapshot's record, whose object is gone. ARGV: id, token -> 1, or 0 if the claim was lost
local id = ARGV[1]
if not holds(id, ARGV[2]) then
  return 0
end
redis.call('ZREM', 'snapshotsDeleting', id)
redis.call('DEL', 'snapshot:' .. id, 'claim:' .. id)
return 1
