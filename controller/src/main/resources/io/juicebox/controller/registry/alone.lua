-- Whether nobody but a record that is being removed may refer to the blocks of its lineage. ARGV: its key -> 1 or 0
local known = redis.call('HMGET', ARGV[1], 'lineage', 'left')
if known[2] then
  return known[2] == 'last' and 1 or 0
end
local others = redis.call('SCARD', 'relatives:' .. (known[1] or '')) - redis.call('SISMEMBER', 'relatives:' .. (known[1] or ''), ARGV[1])
return others == 0 and 1 or 0
