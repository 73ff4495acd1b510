-- What wrk sends for `checks`: everybody in turn from a place drawn by the thread's number, one in ten unknown.
-- Arguments: the file of lines `number<TAB>name<TAB>birth date`, the secret, the purpose. Prints one line of figures.

local threads = 0

function setup(thread)
  thread:set("thread_number", threads)
  threads = threads + 1
end

function init(arguments)
  people = {}
  for line in io.lines(arguments[1]) do
    local number, name, birth = line:match("([^\t]+)\t([^\t]+)\t([^\t]+)")
    people[#people + 1] = string.format(
      '{"purpose":"%s","number":"%s","name":"%s","birth_date":"%s"}', arguments[3], number, name, birth)
  end
  head = { ["Authorization"] = "Bearer " .. arguments[2], ["Content-Type"] = "application/json" }
  mark = tostring(os.time()) .. "-" .. thread_number
  sent = thread_number * 1009
end

function request()
  sent = sent + 1
  head["Idempotency-Key"] = mark .. "-" .. sent
  return wrk.format("POST", "/api/partner/checks", head, people[sent % #people + 1])
end

function done(summary, latency)
  local wrong = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.timeout
  io.write(string.format("figures %d %d %d %.3f\n",
    summary.requests, summary.duration, wrong, latency:percentile(95) / 1000))
end
