-- Lua's patterns count nothing, so a part is read as a whole and its length compared.
local whole = { @WHOLE_PREFIXES@ }
local mark = "()([Dd][Tt]0%a%d%d%.)()"

-- How many characters behind the prefix stay, and where the secret part ends.
local function secret(text, prefix, at)
  local _, stop, public, run = text:find("^([%w-]+)%.(%w+)", at)
  local is_whole = whole[prefix:lower()]
  if run and #run >= 64 then
    return is_whole and at or at + #public + 1, at + #public + 1 + 64
  end
  run = is_whole and text:match("^%w+", at)
  if run and #run >= 24 then
    return at, at + 24
  end
end

function mask(text)
  local out, from, at = {}, 1, 1
  while true do
    local _, _, _, prefix, behind = text:find(mark, at)
    if not behind then
      return table.concat(out) .. text:sub(from)
    end
    local start, stop = secret(text, prefix, behind)
    if start then
      out[#out + 1] = text:sub(from, start - 1) .. "@MASK@"
      from, at = stop, stop
    else
      at = behind
    end
  end
end

local function walk(value)
  if type(value) == "string" then
    return mask(value)
  elseif type(value) == "table" then
    for key, inner in pairs(value) do
      value[key] = walk(inner)
    end
  end
  return value
end

-- What the filter calls for each record.
function mask_record(tag, timestamp, record)
  return 2, timestamp, walk(record)
end
