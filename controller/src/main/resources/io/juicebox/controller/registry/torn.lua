-- Reserved ids that nobody keeps are nobody's from now on; their accounts may be there. ARGV: how many -> ids
for _, id in ipairs(redis.call('ZRANGEBYSCORE', 'blanks', '-inf', text(now()), 'LIMIT', 0, ARGV[1])) do
  redis.call('SADD', 'torn', id)
  redis.call('ZREM', 'blanks', id)
end
return redis.call('SRANDMEMBER', 'torn', ARGV[1])
