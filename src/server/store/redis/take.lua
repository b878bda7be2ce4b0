#!lua
-- Reads a live record and deletes it. Of several concurrent callers one gets it.
-- KEYS: the record.
-- ARGV: now.
local row = redis.call('HMGET', KEYS[1], 'v', 'e', 'b')
if not (row[2] and tonumber(ARGV[1]) < tonumber(row[2])) then return false end
redis.call('DEL', KEYS[1])
return row
