#!lua
-- Settles a reservation, once.
-- KEYS: the reservation, then the counters whose charges are refunded, if any.
-- ARGV: now.
local now = tonumber(ARGV[1])
local ends = redis.call('HGET', KEYS[1], 'e')
if not (ends and now < tonumber(ends)) then return end

for at = 2, #KEYS do
  local charged = redis.call('HGET', KEYS[1], KEYS[at])
  local w, e, u = unpack(redis.call('HMGET', KEYS[at], 'w', 'e', 'u'))
  -- Refunds only the window that was charged. Its name is the first 16 bytes, before the amount.
  if charged and w == charged:sub(1, 16) and now < tonumber(e) then
    local used = tonumber(u) - tonumber(charged:sub(17))
    if used > 0 then
      redis.call('HSET', KEYS[at], 'u', used)
    else
      redis.call('DEL', KEYS[at])
    end
  end
end
redis.call('DEL', KEYS[1])
