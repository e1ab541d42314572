-- One page of ready snapshots by id. ARGV: the last id of the page before ('' to begin), how many, a volume's id for its own or ''
-- -> {record, ...}
local from = ARGV[1] == '' and '-' or ('(' .. ARGV[1])
local records = {}
local key = ARGV[3] == '' and 'snapshots' or ('snapshotsOf:' .. ARGV[3])
for _, id in ipairs(redis.call('ZRANGEBYLEX', key, from, '+', 'LIMIT', 0, ARGV[2])) do
  records[#records + 1] = redis.call('HGETALL', 'snapshot:' .. id)
end
return records
