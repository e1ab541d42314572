-- What the scripts of MetadataReader share; this text stands before each of them. They run on a connection that stays in the
-- number, and do nothing where that does not hold the filesystem they are about: {'gone'} is the answer then. Else it begins
-- {'ok' or 'more', microseconds it took, elements it read}. In Redis 7.2 no time goes by in a script and there is no other clock:
-- it took none then. Later versions have one.
--
-- A value is {type, its parts}, {'large', type} where it has more parts than asked for, {'later'} where the step has read enough,
-- {'none'} or {'other', type}. No step reads much more than its elements and MOST_BYTES, whatever a tenant keeps in extended
-- attributes.
--
-- ARGV: UUID, and what each script adds
local MOST_BYTES = 4 * 1024 * 1024
local LONGEST_TEXT, LONGEST_LIST = 1024 * 1024, 10000

local has_clock, clock = pcall(function() return os.clock end) -- of the server's processor time
local function micros()
  if has_clock then
    return math.floor(clock() * 1000000)
  end
  local now = redis.call('TIME')
  return now[1] * 1000000 + now[2]
end

local began = micros()
local parsed, setting = pcall(cjson.decode, redis.call('GETRANGE', 'setting', 0, 65535))
if not parsed or type(setting) ~= 'table' or setting['UUID'] ~= ARGV[1] then
  return {'gone'}
end

local elements, bytes = 0, 0

local function finish(answer, state)
  answer[1] = state or 'ok'
  answer[2] = micros() - began
  answer[3] = elements
  return answer
end

local WAYS = {
  hash = {'HLEN', 'HGETALL'},
  set = {'SCARD', 'SMEMBERS'},
  zset = {'ZCARD', 'ZRANGE', 0, -1, 'WITHSCORES'},
}

-- The letter of a key that is a letter and a number, as that of an inode; nil of another key.
local function letter(key)
  local first, second = key:byte(1, 2)
  return second and second >= 48 and second <= 57 and first or nil
end

-- What a key's type is by its name, without a question: most keys are inodes, and chunks of files.
local function value_by_name(key)
  local first = letter(key)
  if first == 99 then -- c<inode>_<index>
    local records = redis.pcall('LRANGE', key, 0, LONGEST_LIST)
    return not records.err and #records > 0 and #records <= LONGEST_LIST and {'list', records} or nil
  end
  if first == 105 or first == 115 then -- i<inode>, s<inode>
    local text = redis.pcall('GETRANGE', key, 0, LONGEST_TEXT)
    return type(text) == 'string' and #text > 0 and #text <= LONGEST_TEXT and {'string', {text}} or nil
  end
  return nil
end

local function value_by_type(key, most)
  local kind = redis.call('TYPE', key)['ok']
  if kind == 'none' then
    return {'none'}
  end
  if kind == 'string' then
    local text = redis.call('GETRANGE', key, 0, LONGEST_TEXT)
    return #text <= LONGEST_TEXT and {'string', {text}} or {'other', 'string of more than ' .. LONGEST_TEXT .. ' bytes'}
  end
  if kind == 'list' then
    local parts = redis.call('LRANGE', key, 0, LONGEST_LIST)
    return #parts <= LONGEST_LIST and {'list', parts} or {'other', 'list of more than ' .. LONGEST_LIST .. ' parts'}
  end
  local way = WAYS[kind]
  if not way then
    return {'other', kind}
  end
  if redis.call(way[1], key) > most then
    return {'large', kind}
  end
  return {kind, redis.call(way[2], key, unpack(way, 3))}
end

-- The value of a key that has no more parts than the most, unless the step has read as many elements as it may.
local function value(key, most, room)
  if bytes > MOST_BYTES or elements >= room then
    return {'later'}
  end
  local found = value_by_name(key) or value_by_type(key, most)
  local parts = type(found[2]) == 'table' and found[2] or {}
  elements = elements + 1 + #parts
  for _, part in ipairs(parts) do
    bytes = bytes + #part
  end
  return found
end
