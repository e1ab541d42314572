-- Whether the former credentials of a ready volume are to go now; once they are, they are, whatever comes between.
-- ARGV: id, token, 'forced' | 'used' | 'unused' by a client, pause ms between two looks
-- -> 'end', 'wait' (for the next look), 'none', or 'lost' for the claim
local id, mode, pause = ARGV[1], ARGV[3], tonumber(ARGV[4])
local at = now()
if not holds(id, ARGV[2]) or state_of(id) ~= 'READY' then
  return 'lost'
end
local has = redis.call('HMGET', record_key(id), 'formerPassword', 'formerUntil', 'formerEnds', 'formerUnused')

local function wait(till)
  redis.call('ZADD', 'rotations', text(till), id)
  return 'wait'
end

if not has[1] then
  return 'none'
end
if has[3] then
  return 'end'
end
if mode ~= 'forced' then
  if at < tonumber(has[2]) then
    return wait(tonumber(has[2]))
  end
  if mode == 'used' then
    redis.call('HDEL', record_key(id), 'formerUnused')
    return wait(at + pause)
  end
  -- A client that is between two connections is not seen: it takes two looks.
  local since = tonumber(has[4] or text(at))
  redis.call('HSET', record_key(id), 'formerUnused', text(since))
  if at < since + pause then
    return wait(since + pause)
  end
end
redis.call('HSET', record_key(id), 'formerEnds', '1')
redis.call('ZADD', 'rotations', text(at), id)
return 'end'
