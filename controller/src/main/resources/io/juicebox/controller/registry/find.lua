-- ARGV: id -> the record, empty if there is none
return redis.call('HGETALL', record_key(ARGV[1]))
