"""How large a file may be, how it is worked through, how long it stays. All ours: no source names these numbers."""

from datetime import timedelta

MOST_ROWS = 10_000
"""Rows of one file: at 17 a second and more all are in their holders' histories within ten minutes."""
LARGEST_BYTES = 4 * 1024 * 1024
LONGEST_REFERENCE = 40
MOST_TOLD = 1000
"""How many wrong cells are named in one answer; how many there are is told besides."""
ROWS_AT_ONCE = 20
"""Rows of one part, which is one transaction: short enough that nobody waits for the numbers it has charged."""
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
