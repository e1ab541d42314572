-- What a sweep has to finish. ARGV: how old an intent must be (ms), how many of each -> {ids of intents, ids of tombstones}
return {
  redis.call('ZRANGEBYSCORE', 'creating', '-inf', text(now() - tonumber(ARGV[1])), 'LIMIT', 0, ARGV[2]),
  redis.call('ZRANGEBYSCORE', 'deleting', '-inf', text(now()), 'LIMIT', 0, ARGV[2]),
}
