"""How long what this room gives out holds. All ours."""

from datetime import timedelta

REQUEST = timedelta(minutes=10)
"""Long enough to sign in by a code sent to a telephone."""
CODE = timedelta(minutes=1)
ACCESS = timedelta(minutes=5)
"""An access token: it opens what was agreed at one sign-in, and is renewed by another one alone."""
ID_TOKEN = timedelta(minutes=5)
LOGOUT_TOKEN = timedelta(minutes=2)
"""OpenID Connect Back-Channel Logout 1.0, 2.4: preferably two minutes at most."""
REMEMBERED = timedelta(days=180)
"""A consent: after that the resident is asked again."""
ENDED = timedelta(days=30)
"""How long is kept what has ended. What was told stands in the holder's history as long as that is kept."""
AGAIN = tuple(timedelta(minutes=each) for each in (1, 2, 5, 15, 60, 180, 360))
"""After how long a party that did not answer is told again; after the last it is given up."""
