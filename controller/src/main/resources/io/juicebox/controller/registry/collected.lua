-- How long ago the volumes were gone over for dead blocks, and that it has been done just now if the caller holds the right to it.
-- ARGV: key of the lease, token or '' -> ms, or nil when it has never been done
if ARGV[2] ~= '' and holds(ARGV[1], ARGV[2]) then
  redis.call('DEL', 'collected') -- first, as in claim()
  redis.call('SET', 'collected', text(now()))
end
local time = redis.call('GET', 'collected')
return time and text(now() - tonumber(time))
