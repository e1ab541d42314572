-- Makes a formatted filesystem the volume it is to be; may run again until the first mount.
-- ARGV: number, first slice id, mode (type and permission bits), uid, gid
redis.call('SELECT', ARGV[1])
-- Attr.Marshal of JuiceFS: flags u8, type and mode u16, uid u32, gid u32, times ..., 72 bytes
if redis.call('STRLEN', 'i1') ~= 72 or redis.call('EXISTS', 'setting') == 0 then
  return 0
end
redis.call('SETNX', 'nextchunk', ARGV[2])
redis.call('SETRANGE', 'i1', 1, struct.pack('>HI4I4', ARGV[3], ARGV[4], ARGV[5]))
return 1
