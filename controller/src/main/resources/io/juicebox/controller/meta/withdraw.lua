-- Takes a filesystem's setting away, without which nobody can mount it, unless somebody has it mounted.
-- ARGV: number, UUID -> 1, or 0 where a session lives or the filesystem is another one
redis.call('SELECT', ARGV[1])
local parsed, filesystem = pcall(cjson.decode, redis.call('GET', 'setting') or '')
if not parsed or type(filesystem) ~= 'table' or filesystem['UUID'] ~= ARGV[2] then
  return 0
end
if redis.call('ZCOUNT', 'allSessions', '(' .. redis.call('TIME')[1], '+inf') > 0 then
  return 0
end
return redis.call('DEL', 'setting')
