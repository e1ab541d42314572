-- Where a number is filled by the server itself this text stands between read.lua and a script: what a copy has as it is goes from
-- number to number and is not in the answer. Only the ids of the slices that it names are, eight bytes each, in one text.
-- {'lost'} is the answer where the number is not being filled, or the part before is not the last one (see write.lua).
-- ARGV, after those of the script: number that is read, number that is filled, mark of the part before, mark of this one
local number, target, before, mark = unpack(ARGV, #ARGV - 3)
local copied, slices = {}, {}

redis.call('SELECT', target)
local last = redis.call('GET', 'fork')
redis.call('SELECT', number)
if last ~= before then
  return {'lost'}
end

-- c<inode>_<index>, d<inode>, i<inode>, p<inode>, s<inode>, x<inode>
local AS_THEY_ARE = {[99] = true, [100] = true, [105] = true, [112] = true, [115] = true, [120] = true}

-- Whether KeyKind says so of a value that was read. An inode without links (u32 at byte 47) may be a file that is open and has
-- no name any more, which is for CopyFilter to see; and so is one that is none.
local function is_copied(key, found)
  local first, second = key:byte(1, 2)
  if not second or second < 48 or second > 57 or not AS_THEY_ARE[first] or type(found[2]) ~= 'table' then
    return false
  end
  return first ~= 105 or (found[1] == 'string' and found[2][1]:sub(48, 51) ~= '\0\0\0\0')
end

-- A chunk's records: position u32, id u64, size u32, offset u32, length u32
local function note_slices(key, found)
  if key:byte() == 99 and found[1] == 'list' then
    for _, record in ipairs(found[2]) do
      if #record == 24 then
        slices[#slices + 1] = record:sub(5, 12)
      end
    end
  end
end

local take_as_answer, take_texts_as_answer, finish_reading = take, take_texts, finish

local function take(answer, key, found)
  if is_copied(key, found) then
    note_slices(key, found)
    copied[#copied + 1] = key
    elements = elements + 1
  else
    take_as_answer(answer, key, found)
  end
end

local function take_texts(answer, names, texts)
  local other_names, other_texts = {}, {}
  for i, name in ipairs(names) do
    if texts[i] and is_copied(name, {'string', {texts[i]}}) then
      copied[#copied + 1] = name
      elements = elements + 1
    else
      other_names[#other_names + 1] = name
      other_texts[#other_texts + 1] = texts[i]
    end
  end
  take_texts_as_answer(answer, other_names, other_texts)
end

local function finish(answer, state)
  if state ~= 'more' then
    redis.call('SELECT', target)
    redis.call('SET', 'fork', mark)
    redis.call('SELECT', number)
    for _, key in ipairs(copied) do
      redis.call('COPY', key, key, 'DB', target, 'REPLACE')
    end
    answer[4] = table.concat(slices)
  end
  return finish_reading(answer, state)
end

