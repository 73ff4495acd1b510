-- What wrk sends for the empty view; prints the same line of figures as checks.lua.

function done(summary, latency)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("figures %d %d %d %.3f\n",
    summary.requests, summary.duration, wrong, latency:percentile(95) / 1000))
end
