-- Snapshots that a sweep has to finish. ARGV: how old an intent must be (ms), how many of each -> {ids of intents, ids of tombstones}
local function due(key, before)
  return redis.call('ZRANGEBYSCORE', key, '-inf', text(before), 'LIMIT', 0, ARGV[2])
end
return {due('snapshotsCreating', now() - tonumber(ARGV[1])), due('snapshotsDeleting', now())}
