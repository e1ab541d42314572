-- What is taken and whether a number is left. ARGV: databases (0: as many as the server has) -> {sum of capacities, 1 or 0}
local databases = tonumber(ARGV[1])
local function exists(number)
  if databases > 0 and tonumber(number) >= databases then
    return false
  end
  local selected = redis.pcall('SELECT', number)
  redis.pcall('SELECT', 1)
  return not selected.err
end
local rested = redis.call('ZRANGEBYSCORE', 'rest', '-inf', text(now()), 'LIMIT', 0, 1)[1]
local lowest = redis.call('ZRANGE', 'free', 0, 0)[1] or rested or redis.call('GET', 'next') or '2'
return {redis.call('GET', 'capacity') or '0', exists(lowest) and 1 or 0}
