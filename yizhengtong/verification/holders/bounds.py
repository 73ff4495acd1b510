"""Bounds of ours, which no law names."""

ALERTS_A_DAY = 20
"""Messages about checks to one person in 24 hours: who floods a holder with checks fills the list, not the inbox."""
LONGEST_WORDS = 1000
"""Characters of what is written in a ticket, and of its answer."""
MOST_OPEN_TICKETS = 20
"""Open tickets of one person."""
