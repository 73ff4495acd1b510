"""How long what is asked and answered holds. All ours; the standard asks for short ones and names no number."""

from datetime import timedelta

OPEN = timedelta(minutes=10)
"""From asking to the wallet's answer: long enough to find the phone and unlock it."""
RESULT = timedelta(minutes=5)
"""From the answer until the relying party must have fetched it; then what it says goes."""
KEPT = timedelta(hours=1)
"""How long the row stays after that, without what was said: so that who is late is told that it is over."""
EVERY_MINUTES = "*/5 * * * *"
"""How often what is over is cleared away."""
