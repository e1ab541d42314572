-- One page of ready volumes, and of these the ones whose blocks have not been compared with their metadata for too long. One
-- that has never been begins to wait now; those of lineages that were copied from are not looked at, see lineagesDue.lua. ARGV: the last id of the page before ('' to begin), how many, ms
-- -> {the page's last id or '', {record, where to go on or ''}, ...}
local from = ARGV[1] == '' and '-' or ('(' .. ARGV[1])
local answer = {''}
for _, id in ipairs(redis.call('ZRANGEBYLEX', 'ready', from, '+', 'LIMIT', 0, ARGV[2])) do
  answer[1] = id
  local known = redis.call('HMGET', record_key(id), 'swept', 'sweptTo', 'lineage')
  local alone = redis.call('EXISTS', 'lineage:' .. (known[3] or '')) == 0
  if alone and not known[1] then
    redis.pcall('HSET', record_key(id), 'swept', text(now())) -- a full Redis does not take it: then later
  elseif alone and (known[2] or now() - tonumber(known[1]) >= tonumber(ARGV[3])) then
    answer[#answer + 1] = {redis.call('HGETALL', record_key(id)), known[2] or ''}
  end
end
return answer
