"""Lifetimes and counts of share codes: ours, no source names them."""

from datetime import timedelta

MOST_USES = 20
"""Checks that one code may serve: flat-hunting, a round of applications."""
MOST_LIVING = 20
"""Codes of one permit that are good at the same time: what a person can still look through."""
WRONG_BIRTH_DATES = 5
"""After so many a code ends, whoever typed them: a year of birth that is known leaves 365 days to try."""
VIEW_LASTS = timedelta(minutes=15)
"""How long what was told can be looked at again and printed, by the browser that was told it."""
KEPT_AFTER_END = timedelta(days=30)
"""How long the holder still sees a code that is over. Checks are in the history for longer (`checks`)."""
MISSES_KEPT = timedelta(days=1)
"""How long wrong tries at codes that do not exist are kept."""
