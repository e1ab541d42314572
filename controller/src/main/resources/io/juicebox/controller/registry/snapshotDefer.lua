-- What a sweep could not remove comes again after a pause. ARGV: id, token, pause ms -> 1, or 0 if the claim was lost
if not holds(ARGV[1], ARGV[2]) then
  return 0
end
if redis.call('ZREM', 'snapshotsDeleting', ARGV[1]) == 1 then
  redis.call('ZADD', 'snapshotsDeleting', text(now() + ARGV[3]), ARGV[1])
end
return 1
