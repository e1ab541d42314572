-- ARGV: name -> the id of the volume that has it, or nil
return redis.call('HGET', 'names', ARGV[1])
