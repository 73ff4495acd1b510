"""How notices are sent, how long things stay. All ours: no source names these numbers."""

from datetime import timedelta

ENDPOINTS_AT_ONCE = 5
"""Addresses of one relying party that are not ended."""
SUBSCRIPTIONS_LISTED = 200
DELIVERIES_LISTED = 200
LANES = 2
"""Requests under way to one party, whichever of its addresses, from one worker."""
TIMEOUT_SECONDS = 5.0
MOST_ANSWER_BYTES = 4096
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP = timedelta(days=3)
"""After this long a notice is not tried any more; it can be sent again on demand."""
CHECK_HOLDS = timedelta(hours=24)
"""How long after a check its relying party may subscribe."""
OVERLAP = timedelta(hours=24)
"""How long a notice is signed with the old secret, too, after a new one was drawn."""
SECRET_BYTES = 32
TOLERANCE = timedelta(minutes=5)
"""How old a notice may be for its receiver: it is told in docs/webhooks.md, and the tests' receiver keeps to it."""
KEPT = timedelta(days=30)
"""How long ended subscriptions and settled notices stay."""
