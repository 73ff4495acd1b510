"""How the requests of a relying party fare, minute by minute, while they do: ways, outcomes, codes, latencies.

What is read here was counted by `counts`, up to a second ago.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Sum

from yizhengtong.verification.relying_parties.bounds import LATENCIES_MS, QUOTA_A_DAY, SANDBOX_QUOTA_A_DAY
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import DayUse, Environment, Minute, RelyingParty

ANSWERED, REFUSED, FAILED = "answered", "refused", "failed"
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
