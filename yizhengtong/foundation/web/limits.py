"""How often somebody may ask: buckets in PostgreSQL that outlive a restart of everything else (docs/adr/0027).

One statement asks and charges. A bucket holds the instant at which it will be full again, so nothing has to refill it,
and the database's clock is the only one: several web servers agree. Whom a bucket belongs to is a keyed hash.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from math import ceil

from django.conf import settings
from django.db import connection

from yizhengtong.foundation.postgresql.unwaited import unwaited
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.foundation.web.models import Bucket
from yizhengtong.kernel.errors import TooMany


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request takes from the bucket `limit` of `caller`, such as `account:…`. `units`: 1, or bytes."""

    limit: str
    caller: str
    units: int = 1


def charge(charges: Collection[Charge]) -> None:
    """Take from every bucket named. Raises TooMany `web.too_many` when one does not hold enough; that one keeps all.

    Outside a transaction, so that a request that fails has counted. A limit of 0 units is no limit. Raises KeyError for
    a limit that no setting names.
    """
    rows = [row for row in map(_row, charges) if row is not None]
    wait = _take(sorted(rows)) if rows else 0.0
    if wait > 0:
        raise TooMany("web.too_many", retry_after_seconds=ceil(wait))


def forget_full() -> int:
    """Delete buckets that are full again: they say what no bucket says. Returns how many."""
    return Bucket.objects.filter(full_at__lt=_now()).delete()[0]


def _row(charge: Charge) -> tuple[bytes, float, float] | None:
    """Return key, cost and span in seconds: a bucket of 60 units an hour fills by one unit a minute."""
    most, seconds = settings.YZT_LIMITS[charge.limit]
    if not most:
        return None
    key = blind_index("web.limit", f"{charge.limit} {charge.caller}")
    return key, min(charge.units / most, 1.0) * seconds, float(seconds)


def _take(rows: list[tuple[bytes, float, float]]) -> float:
    """Charge every row, always in the order of the keys, and return how many seconds to wait; 0 when all were let."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE.format(", ".join([_ASKED] * len(rows))) + unwaited(), list(chain.from_iterable(rows)))
        costs = {key: cost for key, cost, _ in rows}
        waits = [over + costs[bytes(key)] for key, is_let, over, _ in cursor.fetchall() if not is_let]
    return float(max([0.0, *waits]))


def _now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


_ASKED = "(%s::bytea, %s::float8, %s::float8)"
_TAKE = """
    INSERT INTO web_bucket AS bucket (key, at, full_at, span, is_let)
    SELECT key, clock.now, clock.now + cost * interval '1 second', span * interval '1 second', true
    FROM (VALUES {}) AS asked(key, cost, span),
        (SELECT clock_timestamp()) AS clock(now)
    ON CONFLICT (key) DO UPDATE SET at = excluded.at, span = excluded.span, (full_at, is_let) = (
        SELECT CASE WHEN charged <= empty_at THEN charged ELSE least(bucket.full_at, empty_at) END, charged <= empty_at
        FROM (SELECT excluded.at + excluded.span) AS empty(empty_at), LATERAL (
            SELECT least(greatest(bucket.full_at, excluded.at), empty_at) + (excluded.full_at - excluded.at)
        ) AS sum(charged)
    )
    RETURNING key, is_let, extract(epoch FROM full_at - at - span)::float8, """
"""A fall may forget the charges of its last second: nobody gains by that.

`least(…, empty_at)`: a bucket that seems emptier than empty was filled under a clock that has since stepped back."""
