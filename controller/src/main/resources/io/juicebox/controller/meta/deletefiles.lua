-- Gives up the data of deleted files, as doDeleteFileData of JuiceFS does: the slices of each chunk lose one reference
-- and the chunk goes, in one step, so that two who do it at once count nothing twice. A mount that lives may be at it too.
-- ARGV: + how many chunks to look at, a file that was begun or '', where to go on in it
-- -> {'ok', files that are done, the file to go on with or '', where}
local CHUNK = 67108864
-- With more chunks than this, as a sparse file may have, its keys are looked for among all keys instead.
local MOST_CHUNKS = 16384

local left = tonumber(ARGV[3])
local done = 0

local function delete_chunk(key)
  local records = redis.call('LRANGE', key, 0, -1)
  left = left - 1 - #records
  if #records == 0 then
    return
  end
  redis.call('DEL', key)
  for _, record in ipairs(records) do
    if #record == 24 then -- position u32, id u64, size u32, offset u32, length u32; id 0 is a hole
      local id = decimal(record:sub(5, 12))
      if id ~= '0' then
        release(id, struct.unpack('>I4', record, 13))
      end
    end
  end
end

-- Where to go on with a file, or nil when it is done.
local function by_index(inode, chunks, from)
  for index = tonumber(from), chunks - 1 do
    if left <= 0 then
      return text(index)
    end
    delete_chunk('c' .. inode .. '_' .. text(index))
  end
  return nil
end

local function by_scan(inode, cursor)
  local page = redis.call('SCAN', cursor, 'MATCH', 'c' .. inode .. '_*', 'COUNT', 1000)
  for _, key in ipairs(page[2]) do
    delete_chunk(key)
  end
  left = 0
  return page[1] ~= '0' and page[1] or nil
end

local function delete(file, from)
  local inode, bytes = file:match('^(%d+):(%d+)$')
  if not inode then
    return nil -- JuiceFS knows no such name either
  end
  local chunks = math.ceil(tonumber(bytes) / CHUNK)
  if chunks > MOST_CHUNKS then
    return by_scan(inode, from)
  end
  return by_index(inode, chunks, from)
end

local file, from = ARGV[4], ARGV[5]
while true do
  if file == '' then
    file, from = redis.call('ZRANGE', 'delfiles', 0, 0)[1], '0'
    if not file then
      return {'ok', done, '', '0'}
    end
  end
  local rest = delete(file, from)
  if rest then
    return {'ok', done, file, rest}
  end
  redis.call('ZREM', 'delfiles', file)
  done = done + 1
  file = ''
  left = left - 1
  if left <= 0 then
    return {'ok', done, '', '0'}
  end
end
