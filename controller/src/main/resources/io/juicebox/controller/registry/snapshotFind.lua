-- ARGV: id -> the record of a snapshot, empty if there is none
return redis.call('HGETALL', 'snapshot:' .. ARGV[1])
