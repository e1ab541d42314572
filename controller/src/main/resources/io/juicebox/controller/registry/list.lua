-- One page of ready volumes by id. ARGV: the last id of the page before ('' to begin), how many -> {record, ...}
local from = ARGV[1] == '' and '-' or ('(' .. ARGV[1])
local records = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', 'ready', from, '+', 'LIMIT', 0, ARGV[2])) do
  records[#records + 1] = redis.call('HGETALL', record_key(id))
end
return records
