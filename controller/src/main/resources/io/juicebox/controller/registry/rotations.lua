-- Ready volumes whose rotation has something to do now. ARGV: how many at most -> {id, ...}
return redis.call('ZRANGEBYSCORE', 'rotations', '-inf', text(now()), 'LIMIT', 0, ARGV[1])
