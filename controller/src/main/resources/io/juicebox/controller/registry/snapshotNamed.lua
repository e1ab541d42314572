-- ARGV: name -> the id of the snapshot that has it, or nil
return redis.call('HGET', 'snapshotNames', ARGV[1])
