"""Counts that a process keeps for a second: written together by a thread, and quotas are kept all the same."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from tests.support.waiting import wait_for
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import TooMany
from yizhengtong.verification.relying_parties import counts
from yizhengtong.verification.relying_parties.bounds import QUOTA_ALWAYS_ASKED
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.counts import Counts, note, spend
from yizhengtong.verification.relying_parties.figures import used_of
from yizhengtong.verification.relying_parties.models import DayUse, Minute
from yizhengtong.verification.relying_parties.tests.test_figures import LATE, a_caller

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def kept(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Counts:
    """The counts of a process whose writer never comes by itself."""
    settings.YZT_FIGURES_WITHIN_SECONDS = 1000
    monkeypatch.setattr(Counts, "_write_soon", lambda _counts: None)
    monkeypatch.setattr(counts, "_counts", Counts())
    return counts._counts


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What is asked of the database within a test."""
    told: list[str] = []

    def tell(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        told.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(tell):
        yield told


def answered(caller: Caller, *, seconds: float = 0.02, way: str = "checks") -> None:
    note(caller, way=way, status=201, code="", seconds=seconds)


def is_let_to_spend(caller: Caller, units: int) -> bool:
    try:
        spend(caller, units)
    except TooMany:
        return False
    return True


def units_of(caller: Caller) -> int:
    return used_of(caller.party, "production", legal_day(timezone.now()))


@time_machine.travel(LATE, tick=False)  # in one minute
def test_requests_are_written_together_and_added_to_what_was_written(kept: Counts) -> None:
    caller, other = a_caller(), a_caller()
    for _ in range(3):
        answered(caller)
    answered(caller, way="codes")
    answered(other)
    assert not Minute.objects.exists()
    kept.write()
    kept.write()  # there is nothing more
    assert sorted(Minute.objects.values_list("way", "count")) == [("checks", 1), ("checks", 3), ("codes", 1)]
    answered(caller, seconds=0.001)
    answered(caller, seconds=90)
    kept.write()
    written = Minute.objects.get(relying_party=caller.party, way="checks")
    assert (written.count, written.buckets) == (5, [1, 0, 3, 0, 0, 0, 0, 0, 0, 1])


def test_while_much_of_a_quota_is_left_the_database_is_asked_once(kept: Counts, statements: list[str]) -> None:
    caller = a_caller(quota=5000)
    spend(caller)
    statements.clear()
    for _ in range(100):
        spend(caller, 2)
        answered(caller)
    assert statements == []
    assert units_of(caller) == 1
    kept.write()
    assert units_of(caller) == 201


def test_a_small_quota_is_asked_for_each_request_and_ends_where_it_ends(kept: Counts) -> None:
    caller = a_caller(quota=3)
    for used in (1, 2, 3):
        spend(caller)
        assert units_of(caller) == used
    with pytest.raises(TooMany, match=r"relying_parties\.quota_used"):
        spend(caller)
    kept.write()
    assert units_of(caller) == 3


def test_what_is_known_of_a_quota_is_old_after_two_writings(kept: Counts, settings: Any) -> None:
    caller = a_caller(quota=5000)
    spend(caller)
    DayUse.objects.update(units=5000)  # by other processes
    spend(caller)
    settings.YZT_FIGURES_WITHIN_SECONDS = 0
    with pytest.raises(TooMany):
        spend(caller)


def test_processes_that_write_each_second_stay_within_a_quota_together(
    kept: Counts, monkeypatch: pytest.MonkeyPatch
) -> None:
    most, chance = QUOTA_ALWAYS_ASKED + 500, random.Random(7)
    caller, processes, let = a_caller(quota=most), [Counts() for _ in range(3)], 0
    is_let, turn = True, 0
    while is_let:
        monkeypatch.setattr(counts, "_counts", chance.choice(processes))
        is_let, turn = is_let_to_spend(caller, 7), turn + 1
        let += 7 * is_let
        if turn % 20 == 0 or not is_let:
            for process in processes:
                process.write()
    assert most - 7 < units_of(caller) == let <= most


def test_within_a_transaction_units_count_with_it(kept: Counts) -> None:
    caller = a_caller(quota=5000)
    spend(caller)
    with transaction.atomic():
        spend(caller, 10)
        assert units_of(caller) == 11
        transaction.set_rollback(True)
    kept.write()
    assert units_of(caller) == 1


def test_what_the_database_does_not_take_is_lost_and_told(
    kept: Counts, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the server went away")

    caller = a_caller()
    answered(caller)
    with monkeypatch.context() as without:
        without.setattr(counts, "_write_endings", away)
        kept.write()
    assert "relying_parties.figures_not_written error=OperationalError" in caplog.text
    answered(caller)
    kept.write()
    assert Minute.objects.get().count == 1


def test_a_thread_writes_by_itself_rests_and_begins_again(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.YZT_FIGURES_WITHIN_SECONDS = 0.01
    process = Counts()
    monkeypatch.setattr(counts, "_counts", process)
    caller = a_caller()
    for _ in range(2):
        answered(caller)
        wait_for(lambda: not process._endings and process._writer is None, "a writer that writes and rests")
    assert sum(Minute.objects.values_list("count", flat=True)) == 2
