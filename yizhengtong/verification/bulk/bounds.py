"""How large a file may be, how it is worked through, how long it stays. All ours: no source names these numbers."""

from datetime import timedelta

MOST_ROWS = 10_000
"""Rows of one file, and of all files of one relying party that wait."""
MOST_WAITING = 20_000
"""Rows of all relying parties that wait: at 34 a second and more each is in its holder's history within PROMISED."""
PROMISED = timedelta(minutes=10)
LARGEST_BYTES = 4 * 1024 * 1024
LONGEST_REFERENCE = 40
MOST_TOLD = 1000
"""How many wrong cells are named in one answer; how many there are is told besides."""
ROWS_AT_ONCE = 20
"""Rows of one part, and at most of one transaction."""
PART_SECONDS = 1.0
"""After which a transaction begins no further row: the events of all wait for the oldest transaction, and a row about
a travel document waits for a service elsewhere, for seconds where that is slow."""
AGAIN = timedelta(minutes=2)
"""After which rows that a limit refused are tried again: `checks_of_one` then lets one more of a number through."""
AHEAD = 2 * AGAIN
"""Nothing is put off for so long: what is due later was put off under a clock that has stepped back since."""
RETRIED = timedelta(minutes=30)
"""How long after its file was sent a row is tried again; then the refusal is its answer."""
OPEN_AT_ONCE = 5
"""Files of one relying party under way at a time."""
MOST_FAILURES = 8
"""Failures in a row after which a file is stopped."""
REST = timedelta(minutes=1)
"""How long a file rests after a failure, times the failures in a row: a disk that is full for minutes stops none."""
KEPT = timedelta(days=7)
"""How long results can be fetched after a file has ended; then all of it is deleted."""
LONGEST = timedelta(days=2)
"""A file that has not ended by then is stopped: whoever sent it does not wait any more."""
MOST_LISTED = 100
