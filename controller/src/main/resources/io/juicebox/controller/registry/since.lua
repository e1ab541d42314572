-- Since when a volume has each of its conditions: what is new begins now, what is over is forgotten.
-- ARGV: id, condition, ... -> a time (ms) for each
local record = record_key(ARGV[1])
if state_of(ARGV[1]) ~= 'READY' then -- what a deletion has removed is no illness
  return {}
end
local known = redis.call('HGET', record, 'conditions') or ''
local before = {}
for condition, since in known:gmatch('(%a+)=(%d+)') do
  before[condition] = since
end
local times, texts = {}, {}
for i = 2, #ARGV do
  times[#times + 1] = before[ARGV[i]] or text(now())
  texts[#texts + 1] = ARGV[i] .. '=' .. times[#times]
end
local found = table.concat(texts, ',')
if found == '' and known ~= '' then
  redis.call('HDEL', record, 'conditions')
elseif found ~= known then
  redis.pcall('HSET', record, 'conditions', found) -- a full Redis does not take it: health is told all the same
end
return times
