-- What a sweep has to finish. ARGV: how old an intent must be (ms), how many of each
-- -> {ids of intents, ids of tombstones, ids of volumes that grow}
local function due(key, before)
  return redis.call('ZRANGEBYSCORE', key, '-inf', text(before), 'LIMIT', 0, ARGV[2])
end
return {due('creating', now() - tonumber(ARGV[1])), due('deleting', now()), due('growing', now())}
