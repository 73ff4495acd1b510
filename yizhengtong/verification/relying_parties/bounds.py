"""Sizes and times of the room that are ours and no law's."""

from datetime import timedelta

LONGEST_NAME = 120
LONGEST_BASIS = 200
LONGEST_REASON = 400
LONGEST_CONTACT = 120
LONGEST_URI = 300
LONGEST_LABEL = 60
LONGEST_KEY_NAME = 64
"""Characters."""

MOST_ASSERTION = 4096
"""Characters of an assertion."""
MOST_CERTIFICATE = 8192
"""Characters of a certificate as the proxy hands it over."""
ASSERTION_LASTS = timedelta(minutes=5)
"""The longest from now to an assertion's `exp`."""
SKEW = timedelta(seconds=30)
"""How far a party's clock may be ahead."""

KEYS_AT_ONCE = 5
"""Good keys of one environment: two ways and a rotation of each, and one to spare."""
ADDRESSES_AT_ONCE = 20
INVITATIONS_AT_ONCE = 10
"""Of one organisation, that nobody has used yet."""
KEY_LASTS = timedelta(days=400)
"""A key ends by itself: nobody forgets one for ever."""
LONGEST_OVERLAP = timedelta(days=30)
"""How long at most an old key goes on beside the one that follows it."""
USE_NOTED_EVERY = timedelta(minutes=1)
"""How exactly a key's last use is known."""
INVITATION_LASTS = timedelta(days=7)

QUOTA_A_DAY = 200_000
"""Requests of one party in a legal day, where an officer has said nothing else."""
SANDBOX_QUOTA_A_DAY = 10_000
MOST_QUOTA = 50_000_000
QUOTA_ALWAYS_ASKED = 1_000
"""The last units of a quota, of which each request asks the database; of a large quota, its last tenth."""

FIGURES_KEPT = timedelta(days=31)
LATENCIES_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 2500)
"""Upper ends of the latency buckets, inclusive; one more bucket holds what took longer."""
