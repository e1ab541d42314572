-- A lease on a key that is no volume (a sweep). ARGV: key, lease ms -> token, or nil while another holds it
return claim(ARGV[1], ARGV[2])
