"""How the requests of a relying party fare, minute by minute, while they do: ways, outcomes, codes, latencies.

Nothing here names a person, a number or a purpose. A figure may be lost when the machine falls: the statement that
writes it does not wait for the disk. Quotas are counted in the same way.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import ceil

from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from yizhengtong.foundation.postgresql.unwaited import unwaited
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.errors import TooMany
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.relying_parties.bounds import LATENCIES_MS, QUOTA_A_DAY, SANDBOX_QUOTA_A_DAY
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import DayUse, Environment, Minute, RelyingParty

ANSWERED, REFUSED, FAILED = "answered", "refused", "failed"
_LONGEST_WAY, _LONGEST_CODE = 24, 64
_DEFECT = 500
_REFUSAL = 400


@dataclass(frozen=True, slots=True)
class Latency:
    """What share of requests was answered within so many milliseconds, by the buckets' upper ends; 0: none yet.

    A quantile in the last bucket is told as the end of the bucket before: "more than".
    """

    count: int
    p50_ms: int
    p95_ms: int
    p99_ms: int


def environment_of(caller: Caller) -> str:
    """Return the environment whose figures and quota a caller's requests are."""
    return Environment.TEST if caller.is_test else Environment.PRODUCTION


def outcome_of(status: int) -> str:
    """Return how a request ended, by its HTTP status."""
    if status >= _DEFECT:
        return FAILED
    return REFUSED if status >= _REFUSAL else ANSWERED


def note(caller: Caller, *, way: str, status: int, code: str, seconds: float) -> None:
    """Count one request where it belongs."""
    bucket = bisect_left(LATENCIES_MS, seconds * 1000)
    minute = timezone.now().replace(second=0, microsecond=0)
    ones = [int(place == bucket) for place in range(len(LATENCIES_MS) + 1)]
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE + unwaited(),
            [
                new_id(), caller.party.pk, minute, environment_of(caller), way[:_LONGEST_WAY], outcome_of(status),
                code[:_LONGEST_CODE], ones, bucket + 1, bucket + 1,
            ],
        )  # fmt: skip


def spend(caller: Caller, units: int = 1) -> None:
    """Take units of a party's quota of the legal day. Raises TooMany `relying_parties.quota_used` when it is used up.

    What is refused has not counted.
    """
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            _SPEND + unwaited(),
            {
                "id": new_id(), "party": caller.party.pk, "day": legal_day(now), "units": units,
                "environment": environment_of(caller), "most": quota_of(caller.party, is_test=caller.is_test),
            },
        )  # fmt: skip
        if cursor.rowcount:
            return
    ends = datetime.combine(legal_day(now) + timedelta(days=1), time(), CHINA)
    raise TooMany("relying_parties.quota_used", retry_after_seconds=ceil((ends - now).total_seconds()))


def quota_of(party: RelyingParty, *, is_test: bool) -> int:
    """Return how many requests a party may make in a legal day."""
    if is_test:
        return SANDBOX_QUOTA_A_DAY
    return QUOTA_A_DAY if party.quota_a_day is None else party.quota_a_day


def used_of(party: RelyingParty, environment: str, day: date) -> int:
    """Return how much of its quota a party has used in a legal day."""
    found = DayUse.objects.filter(relying_party=party, environment=environment, day=day)
    return found.values_list("units", flat=True).first() or 0


def minutes_of(party: RelyingParty, environment: str, since: datetime) -> Sequence[Minute]:
    """Return the figures of a party from an instant on, by minute, way, outcome and code."""
    found = Minute.objects.filter(relying_party=party, environment=environment, at__gte=since)
    return list(found.order_by("at", "way", "outcome", "code"))


def answered_since(party: RelyingParty, since: datetime) -> int:
    """Return how many requests of a party were answered in earnest since an instant; figures are kept for a month."""
    found = Minute.objects.filter(
        relying_party=party, environment=Environment.PRODUCTION, outcome=ANSWERED, at__gte=since
    )
    return found.aggregate(answered=Sum("count"))["answered"] or 0


def latency_of(minutes: Sequence[Minute]) -> Latency:
    """Return the latencies of what was answered or refused, whatever the way."""
    sums = [sum(column) for column in zip(*(each.buckets for each in minutes), strict=True)]
    count = sum(sums)
    return Latency(count, *(_quantile(sums, count, share) for share in (0.5, 0.95, 0.99)))


def _quantile(sums: Sequence[int], count: int, share: float) -> int:
    if not count:
        return 0
    seen = 0
    for upper, each in zip(LATENCIES_MS, sums, strict=False):
        seen += each
        if seen >= share * count:
            return upper
    return LATENCIES_MS[-1]


_NOTE = """
    INSERT INTO relying_parties_minute AS known
        (id, relying_party_id, at, environment, way, outcome, code, count, buckets)
    VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s)
    ON CONFLICT (relying_party_id, at, environment, way, outcome, code)
        DO UPDATE SET count = known.count + 1, buckets[%s] = known.buckets[%s] + 1
    RETURNING """
_SPEND = """
    INSERT INTO relying_parties_dayuse AS known (id, relying_party_id, day, environment, units)
    SELECT %(id)s, %(party)s, %(day)s, %(environment)s, %(units)s WHERE %(units)s <= %(most)s
    ON CONFLICT (relying_party_id, day, environment) DO UPDATE SET units = known.units + excluded.units
        WHERE known.units + excluded.units <= %(most)s
    RETURNING """
