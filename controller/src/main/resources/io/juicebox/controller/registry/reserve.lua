-- An id whose account is about to be made, for a volume to come. ARGV: id, lease ms
redis.call('ZADD', 'blanks', text(now() + ARGV[2]), ARGV[1])
return 1
