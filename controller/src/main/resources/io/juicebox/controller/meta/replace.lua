-- Replaces the setting if it is still, byte for byte, the one that was read.
-- ARGV: number, the setting as it was read, the new one
redis.call('SELECT', ARGV[1])
if redis.call('GET', 'setting') ~= ARGV[2] then
  return 0
end
redis.call('SET', 'setting', ARGV[3])
return 1
