"""Letting what is on its way come to its end before it is compared, as if the hours of waiting had passed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import psycopg

from faults.platform import Platform
from faults.troubles import lasting

_SECONDS = 240.0
_WAKE_SECONDS = 10.0
_LOOK_SECONDS = 0.5

_HOURS_PASS = (
    "UPDATE notifications_delivery SET not_before = now() WHERE state = 'waiting' AND not_before > now()",
    "UPDATE notifications_delivery SET attempted_at = now() - interval '1 day' WHERE state = 'sending'"
    " AND (attempted_at < %(begun)s OR attempted_at > now() + interval '1 minute')",
    "UPDATE exchange_push SET not_before = now() WHERE state = 'waiting' AND not_before > now()",
    "UPDATE exchange_push SET leased_until = now() - interval '1 second' WHERE state = 'sending'"
    " AND (leased_until < %(begun)s + interval '1 minute' OR leased_until > now() + interval '2 minutes')",
    "UPDATE exchange_destination SET rests_until = NULL WHERE rests_until IS NOT NULL",
)
"""Waiting times end. What a process took up that is dead since is left to others: `begun`, when everything was started
anew. What living processes have taken up stays theirs."""

_OPEN = """
    SELECT (SELECT count(*) FROM events_event e JOIN events_subscription s
               ON (e.transaction_id, e.sequence) > (s.transaction_id, s.sequence)),
           (SELECT count(*) FROM exchange_push WHERE state IN ('waiting', 'sending')),
           (SELECT count(*) FROM exchange_push WHERE state = 'dead'),
           (SELECT count(*) FROM notifications_delivery WHERE state IN ('waiting', 'sending')
               OR state = 'unsure' AND settled_at IS NULL),
           (SELECT count(*) FROM bulk_bulkfile WHERE state = 'running')
"""


def settle(place: Platform, begun: datetime, manage: Callable[..., str]) -> tuple[int, ...]:
    """Wait until every event is delivered, push settled, message gone, file checked; dead letters are replayed.

    Returns what is open when the patience ends: events, pushes, dead letters, messages, files of checks.
    """
    until, woken = time.monotonic() + _SECONDS, 0.0
    while True:
        with psycopg.connect(place.database().url, autocommit=True) as connection:
            left = _one(connection, _OPEN)
            if not any(left) or time.monotonic() > until:
                return left
            if time.monotonic() - woken > _WAKE_SECONDS:
                woken = time.monotonic()
                for statement in _HOURS_PASS:
                    connection.execute(statement, {"begun": begun})
                if left[2]:
                    manage(place, "-m", "yizhengtong.project.manage", "exchange", "replay", "all")
                manage(place, "-m", "faults.prepare", "--wake")
        lasting(_LOOK_SECONDS)


def now() -> datetime:
    return datetime.now(UTC)


def _one(connection: psycopg.Connection[Any], statement: str) -> tuple[int, ...]:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return tuple(row)
