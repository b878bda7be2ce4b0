#!lua
-- Makes all charges or none. Returns false if they are granted, otherwise the index of the refused
-- charge (from 0) and when its window ends. Times stay text, because a Lua number would round the
-- largest.
-- KEYS: the reservation, then each counter once.
-- ARGV: now, the name of a window that begins now, grace in milliseconds, then for each charge: its
-- counter (index from 1), amount, limit, the end of a window that begins now, and 1 if the charge
-- extends a running window.
local now, window, grace = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])

local function keep(key, ends)
  local millis = math.max(tonumber(ends) - now, 0) + grace
  redis.call('PEXPIRE', key, string.format('%.0f', math.min(millis, 1e15)))
end

local ends = redis.call('HGET', KEYS[1], 'e')
if ends and now < tonumber(ends) then return false end

local plans = {}
for at = 4, #ARGV, 5 do
  local key = KEYS[1 + tonumber(ARGV[at])]
  local amount, limit, fresh_end = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
  local plan = plans[key]
  if not plan then
    local w, e, u = unpack(redis.call('HMGET', key, 'w', 'e', 'u'))
    if e and now < tonumber(e) then
      plan = { window = w, ends = e, used = tonumber(u), amount = 0 }
    else
      plan = { window = window, ends = fresh_end, used = 0, amount = 0 }
    end
  end
  if plan.used + amount > limit then return { (at - 4) / 5, plan.ends } end
  plan.used, plan.amount = plan.used + amount, plan.amount + amount
  local extends = ARGV[at + 4] == '1' and amount > 0
  if extends and tonumber(fresh_end) > tonumber(plan.ends) then plan.ends = fresh_end end
  -- A charge of 0 only checks the limit, and stores nothing.
  if plan.amount > 0 then plans[key] = plan end
end

if next(plans) == nil then return false end
redis.call('DEL', KEYS[1])
local last
for key, plan in pairs(plans) do
  redis.call('HSET', key, 'w', plan.window, 'e', plan.ends, 'u', plan.used)
  keep(key, plan.ends)
  redis.call('HSET', KEYS[1], key, plan.window .. plan.amount)
  if not last or tonumber(last) < tonumber(plan.ends) then last = plan.ends end
end
redis.call('HSET', KEYS[1], 'e', last)
keep(KEYS[1], last)
return false
