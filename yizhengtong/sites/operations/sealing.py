"""How far the sealing of the audit trail is behind: the age of the oldest entry that no link chains yet."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection

LONGEST_LAG_SECONDS = 300.0
"""The sealer works every second; five minutes are a sealer that does not work."""


@dataclass(frozen=True, slots=True)
class Sealing:
    """Whether a sealer ever worked on this database, and the age of the oldest unsealed entry, in seconds."""

    is_on: bool
    seconds: float

    @property
    def keeps_up(self) -> bool:
        """Whether it is near enough. Without a sealer only a demonstration goes on."""
        return self.seconds <= LONGEST_LAG_SECONDS if self.is_on else not settings.YZT_PRODUCTION


def sealing_now() -> Sealing:
    """Look it up."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM operations_trail()")
        is_on, seconds = cursor.fetchone()
    return Sealing(is_on, max(0.0, seconds))
