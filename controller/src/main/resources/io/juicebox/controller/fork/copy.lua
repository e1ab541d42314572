-- A page of all keys, or all of them, of one instant: what a copy has as it is goes from number to number, the rest is answered.
-- {'more', micros, elements} where all would be too much for one step, {'lost'} where the number is not being filled, or the part
-- before is not the last one (see write.lua); nothing was copied then.
-- ARGV: + cursor or 'all', how many keys, parts of a value at most, elements at most,
--   number that is read, number that is filled, mark of the part before, mark of this one
-- -> {'ok', micros, elements, next cursor, key, value, ...}
local FROM, KEYS_A_PAGE, PARTS, ELEMENTS = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local NUMBER, TARGET, BEFORE, MARK = unpack(ARGV, 6, 9)
local AT_ONCE = 500 -- pairs of MSET: Lua's stack has room for many more, but each may be long
local FEW_PARTS = 1000 -- of a value that is answered: it goes to the client

redis.call('SELECT', TARGET)
local last = redis.call('GET', 'fork')
redis.call('SELECT', NUMBER)
if last ~= BEFORE then
  return {'lost'}
end
if FROM == 'all' and 2 * redis.call('DBSIZE') > ELEMENTS then
  return finish({}, 'more')
end

local page = FROM == 'all' and {'0', redis.call('KEYS', '*')} or redis.call('SCAN', FROM, 'COUNT', KEYS_A_PAGE)
local answer = {0, 0, 0, page[1]}
local inodes, copied = {}, {}

-- By the letter of c<inode>_<index>, d<inode>, p<inode>, s<inode>, which KeyKind has copied as they are: what tells the size of a
-- value of the type that JuiceFS has there, the largest that the server copies, and how much of it costs as much as a call.
local SIZES = {
  [99] = {'LLEN', LONGEST_LIST, 1},
  [100] = {'HLEN', PARTS, 1},
  [112] = {'HLEN', PARTS, 1},
  [115] = {'STRLEN', LONGEST_TEXT, 100},
}

-- What the server copies and never looks into: 'copied', 'later' where the step has enough, or nil for what is to be looked into.
local function fate(key, way)
  local size = redis.pcall(way[1], key)
  if type(size) ~= 'number' or size > way[2] then
    return nil
  end
  local cost = 3 + size / way[3] -- to look, to copy, and what goes into the server's log
  if elements + cost > 2 * ELEMENTS then
    return 'later'
  end
  elements = elements + math.floor(cost)
  return 'copied'
end

local function answer_with(key, found)
  answer[#answer + 1] = key
  answer[#answer + 1] = found
end

-- Takes a value into the answer; false where all was to be of one instant and it is too much for that.
local function take(key)
  local found = value(key, FROM == 'all' and PARTS or FEW_PARTS, ELEMENTS)
  answer_with(key, found)
  return FROM ~= 'all' or (found[1] ~= 'large' and found[1] ~= 'later' and elements <= ELEMENTS)
end

for _, key in ipairs(page[2]) do
  local first = letter(key)
  local way = SIZES[first or 0]
  local its_fate = way and fate(key, way)
  if first == 105 then -- i<inode>
    inodes[#inodes + 1] = key
    elements = elements + 2
  elseif its_fate == 'copied' then
    copied[#copied + 1] = key
  elseif its_fate == 'later' and FROM ~= 'all' then
    answer_with(key, {'later'})
  elseif its_fate == 'later' or not take(key) then
    return finish({}, 'more')
  end
end
if FROM == 'all' and elements > ELEMENTS then
  return finish({}, 'more')
end

-- The inodes' values, in pairs for MSET. One without links (u32 at byte 47) may be a file that is open and has no name any more: that
-- is for CopyFilter to see.
local texts = {}
for i = 1, #inodes, AT_ONCE do
  local names = {unpack(inodes, i, math.min(i + AT_ONCE - 1, #inodes))}
  local some = {}
  for at, text in ipairs(bytes <= MOST_BYTES and redis.call('MGET', unpack(names)) or names) do
    if bytes <= MOST_BYTES and text and text:sub(48, 51) ~= '\0\0\0\0' then
      some[#some + 1] = names[at]
      some[#some + 1] = text
    elseif not take(names[at]) then -- which answers 'later' where it is too much
      return finish({}, 'more')
    end
  end
  for at = 2, #some, 2 do
    bytes = bytes + #some[at]
  end
  texts[#texts + 1] = some
end

for _, key in ipairs(copied) do
  redis.call('COPY', key, key, 'DB', TARGET, 'REPLACE')
end
redis.call('SELECT', TARGET)
redis.call('SET', 'fork', MARK)
for _, some in ipairs(texts) do
  if #some > 0 then
    redis.call('MSET', unpack(some))
  end
end
return finish(answer)
