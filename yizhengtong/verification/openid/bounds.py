"""How much of what. All ours."""

LONGEST = {"scope": 200, "state": 500, "nonce": 500, "claims": 4096}
"""Characters of a request's parameters."""
LONGEST_MAX_AGE = 9
"""Digits: thirty years of seconds."""
AT_ONCE = 500
ROUND_SECONDS = 15.0
ANSWER_SECONDS = 5.0
MOST_ANSWER_BYTES = 16 * 1024
