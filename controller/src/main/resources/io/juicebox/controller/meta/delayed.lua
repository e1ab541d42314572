-- Releases slices that a compaction replaced and that were kept for as long as the trash is, of a filesystem that
-- nobody has mounted (doCleanupDelayedSlices of JuiceFS). ARGV: + the first second that stays, cursor
-- -> {'ok', next cursor}, {'live'}
if live_sessions() > 0 then
  return {'live'}
end
local page = redis.call('HSCAN', 'delSlices', ARGV[4], 'COUNT', 100)
for i = 1, #page[2], 2 do
  local time = page[2][i]:match('^%d+_(%d+)$')
  local slices = page[2][i + 1]
  if time and tonumber(time) < tonumber(ARGV[3]) and #slices % 12 == 0 then
    redis.call('HDEL', 'delSlices', page[2][i])
    for at = 1, #slices, 12 do -- id u64, size u32
      release(decimal(slices:sub(at, at + 7)), struct.unpack('>I4', slices, at + 8))
    end
  end
end
return {'ok', page[1]}
