"""How keys change: one maker at a time, and a new key published for a while before it signs."""

from datetime import timedelta

from django.db import connection

HOURS_PUBLISHED_BEFORE = 24
"""Ours: so long a key is published before it signs, for those who keep what they fetched a day."""
PUBLISHED_BEFORE = timedelta(hours=HOURS_PUBLISHED_BEFORE)
_LOCK = 0x697373756572  # "issuer"


def take_turns() -> None:
    """Wait until nobody else changes keys, and keep others waiting until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
