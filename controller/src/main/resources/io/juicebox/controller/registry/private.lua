-- From which slice id on nobody but a ready volume can refer to its own slices. ARGV: id
-- -> the id, '' for all of them, or nil where that is not known: a copy is being made of it, or it is not ready
local key = record_key(ARGV[1])
if state_of(ARGV[1]) ~= 'READY' or is_copied(key) then
  return nil
end
return redis.call('HGET', key, 'private') or ''
