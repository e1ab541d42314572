-- Ends one expired session of a filesystem that nobody has mounted, a part at a time: its locks go, and the files that
-- it had open and that have no name any more become deleted files (doCleanStaleSession of JuiceFS).
-- ARGV: + how much at once -> {'ok', 0} when there is none, {'ok', 1} when there may be more, {'live'}
if live_sessions() > 0 then
  return {'live'}
end
local session = redis.call('ZRANGEBYSCORE', 'allSessions', '-inf', now(), 'LIMIT', 0, 1)[1]
if not session then
  return {'ok', 0}
end
local locked, open = 'locked' .. session, 'session' .. session
for _, key in ipairs(redis.call('SRANDMEMBER', locked, ARGV[3])) do
  if key:sub(1, 4) == 'lock' then
    for _, owner in ipairs(redis.call('HKEYS', key)) do
      if owner:match('^[^_]*') == session then
        redis.call('HDEL', key, owner)
      end
    end
  end
  redis.call('SREM', locked, key)
end
for _, inode in ipairs(redis.call('SRANDMEMBER', open, ARGV[3])) do
  local attributes = redis.call('GET', 'i' .. inode)
  redis.call('SREM', open, inode)
  if attributes and links(attributes) == 0 then
    file_ends(inode, attributes)
  end
end
if redis.call('EXISTS', locked, open) == 0 then
  redis.call('HDEL', 'sessionInfos', session)
  redis.call('ZREM', 'allSessions', session)
end
return {'ok', 1}
