-- Removes what has been in the trash for long enough, of a filesystem that nobody has mounted (CleanupTrashBefore, doUnlink
-- and doRmdir of JuiceFS). The trash holds a directory for each hour, by name, with entries that once were somewhere else.
-- ARGV: + the first hour that stays (2026-01-31-23), how many entries at once
-- -> {'ok', 0} when nothing is left to do, {'ok', 1} when there may be more, {'live'}
local DEEPEST = 64

if live_sessions() > 0 then
  return {'live'}
end
local left = tonumber(ARGV[4])
local removed = 0

local function dir_stat(directory, bytes, pages)
  if redis.call('HEXISTS', 'dirUsedSpace', directory) == 1 then
    if bytes ~= '0' then
      redis.call('HINCRBY', 'dirDataLength', directory, '-' .. bytes)
    end
    redis.call('HINCRBY', 'dirUsedSpace', directory, '-' .. text(pages))
    redis.call('HINCRBY', 'dirUsedInodes', directory, -1)
  end
end

local function unlink(directory, name, kind, inode)
  local attributes = redis.call('GET', 'i' .. inode)
  if not attributes then
    redis.call('HDEL', 'd' .. directory, name)
    return
  end
  if attributes:byte(1) % 4 ~= 0 then
    return -- immutable or append-only: it stays, for JuiceFS too
  end
  redis.call('HDEL', 'd' .. directory, name)
  local several = attributes:sub(64, 71):gsub('%z', '') == '' -- hard links: the parents are in a hash
  local count = links(attributes)
  if count > 1 then
    redis.call('SET', 'i' .. inode, attributes:sub(1, 47) .. struct.pack('>I4', count - 1) .. attributes:sub(52))
    if several then
      redis.call('HINCRBY', 'p' .. inode, directory, -1)
    end
  else
    redis.call('DEL', 'x' .. inode)
    if several then
      redis.call('DEL', 'p' .. inode)
    end
    if kind == FILE then
      file_ends(inode, attributes)
    else
      redis.call('DEL', 'i' .. inode, 's' .. inode)
      redis.call('DECRBY', 'usedSpace', PAGE)
      redis.call('DECR', 'totalInodes')
    end
  end
  if kind == FILE then
    dir_stat(directory, decimal(length(attributes)), space(length(attributes)))
  else
    dir_stat(directory, '0', PAGE)
  end
end

local function remove_directory(parent, name, inode)
  redis.call('HDEL', 'd' .. parent, name)
  redis.call('DEL', 'i' .. inode, 'x' .. inode)
  redis.call('DECRBY', 'usedSpace', PAGE)
  redis.call('DECR', 'totalInodes')
  for _, key in ipairs({'dirDataLength', 'dirUsedSpace', 'dirUsedInodes', 'dirQuota', 'dirQuotaUsedSpace', 'dirQuotaUsedInodes'}) do
    redis.call('HDEL', key, inode)
  end
end

-- Whether nothing is left in a directory.
local function empty(directory, depth)
  local key, cursor = 'd' .. directory, '0'
  repeat
    local page = redis.call('HSCAN', key, cursor, 'COUNT', 100)
    cursor = page[1]
    for i = 1, #page[2], 2 do
      if left <= 0 then
        return false
      end
      left = left - 1
      local name, kind, inode = page[2][i], page[2][i + 1]:byte(1), decimal(page[2][i + 1]:sub(2, 9))
      if kind ~= DIRECTORY then
        unlink(directory, name, kind, inode)
      elseif depth < DEEPEST and empty(inode, depth + 1) then
        remove_directory(directory, name, inode)
      end
      removed = removed + 1 - redis.call('HEXISTS', key, name)
    end
  until cursor == '0'
  return redis.call('EXISTS', key) == 0
end

local hours = redis.call('HGETALL', 'd' .. TRASH)
for i = 1, #hours, 2 do
  local hour, inode = hours[i], decimal(hours[i + 1]:sub(2, 9))
  if hour:match('^%d%d%d%d%-%d%d%-%d%d%-%d%d$') and hour < ARGV[3] and left > 0 then
    if empty(inode, 0) then
      remove_directory(TRASH, hour, inode)
      removed = removed + 1
    end
  end
end
return {'ok', left <= 0 and removed > 0 and 1 or 0}
