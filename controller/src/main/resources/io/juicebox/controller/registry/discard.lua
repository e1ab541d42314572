-- The account of an id that was reserved is gone. ARGV: id
return redis.call('SREM', 'torn', ARGV[1])
