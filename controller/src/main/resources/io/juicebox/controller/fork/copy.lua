-- A page of all keys, or all of them, of one instant: what a copy has as it is goes from number to number, the rest is answered.
-- {'more', micros, elements} where all would be too much for one step, {'lost'} where the number is not being filled, or the part
-- before is not the last one (see write.lua); nothing was copied then.
-- ARGV: + cursor or 'all', how many keys, parts of a value at most, elements at most,
--   number that is read, number that is filled, mark of the part before, mark of this one
-- -> {'ok', micros, elements, next cursor, key, value, ...}
local FROM, KEYS_A_PAGE, PARTS, ELEMENTS = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local NUMBER, TARGET, BEFORE, MARK = unpack(ARGV, 6, 9)
local AT_ONCE = 2000 -- pairs of MSET, for which Lua's stack has room
local FEW_PARTS = 1000 -- of a value for which there is room in any step

redis.call('SELECT', TARGET)
local last = redis.call('GET', 'fork')
redis.call('SELECT', NUMBER)
if last ~= BEFORE then
  return {'lost'}
end
if FROM == 'all' and redis.call('DBSIZE') > ELEMENTS then
  return finish({}, 'more')
end

local page = FROM == 'all' and {'0', redis.call('KEYS', '*')} or redis.call('SCAN', FROM, 'COUNT', KEYS_A_PAGE)
local answer = {0, 0, 0, page[1]}
local inodes, copied = {}, {}

-- By the first letter of c<inode>_<index>, d<inode>, p<inode>, s<inode>, which KeyKind has copied: what tells the size of a value of
-- the type that JuiceFS has there, and the largest that is no matter for a step.
local SIZES = {
  [99] = {'LLEN', LONGEST_LIST},
  [100] = {'HLEN', PARTS},
  [112] = {'HLEN', PARTS},
  [115] = {'STRLEN', LONGEST_TEXT},
}

-- Whether a key is copied as it is, after no more than a look at it. That is one call; the copy counts as two.
local function is_copied(key, first)
  local way = SIZES[first]
  local size = way and redis.pcall(way[1], key)
  if type(size) ~= 'number' or size > way[2] then
    return false
  end
  local cost = 3 + (way[1] == 'HLEN' and size or 0)
  if size > FEW_PARTS and elements + cost > ELEMENTS then
    return false
  end
  elements = elements + cost
  return true
end

-- Takes a value into the answer; false where all was to be of one instant and it is too much for that.
local function take(key)
  local found = value(key, PARTS, ELEMENTS)
  answer[#answer + 1] = key
  answer[#answer + 1] = found
  return FROM ~= 'all' or (found[1] ~= 'large' and found[1] ~= 'later' and elements <= ELEMENTS)
end

for _, key in ipairs(page[2]) do
  local first, second = key:byte(1, 2)
  local numbered = second and second >= 48 and second <= 57
  if numbered and first == 105 then -- i<inode>
    inodes[#inodes + 1] = key
    elements = elements + 2
  elseif numbered and is_copied(key, first) then
    copied[#copied + 1] = key
  elseif not take(key) then
    return finish({}, 'more')
  end
end
if FROM == 'all' and elements > ELEMENTS then
  return finish({}, 'more')
end

-- An inode without links (u32 at byte 47) may be a file that is open and has no name any more: that is for CopyFilter to see.
local pairs_of_inodes = {}
for i = 1, #inodes, AT_ONCE do
  local names = {unpack(inodes, i, math.min(i + AT_ONCE - 1, #inodes))}
  local of_these = {}
  for at, text in ipairs(redis.call('MGET', unpack(names))) do
    if text and text:sub(48, 51) ~= '\0\0\0\0' then
      of_these[#of_these + 1] = names[at]
      of_these[#of_these + 1] = text
    elseif not take(names[at]) then
      return finish({}, 'more')
    end
  end
  pairs_of_inodes[#pairs_of_inodes + 1] = of_these
end

for _, key in ipairs(copied) do
  redis.call('COPY', key, key, 'DB', TARGET, 'REPLACE')
end
redis.call('SELECT', TARGET)
redis.call('SET', 'fork', MARK)
for _, some in ipairs(pairs_of_inodes) do
  if #some > 0 then
    redis.call('MSET', unpack(some))
  end
end
redis.call('SELECT', NUMBER)
return finish(answer)
