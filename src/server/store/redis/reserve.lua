#!lua
-- Makes all charges or none. Answers nothing when they are granted, else which charge was refused (counted from 0) and
-- when its window ends. Times are kept as the text that came, since a Lua number would round the largest.
-- KEYS: ticket, then the counters, each once. ARGV: now, name of a window begun now, milliseconds of grace, then for each
-- charge: its counter (counted from 1), amount, limit, end of a window begun now, and 1 if it puts the end of a window off.
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
  if ARGV[at + 4] == '1' and amount > 0 and tonumber(fresh_end) > tonumber(plan.ends) then plan.ends = fresh_end end
  -- A charge of nothing only asks, and leaves no trace.
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
