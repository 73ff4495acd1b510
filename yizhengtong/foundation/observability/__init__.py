"""What a running platform tells its operators: log lines, measures of requests, slow statements. Never about whom.

Lowest furniture: every room may use it, it uses none. `context` and `formatter` need the standard library only.
"""
