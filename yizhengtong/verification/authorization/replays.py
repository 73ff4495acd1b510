"""Proofs are shown once, whichever of the web's processes they reach: a table, not a memory.

A proof is kept under a hash of itself until it would be refused as too old. The key of the table is the same on every
shard and found on one (docs/adr/0012).
"""

from datetime import UTC, datetime
from hashlib import sha256

from django.db import connection


def is_first_shown(kind: str, thumbprint: str, jti: str, *, expires_at: float) -> bool:
    """Whether this proof was never shown before; from now on it was. `expires_at`: Unix seconds."""
    key = sha256("\0".join((kind, thumbprint, jti)).encode(errors="replace")).digest()
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [key, datetime.fromtimestamp(expires_at, UTC)])
        return bool(cursor.rowcount)


_INSERT = "INSERT INTO authorization_seenproof (key, expires_at) VALUES (%s, %s) ON CONFLICT DO NOTHING"
