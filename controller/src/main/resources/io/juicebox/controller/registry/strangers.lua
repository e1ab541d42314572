-- Which of these ids the registry does not know at all. ARGV: id, ... -> ids
local strangers = {}
for _, id in ipairs(ARGV) do
  if redis.call('EXISTS', record_key(id)) == 0 then
    strangers[#strangers + 1] = id
  end
end
return strangers
