"""The requests of relying parties, counted while they are made: by the minute for their figures, by the day for quotas.

Each of some hundred requests a second would else write the same two rows and wait there for the one before it. So a
process keeps its counts and writes them together, within a second (docs/adr/0072). Figures and quotas may miss what a
process that is killed had counted since; nothing here names a person, a number or a purpose.
"""

import logging
import threading
import time as clock
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from yizhengtong.foundation.postgresql.readers import reading_as_partner
from yizhengtong.foundation.postgresql.unwaited import unwaited
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.errors import TooMany
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.bounds import LATENCIES_MS, QUOTA_ALWAYS_ASKED
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.figures import environment_of, outcome_of, quota_of

log = logging.getLogger(__name__)

_LONGEST_WAY, _LONGEST_CODE = 24, 64
_ASKED_AGAIN = 2
"""Times the seconds between two writings, after which what is known of a quota is old."""
_RESTS_AFTER = 30
"""Times the same seconds, after which nothing was counted and the writer's connection is given back."""
_TENTH = 10
_BOUNDLESS = 2**31 - 1
"""For units that were taken already, whatever the quota; the largest integer of a column."""


class _Ending(NamedTuple):
    """How requests of one minute ended."""

    party_id: UUID
    minute: datetime
    environment: str
    way: str
    outcome: str
    code: str


class _Day(NamedTuple):
    """A legal day of one party's quota."""

    party_id: UUID
    environment: str
    day: date


@dataclass(slots=True)
class _Use:
    """Units of a quota: `known` to the database, asked at a second of the clock, and `own`, counted here since."""

    known: int
    asked_at: float
    own: int = 0


class Counts:
    """What a process has counted and not written yet. Its threads share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._endings: dict[_Ending, list[int]] = {}
        self._uses: dict[_Day, _Use] = {}
        self._is_something = threading.Event()
        self._writer: threading.Thread | None = None

    def add(self, ending: _Ending, milliseconds: float) -> None:
        """Count a request."""
        with self._lock:
            buckets = self._endings.setdefault(ending, [0] * (len(LATENCIES_MS) + 1))
            buckets[bisect_left(LATENCIES_MS, milliseconds)] += 1
        self._write_soon()

    def take(self, day: _Day, units: int, most: int) -> bool:
        """Count units where it is sure that all processes together stay within a quota; else return False.

        It is not sure of a quota of which nothing is known or nothing new, and of its last part.
        """
        within = settings.YZT_FIGURES_WITHIN_SECONDS
        with self._lock:
            use = self._uses.get(day)
            if use is None or clock.monotonic() - use.asked_at >= within * _ASKED_AGAIN:
                return False
            if use.known + use.own + units > most - max(most // _TENTH, QUOTA_ALWAYS_ASKED):
                return False
            use.own += units
        self._write_soon()
        return True

    def learn(self, day: _Day, known: int) -> None:
        """Keep how much of a quota is used by what the database says."""
        with self._lock:
            own = self._uses[day].own if day in self._uses else 0
            self._uses[day] = _Use(known, clock.monotonic(), own)

    def write(self) -> None:
        """Add what was counted to the database. What it does not take now is lost, and the log says so."""
        with self._lock:
            endings, self._endings = self._endings, {}
            spent = {day: use.own for day, use in self._uses.items() if use.own}
            oldest = clock.monotonic() - settings.YZT_FIGURES_WITHIN_SECONDS * _ASKED_AGAIN
            self._uses = {
                day: _Use(use.known + use.own, use.asked_at)
                for day, use in self._uses.items() if use.own or use.asked_at > oldest
            }  # fmt: skip
        try:
            _write_endings(endings)
            for day, units in spent.items():
                self.learn(day, _taken(day, units, _BOUNDLESS) or 0)
        except (InterfaceError, OperationalError) as error:
            log.error("relying_parties.figures_not_written error=%s", type(error).__name__)

    def _write_soon(self) -> None:
        if not settings.YZT_FIGURES_WITHIN_SECONDS:
            self.write()
            return
        with self._lock:
            self._is_something.set()
            if self._writer is None or not self._writer.is_alive():
                self._writer = threading.Thread(target=self._keep_writing, name="figures", daemon=True)
                self._writer.start()

    def _keep_writing(self) -> None:
        """Write over a connection of this thread's own, until nothing was counted for a while."""
        try:
            while self._goes_on():
                clock.sleep(settings.YZT_FIGURES_WITHIN_SECONDS)
                self._is_something.clear()
                close_old_connections()
                self.write()
        finally:
            connection.close()

    def _goes_on(self) -> bool:
        if self._is_something.wait(settings.YZT_FIGURES_WITHIN_SECONDS * _RESTS_AFTER):
            return True
        with self._lock:
            if self._is_something.is_set():
                return True
            self._writer = None
            return False


_counts = Counts()


def note(caller: Caller, *, way: str, status: int, code: str, seconds: float) -> None:
    """Count one request where it belongs."""
    minute = timezone.now().replace(second=0, microsecond=0)
    ending = _Ending(
        caller.pk, minute, environment_of(caller), way[:_LONGEST_WAY], outcome_of(status), code[:_LONGEST_CODE]
    )
    _counts.add(ending, seconds * 1000)


def spend(caller: Caller, units: int = 1) -> None:
    """Take units of a party's quota of the legal day. Raises TooMany `relying_parties.quota_used` when it is used up.

    What is refused has not counted, nor within a transaction what is undone. While much of the quota is left, what all
    processes take within a second may not be known to one another; at its end each request asks the database.
    """
    now = timezone.now()
    day, most = _Day(caller.pk, environment_of(caller), legal_day(now)), quota_of(caller.party, is_test=caller.is_test)
    if not connection.in_atomic_block and _counts.take(day, units, most):
        return
    used = _taken(day, units, most)
    if used is None:
        ends = datetime.combine(day.day + timedelta(days=1), time(), CHINA)
        raise TooMany("relying_parties.quota_used", retry_after_seconds=ceil((ends - now).total_seconds()))
    if not connection.in_atomic_block:
        _counts.learn(day, used)


def _write_endings(endings: Mapping[_Ending, list[int]]) -> None:
    for ending, buckets in endings.items():
        with reading_as_partner(ending.party_id), connection.cursor() as cursor:
            cursor.execute(_NOTE + unwaited(), [new_id(), *ending, sum(buckets), buckets])


def _taken(day: _Day, units: int, most: int) -> int | None:
    """Add units and return all that are used; None, and nothing is added, where that would be more than `most`."""
    with reading_as_partner(day.party_id), connection.cursor() as cursor:
        cursor.execute(_SPEND + unwaited(), {"id": new_id(), **day._asdict(), "units": units, "most": most})
        row = cursor.fetchone()
    return int(row[0]) if row else None


_NOTE = """
    INSERT INTO relying_parties_minute AS known
        (id, relying_party_id, at, environment, way, outcome, code, count, buckets)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (relying_party_id, at, environment, way, outcome, code) DO UPDATE SET
        count = known.count + excluded.count,
        buckets = ARRAY(SELECT before + more FROM unnest(known.buckets, excluded.buckets) AS sums (before, more))
    RETURNING """
_SPEND = """
    INSERT INTO relying_parties_dayuse AS known (id, relying_party_id, day, environment, units)
    SELECT %(id)s, %(party_id)s, %(day)s, %(environment)s, %(units)s WHERE %(units)s <= %(most)s
    ON CONFLICT (relying_party_id, day, environment) DO UPDATE SET units = known.units + excluded.units
        WHERE known.units + excluded.units <= %(most)s
    RETURNING units, """
