-- Writes all keys of a new filesystem at once, unless the number holds one.
-- Answers the setting that is there then.
-- ARGV: number, setting, first slice id, mode (type and permission bits) of the root, uid, gid
redis.call('SELECT', ARGV[1])
if redis.call('SETNX', 'setting', ARGV[2]) == 0 then
  return redis.call('GET', 'setting')
end
local now = redis.call('TIME')[1]
-- Attr.Marshal of JuiceFS: flags u8, type and mode u16, uid u32, gid u32, then atime, mtime and ctime of u64 seconds and u32
-- nanoseconds each, links u32, length u64, rdev u32, parent u64, and one byte for the access lists that are not used
local function directory(mode, uid, gid)
  return struct.pack('>BHI4I4I8I4I8I4I8I4I4I8I4I8B', 0, mode, uid, gid, now, 0, now, 0, now, 0, 2, 4096, 0, 1, 0)
end
redis.call('SET', 'i1', directory(ARGV[4], ARGV[5], ARGV[6]))
-- TrashInode and its mode in redisMeta.doInit; without it nothing can be unlinked
if (cjson.decode(ARGV[2])['TrashDays'] or 0) > 0 then
  redis.call('SET', 'i9223372032828243968', directory(2 * 4096 + 365, 0, 0))
end
redis.call('SET', 'nextchunk', ARGV[3])
return ARGV[2]
