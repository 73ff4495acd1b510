"""How long what is given out holds. All ours; the RFCs ask for short ones and name few numbers."""

from datetime import timedelta

REQUEST = timedelta(minutes=10)
"""A pushed request: long enough to sign in by a code sent to a telephone; RFC 9126 2.2 speaks of 5 to 600 seconds."""
CODE = timedelta(minutes=1)
"""An authorization code (RFC 6749 4.1.2: ten minutes at most; FAPI 2.0: one)."""
OFFER = timedelta(minutes=10)
"""A pre-authorized code and its transaction code."""
TX_CODE_TRIES = 5
ACCESS = timedelta(minutes=10)
REFRESH = timedelta(days=180)
"""A refresh token, from when it was given out; each use gives a new one. Wallets collect anew by it."""
REFRESH_AGAIN = timedelta(seconds=60)
"""How long after its use a refresh token may come once more from the same key: the answer may have been lost."""
ENDED_GRANT = timedelta(days=30)
"""How long is kept what has ended, or can collect nothing more."""
