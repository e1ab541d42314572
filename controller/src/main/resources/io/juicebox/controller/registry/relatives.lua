-- Who may refer to the blocks of a lineage. ARGV: its name
-- -> {{record of a volume, ...}, {record of a snapshot, ...}}; empty while a copy of a volume is being made, or where there is no such lineage
local name = ARGV[1]
if redis.call('EXISTS', 'lineage:' .. name) == 0 then
  -- Never copied from: it consists of the volume that it is called after.
  local known = redis.call('HMGET', record_key(name), 'state', 'lineage')
  return known[1] == 'READY' and known[2] == name and {{redis.call('HGETALL', record_key(name))}, {}} or {}
end
if is_copied_from(name) then
  return {}
end
local volumes, snapshots = {}, {}
for _, key in ipairs(redis.call('SMEMBERS', 'relatives:' .. name)) do
  local kin = key:find('^volume:') and volumes or snapshots
  if redis.call('HGET', key, 'state') ~= 'CREATING' then -- a restore: it refers to nothing but what its snapshot does
    kin[#kin + 1] = redis.call('HGETALL', key)
  end
end
return {volumes, snapshots}
