#!lua flags=no-writes
-- Reads several counters atomically. Returns for each what is used and when its window ends, or an
-- empty list if it has no window.
-- KEYS: the counters.
-- ARGV: now.
local found = {}
for at, key in ipairs(KEYS) do
  local ends, used = unpack(redis.call('HMGET', key, 'e', 'u'))
  local live = ends and tonumber(ARGV[1]) < tonumber(ends)
  found[at] = live and { used, ends } or {}
end
return found
