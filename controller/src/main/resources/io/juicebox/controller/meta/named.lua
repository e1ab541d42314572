-- The slices that are named in one page of one of the three places that name any: the chunks of files, the counters, and
-- compacted slices that wait. ARGV: + place, cursor, how many to look at, lowest id, highest id -> {'ok', next cursor, id, ...}
-- Ids beyond 2^53 are compared as the numbers next to them, with some room, and answered exactly: a few too many.
local ROOM = 4096
local lowest, highest = tonumber(ARGV[6]) - ROOM, tonumber(ARGV[7]) + ROOM
local answer = {'ok', '0'}

local function name_bytes(bytes, at)
  local id = number_at(bytes, at)
  if id >= lowest and id <= highest then
    answer[#answer + 1] = decimal(bytes:sub(at, at + 7))
  end
end

local function name_digits(digits)
  local id = tonumber(digits)
  if id >= lowest and id <= highest then
    answer[#answer + 1] = digits
  end
end

local function page_of(key)
  local page = redis.call('HSCAN', key, ARGV[4], 'COUNT', ARGV[5])
  answer[2] = page[1]
  return page[2]
end

if ARGV[3] == 'chunks' then
  local page = redis.call('SCAN', ARGV[4], 'MATCH', 'c[0-9]*_*', 'COUNT', ARGV[5])
  answer[2] = page[1]
  for _, key in ipairs(page[2]) do
    for _, record in ipairs(redis.call('LRANGE', key, 0, -1)) do
      if #record == 24 then
        name_bytes(record, 5)
      end
    end
  end
elseif ARGV[3] == 'counters' then
  local fields = page_of('sliceRef')
  for i = 1, #fields, 2 do
    local id = fields[i]:match('^k(%d+)_')
    if id then
      name_digits(id)
    end
  end
else
  local fields = page_of('delSlices')
  for i = 2, #fields, 2 do
    for at = 1, #fields[i] - 11, 12 do
      name_bytes(fields[i], at)
    end
  end
end
return answer
