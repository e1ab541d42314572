-- Whether a claim is held (see the registry's prelude), whose key is in number 1. This text stands before the scripts that fill a
-- number; their connection stays in it. ARGV of each begins: the number, key of the claim, its token
local function is_claimed(number, key, token)
  redis.call('SELECT', 1)
  local held = redis.call('GET', 'claim:' .. key) == token
  redis.call('SELECT', number)
  return held
end

