-- What the scripts of Garbage share. This text stands before each of them: they do nothing in a number that does not
-- hold the filesystem they are about. Each answers a list that begins with a word; {'gone'} is that answer.
--
-- Whatever deletes comes first in a script: DEL, HDEL and ZREM are writes that a full Redis allows, and once a script has
-- written, Redis lets it end.
--
-- ARGV: number, UUID, and what each script adds
redis.call('SELECT', ARGV[1])

local parsed, setting = pcall(cjson.decode, redis.call('GET', 'setting') or '')
if not parsed or type(setting) ~= 'table' or setting['UUID'] ~= ARGV[2] then
  return {'gone'}
end

local TRASH = '9223372032828243968'
local FILE, DIRECTORY = 1, 2
local PAGE = 4096

local function now()
  return redis.call('TIME')[1]
end

local function live_sessions()
  return redis.call('ZCOUNT', 'allSessions', '(' .. now(), '+inf')
end

local function text(number)
  return string.format('%.0f', number)
end

-- A u64 of eight bytes, exact up to 2^53.
local function number_at(bytes, at)
  local high, low = struct.unpack('>I4I4', bytes, at)
  return high * 4294967296 + low
end

-- The same as decimal digits, exact: inodes of the trash are larger.
local function decimal(bytes)
  local number = number_at(bytes, 1)
  if number < 9007199254740992 then
    return text(number)
  end
  local high, middle, low = 0, 0, 0
  for i = 1, 8 do
    low = low * 256 + bytes:byte(i)
    middle = middle * 256 + math.floor(low / 10000000)
    low = low % 10000000
    high = high * 256 + math.floor(middle / 10000000)
    middle = middle % 10000000
  end
  return string.format('%d%07d%07d', high, middle, low)
end

-- What a file of a length (eight bytes) counts in usedSpace: whole pages, one for an empty file.
local function space(bytes)
  local high, low = struct.unpack('>I4I4', bytes)
  return math.max(PAGE, (high * 1048576 + math.floor((low + PAGE - 1) / PAGE)) * PAGE)
end

-- Attr.Marshal of JuiceFS: flags at byte 1, links u32 at 48, length u64 at 52, parent u64 at 64
local function links(attributes)
  return (struct.unpack('>I4', attributes, 48))
end

local function length(attributes)
  return attributes:sub(52, 59)
end

-- The inode of a file that no name leads to any more goes; its data waits in delfiles.
local function file_ends(inode, attributes)
  redis.call('DEL', 'i' .. inode)
  redis.call('ZADD', 'delfiles', now(), inode .. ':' .. decimal(length(attributes)))
  redis.call('DECRBY', 'usedSpace', text(space(length(attributes))))
  redis.call('DECR', 'totalInodes')
end

-- One reference less to a slice.
local function release(id, size)
  redis.call('HINCRBY', 'sliceRef', 'k' .. id .. '_' .. text(size), -1)
end
