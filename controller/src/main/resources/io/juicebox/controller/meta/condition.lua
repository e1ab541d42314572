-- What there may be to do -> {'ok', block size in KiB, days in the trash, 1 where keys have a hash as prefix,
-- live sessions, expired ones, deleted files, 1 where there is a trash, compacted slices that wait}
return {
  'ok',
  setting['BlockSize'] or 0,
  setting['TrashDays'] or 0,
  setting['HashPrefix'] == true and 1 or 0,
  live_sessions(),
  redis.call('ZCOUNT', 'allSessions', '-inf', now()),
  redis.call('ZCARD', 'delfiles'),
  redis.call('EXISTS', 'd' .. TRASH),
  redis.call('HLEN', 'delSlices')
}
