-- Makes a number that has been filled a filesystem that can be mounted.
-- ARGV: the number, key of the claim on its volume, the claim's token, mark of the last part, setting, first slice id
-- -> 1, or 0 where somebody else fills it now, or the claim was lost
if not is_claimed(ARGV[1], ARGV[2], ARGV[3]) then
  return 0
end
if redis.call('GET', 'fork') ~= ARGV[4] or redis.call('EXISTS', 'setting') == 1 then
  return 0
end
redis.call('DEL', 'fork')
redis.call('SET', 'nextchunk', ARGV[6])
-- A source without a trash lacks its inode, without which nothing can be unlinked in a copy that has one (see make.lua of meta):
-- type and mode u16, owner, three times, two links, length, parent
local TRASH = 'i9223372032828243968'
if (cjson.decode(ARGV[5])['TrashDays'] or 0) > 0 and redis.call('EXISTS', TRASH) == 0 then
  local now = redis.call('TIME')[1]
  redis.call('SET', TRASH, struct.pack('>BHI4I4I8I4I8I4I8I4I4I8I4I8B', 0, 2 * 4096 + 365, 0, 0, now, 0, now, 0, now, 0, 2, 4096, 0, 1, 0))
end
redis.call('SET', 'setting', ARGV[5])
return 1
