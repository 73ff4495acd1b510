"""What the platform does in a second, measured beside its limit in the same run: `python -m benchmarks [NAME]`.

Machines are shared and noisy: a figure counts by its ratio to a limit measured in alternate rounds of the same run,
and each is the median of several rounds. All traffic goes to 127.0.0.1, is bounded in count and time, and ends by
itself; what was started is ended by its process.
"""
