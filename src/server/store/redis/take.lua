#!lua
-- Reads a live record and deletes it: of several callers one gets it. KEYS: record. ARGV: now.
local row = redis.call('HMGET', KEYS[1], 'v', 'e', 'b')
if not (row[2] and tonumber(ARGV[1]) < tonumber(row[2])) then return false end
redis.call('DEL', KEYS[1])
return row
