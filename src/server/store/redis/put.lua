#!lua
-- Stores a record if the precondition holds. Returns the stored version, 0 for a conflict, or the
-- owner whose index must have an entry for the key first. That index is in another slot, so this
-- script cannot write it.
-- KEYS: the record.
-- ARGV: now, precondition ('any', 'absent' or a version), bytes, when the record expires, how long
-- Redis keeps it in milliseconds, owner ('' does not change it), the owner whose index already has
-- an entry for the key ('' for none), when that entry expires.
local now, expect, bytes, ends, keep = tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local joins, indexed, indexed_until = ARGV[6], ARGV[7], ARGV[8]

local version, old_end, owner, until_ = unpack(redis.call('HMGET', KEYS[1], 'v', 'e', 'o', 'i'))
if not (version and now < tonumber(old_end)) then
  version, owner, until_ = false, false, false
end
if expect == 'absent' and version then return 0 end
if expect ~= 'absent' and expect ~= 'any' and expect ~= version then return 0 end

if joins ~= '' and joins ~= owner then
  owner, until_ = joins, false
end
if owner then
  if owner == indexed then until_ = indexed_until end
  if not until_ or tonumber(until_) < tonumber(ends) then return owner end
end

local stored = version and tonumber(version) + 1 or 1
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], 'v', stored, 'e', ends, 'b', bytes)
if owner then redis.call('HSET', KEYS[1], 'o', owner, 'i', until_) end
redis.call('PEXPIRE', KEYS[1], keep)
return stored
