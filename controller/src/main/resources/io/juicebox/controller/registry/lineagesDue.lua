-- One page of lineages that were copied from, and of these the ones whose blocks are to be compared with all metadata now.
-- ARGV: the last name of the page before ('' to begin), how many, interval ms, interval where a sweep is wanted ms
-- -> {the page's last name or '', {name, where to go on or ''}, ...}
local from = ARGV[1] == '' and '-' or ('(' .. ARGV[1])
local at = now()
local answer = {''}
for _, name in ipairs(redis.call('ZRANGEBYLEX', 'lineages', from, '+', 'LIMIT', 0, ARGV[2])) do
  answer[1] = name
  local known = redis.call('HMGET', 'lineage:' .. name, 'swept', 'sweptTo', 'wanted')
  local since = at - tonumber(known[1] or '0')
  if known[2] then
    answer[#answer + 1] = {name, known[2]}
  elseif known[3] and since >= tonumber(ARGV[4]) or known[1] and since >= tonumber(ARGV[3]) then
    redis.pcall('HSET', 'lineage:' .. name, 'began', text(at))
    answer[#answer + 1] = {name, ''}
  elseif not known[1] then
    redis.pcall('HSET', 'lineage:' .. name, 'swept', text(at)) -- it begins to wait; a full Redis does not take it: then later
  end
end
return answer
