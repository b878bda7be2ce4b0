#!lua
-- Adds a key to its owner's index, and removes expired ones, so that the index holds only the
-- owner's live keys and those that expired after the last call.
-- KEYS: the index.
-- ARGV: now, key, when the entry expires, grace in milliseconds.
redis.call('ZADD', KEYS[1], 'GT', ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', tonumber(ARGV[1]) - tonumber(ARGV[4]))
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2]
if last then
  local keep = math.min(tonumber(last) - tonumber(ARGV[1]) + tonumber(ARGV[4]), 1e15)
  redis.call('PEXPIRE', KEYS[1], string.format('%.0f', keep))
end
