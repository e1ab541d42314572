-- Removes every key of a number unless it holds another filesystem.
-- Answers the cursor to go on with, '0' when nothing is left, 'again' when keys came meanwhile, or
-- 'foreign' and the UUID of the other filesystem.
-- ARGV: number, UUID, cursor, keys a call
redis.call('SELECT', ARGV[1])
local setting = redis.call('GET', 'setting')
if setting then
  local parsed, filesystem = pcall(cjson.decode, setting)
  local uuid = parsed and type(filesystem) == 'table' and tostring(filesystem['UUID']) or 'none'
  if uuid ~= ARGV[2] then
    return 'foreign ' .. uuid
  end
end
-- One step whatever the size: the memory is freed by another thread of the server.
if not redis.pcall('FLUSHDB', 'ASYNC')['err'] then
  return '0'
end
-- Servers with FLUSHDB switched off. First what a number has that is being filled, which takes no more then; the setting last: it
-- tells whose the other keys are.
redis.call('UNLINK', 'fork')
local page = redis.call('SCAN', ARGV[3], 'COUNT', ARGV[4])
for _, key in ipairs(page[2]) do
  if key ~= 'setting' then
    redis.call('UNLINK', key)
  end
end
if page[1] ~= '0' then
  return page[1]
end
if redis.call('DBSIZE') == redis.call('EXISTS', 'setting') then
  redis.call('UNLINK', 'setting')
  return '0'
end
return 'again'
