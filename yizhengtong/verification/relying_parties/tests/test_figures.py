"""Own figures and quotas, counted while requests are made."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from tests.support.days import real_today
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.errors import TooMany
from yizhengtong.verification.relying_parties.authenticating import caller_of_secret
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.counts import note, spend
from yizhengtong.verification.relying_parties.figures import latency_of, minutes_of, used_of
from yizhengtong.verification.relying_parties.forgetting import forget
from yizhengtong.verification.relying_parties.models import DayUse, Minute
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = pytest.mark.django_db
LATE = datetime(2026, 9, 18, 15, 59, 30, tzinfo=UTC)  # 23:59:30 in China


def a_caller(environment: str = "production", quota: int | None = None) -> Caller:
    party, key = register_relying_party(
        name="演示", legal_basis="x", purposes=["bank"], by=SYSTEM, environment=environment
    )
    party.quota_a_day = quota
    party.save()
    caller = caller_of_secret(key)
    assert caller is not None
    return caller


@time_machine.travel(LATE, tick=False)  # in one minute
def test_requests_are_counted_by_way_outcome_and_code() -> None:
    caller = a_caller()
    for status, code in ((201, ""), (201, ""), (403, "x.not"), (500, "web.defect")):
        note(caller, way="checks", status=status, code=code, seconds=0.004)
    found = {(each.outcome, each.code): each.count for each in Minute.objects.all()}
    assert found == {("answered", ""): 2, ("refused", "x.not"): 1, ("failed", "web.defect"): 1}


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.0, 5), (0.005, 5), (0.0051, 10), (0.05, 50), (2.5, 2500), (2.6, 2500), (90.0, 2500)]
)
def test_a_latency_falls_into_the_bucket_that_holds_it(seconds: float, told: int) -> None:
    caller = a_caller()
    note(caller, way="checks", status=201, code="", seconds=seconds)
    minutes = list(Minute.objects.all())
    assert (latency_of(minutes).p50_ms, sum(minutes[0].buckets)) == (told, 1)


def test_quantiles_are_of_all_ways_together() -> None:
    caller = a_caller()
    for place in range(100):
        note(caller, way=f"way{place % 3}", status=201, code="", seconds=0.2 if place < 6 else 0.02)
    found = latency_of(list(Minute.objects.all()))
    assert (found.count, found.p50_ms, found.p95_ms, found.p99_ms) == (100, 25, 250, 250)
    assert latency_of([]).count == 0


def test_figures_are_a_partys_own_and_an_environments() -> None:
    mine, other, test = a_caller(), a_caller(), a_caller("test")
    note(other, way="checks", status=201, code="", seconds=0.1)
    note(test, way="checks", status=201, code="", seconds=0.1)
    since = timezone.now() - timedelta(hours=1)
    assert minutes_of(mine.party, "production", since) == []
    assert minutes_of(test.party, "production", since) == []
    assert len(minutes_of(test.party, "test", since)) == 1


def test_a_quota_is_used_up_and_begins_anew_at_midnight_in_china() -> None:
    caller = a_caller(quota=3)
    with time_machine.travel(LATE, tick=False):
        spend(caller, 2)
        with pytest.raises(TooMany) as refused:
            spend(caller, 2)  # what is refused has not counted
        assert refused.value.facts["retry_after_seconds"] == 30
        spend(caller)
        with pytest.raises(TooMany):
            spend(caller)
    with time_machine.travel(LATE + timedelta(seconds=30), tick=False):
        spend(caller, 3)
    assert sorted(DayUse.objects.values_list("units", flat=True)) == [3, 3]


def test_a_quota_of_nothing_lets_nothing_and_the_sandbox_has_its_own() -> None:
    caller = a_caller(quota=0)
    with pytest.raises(TooMany):
        spend(caller)
    spend(Caller(caller.party, caller.key_id, is_test=True), 5)
    day = real_today()
    assert used_of(caller.party, "production", day) == 0
    assert DayUse.objects.get().units == 5


def test_old_figures_go() -> None:
    caller = a_caller()
    note(caller, way="checks", status=201, code="", seconds=0.1)
    spend(caller)
    forget(at=timezone.now() + timedelta(days=30))
    assert Minute.objects.count() == DayUse.objects.count() == 1
    forget(at=timezone.now() + timedelta(days=33))
    assert Minute.objects.count() == DayUse.objects.count() == 0
