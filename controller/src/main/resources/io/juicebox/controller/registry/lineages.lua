-- Lineages that were copied from, by name. ARGV: the first name and the last one as ZRANGEBYLEX takes them, how many
-- -> {{name, bytes that several relatives name, one does, none}, ...}; '' for bytes that no sweep has counted yet
local answer = {}
for _, name in ipairs(redis.call('ZRANGEBYLEX', 'lineages', ARGV[1], ARGV[2], 'LIMIT', 0, ARGV[3])) do
  local bytes = redis.call('HMGET', 'lineage:' .. name, 'shared', 'private', 'reclaimable')
  answer[#answer + 1] = {name, bytes[1] or '', bytes[2] or '', bytes[3] or ''}
end
return answer
