"""Events reach their subscribers in order, at least once, and never before an older transaction has ended."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.support.events import deliver_everything
from yizhengtong.foundation.events import journal
from yizhengtong.foundation.events.journal import deliver, deliver_all, publish, subscribe
from yizhengtong.foundation.events.models import Event, Subscription
from yizhengtong.foundation.events.tasks import deliver_events, retry_events, sweep_events
from yizhengtong.foundation.observability import jobs as waking

committed = pytest.mark.django_db(transaction=True)
KINDS = frozenset({"test.happened", "test.also"})


HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"
OF_THIS_DATABASE = """
    coalesce(
        (SELECT min(backend_xid::text::bigint)::text::xid8 FROM pg_stat_activity
            WHERE datname = current_database() AND backend_type = 'client backend'),
        pg_snapshot_xmax(pg_current_snapshot())
    )
"""
"""The same horizon without the transactions of other databases, in which other tests run at the same time."""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No subscriber of the house takes part, and no test beside this one."""
    monkeypatch.setattr(journal, "_subscribers", {})
    for name in ("_TAIL", "_MOVED_ON", "_BEHIND", "_HELD_UP"):
        statement = getattr(journal, name)
        assert HORIZON in statement
        monkeypatch.setattr(journal, name, statement.replace(HORIZON, OF_THIS_DATABASE))


@pytest.fixture
def seen() -> list[int]:
    """What one subscriber, `reader`, was handed: the numbers of the events."""
    numbers: list[int] = []
    subscribe("reader", KINDS, lambda event: numbers.append(event.facts["number"]))
    return numbers


def happen(number: int, kind: str = "test.happened") -> None:
    publish(kind, on=("thing", UUID(int=number)), person_id=None, facts={"number": number})


class Elsewhere:
    """A second connection: what is given runs in one other thread, inside one transaction left open in between."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._transaction = transaction.atomic()
        self.run(self._transaction.__enter__)

    def run(self, act: Callable[[], Any]) -> Any:
        return self._pool.submit(act).result(timeout=90)

    def commit(self) -> None:
        self.run(lambda: self._transaction.__exit__(None, None, None))

    def roll_back(self) -> None:
        with pytest.raises(RuntimeError):
            self.run(self._fail)

    def _fail(self) -> None:
        error = RuntimeError("rolled back")
        self._transaction.__exit__(RuntimeError, error, None)
        raise error


@pytest.fixture
def jobs(transactional_db: None) -> None:
    """Nothing is queued yet; emptying the tables between tests leaves procrastinate's alone."""
    connection.cursor().execute("TRUNCATE procrastinate_jobs CASCADE")


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    with ThreadPoolExecutor(1) as pool:
        try:
            yield Elsewhere(pool)
        finally:
            pool.submit(lambda: connection.close()).result()  # noqa: PLW0108 that thread's connection


@committed
def test_events_arrive_in_the_order_in_which_they_happened(seen: list[int]) -> None:
    for number in range(5):
        happen(number)
    deliver_everything("reader")
    assert seen == [0, 1, 2, 3, 4]


@committed
def test_several_events_of_one_transaction_keep_their_order(seen: list[int]) -> None:
    with transaction.atomic():
        for number in (3, 1, 2):
            happen(number)
    deliver("reader")
    assert seen == [3, 1, 2]


@committed
def test_an_event_whose_transaction_was_undone_never_happened(seen: list[int]) -> None:
    with transaction.atomic():
        happen(1)
        transaction.set_rollback(True)
    assert deliver("reader") == 0
    assert seen == []


@committed
def test_what_was_delivered_is_not_delivered_again(seen: list[int]) -> None:
    happen(1)
    deliver("reader")
    happen(2)
    deliver("reader")
    assert seen == [1, 2]
    assert deliver("reader") == 0


@committed
def test_a_subscriber_is_handed_only_its_kinds_and_still_moves_on(seen: list[int]) -> None:
    happen(1, "test.of_no_interest")
    happen(2, "test.also")
    assert deliver("reader") == 2
    assert seen == [2]
    position = Subscription.objects.get(name="reader")
    assert position.sequence == Event.objects.get(kind="test.also").sequence


@committed
def test_of_many_events_only_those_chosen_are_handled() -> None:
    handled: list[int] = []
    asked: list[int] = []

    def odd(events: Sequence[Event]) -> list[Event]:
        asked.extend(event.facts["number"] for event in events)
        return [event for event in events if event.facts["number"] % 2]

    subscribe("chooser", KINDS, lambda event: handled.append(event.facts["number"]), choose=odd)
    happen(0, "test.of_no_interest")
    for number in range(1, 5):
        happen(number)
    deliver_everything("chooser")
    assert (asked, handled) == ([1, 2, 3, 4], [1, 3])
    assert deliver("chooser") == 0


@committed
def test_each_subscriber_has_a_position_of_its_own(seen: list[int]) -> None:
    happen(1)
    deliver("reader")
    late: list[int] = []
    subscribe("late", KINDS, lambda event: late.append(event.facts["number"]))
    happen(2)
    deliver_all()
    assert seen == [1, 2]
    assert late == [1, 2]


@committed
def test_a_page_ends_at_its_limit_and_the_next_goes_on(seen: list[int]) -> None:
    for number in range(5):
        happen(number)
    assert [deliver("reader", limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert seen == [0, 1, 2, 3, 4]


@committed
def test_a_handler_that_fails_leaves_the_position_so_that_it_is_tried_again(seen: list[int]) -> None:
    failing = True

    def handle(event: Event) -> None:
        if failing and event.facts["number"] == 2:
            raise RuntimeError("cannot now")
        seen.append(event.facts["number"])

    happen(1)
    happen(2)
    subscribe("reader", KINDS, handle)
    with pytest.raises(RuntimeError, match="cannot now"):
        deliver("reader")
    assert not Subscription.objects.filter(sequence__gt=0).exists()
    failing = False
    deliver("reader")
    assert seen == [1, 1, 2]  # at least once: the first of the failed page is handed over again


@committed
def test_a_handler_that_breaks_the_transaction_undoes_what_it_wrote() -> None:
    def handle(_event: Event) -> None:
        Subscription.objects.create(name="written by the handler")
        connection.cursor().execute("SELECT 1 / 0")

    subscribe("reader", KINDS, handle)
    happen(1)
    with pytest.raises(DatabaseError):
        deliver("reader")
    assert not Subscription.objects.filter(name="written by the handler").exists()


@committed
def test_the_tail_never_passes_a_transaction_that_still_runs(seen: list[int]) -> None:
    with elsewhere() as other:
        other.run(lambda: happen(1))
        happen(2)  # begun later, committed earlier
        assert deliver("reader") == 0
        other.commit()
        deliver("reader")
    assert seen == [1, 2]


@committed
def test_the_horizon_of_operation_stands_before_a_transaction_that_still_runs(
    seen: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "_TAIL", journal._TAIL.replace(OF_THIS_DATABASE, HORIZON))
    with elsewhere() as other:
        other.run(lambda: happen(1))
        happen(2)
        assert deliver("reader") == 0
        other.commit()
    assert seen == []


@committed
def test_a_slow_transaction_that_was_undone_holds_up_nothing_afterwards(seen: list[int]) -> None:
    with elsewhere() as other:
        other.run(lambda: happen(1))
        happen(2)
        other.roll_back()
        deliver("reader")
    assert seen == [2]


@committed
def test_what_waits_longer_than_a_job_looks_is_looked_at_by_another_soon(jobs: None, seen: list[int]) -> None:
    with elsewhere() as other:
        other.run(lambda: happen(1))
        happen(2)
        ProcrastinateJob.objects.all().delete()
        deliver_all()
        (job,) = ProcrastinateJob.objects.all()
        assert (job.task_name, job.status) == ("events.deliver", "todo")
        assert job.scheduled_at is not None
        assert job.scheduled_at < timezone.now() + timedelta(seconds=5)
        other.commit()
    deliver_all()
    assert seen == [1, 2]


@committed
def test_an_older_transaction_that_publishes_late_is_still_delivered_before_the_younger(seen: list[int]) -> None:
    with elsewhere() as other:
        other.run(lambda: Subscription.objects.create(name="holds a transaction id"))
        happen(2)
        other.run(lambda: happen(1))  # a higher sequence, but the older transaction
        assert deliver("reader") == 0
        other.commit()
        deliver("reader")
    assert sorted(seen) == [1, 2]
    assert seen == [1, 2]


@committed
def test_two_deliveries_at_once_hand_each_event_over_once(seen: list[int]) -> None:
    happen(1)
    with elsewhere() as other:
        assert other.run(lambda: deliver("reader")) == 1
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(deliver_and_leave)
            other.commit()
            assert waiting.result(timeout=90) == 0
    assert seen == [1]


def deliver_and_leave() -> int:
    try:
        return deliver("reader")
    finally:
        connection.close()


@committed
def test_one_wake_up_is_queued_however_many_events_happen(jobs: None, seen: list[int]) -> None:
    with transaction.atomic():
        for number in range(3):
            happen(number)
    happen(3)
    assert ProcrastinateJob.objects.filter(task_name="events.deliver", status="todo").count() == 1


@committed
def test_nobody_is_woken_for_what_nobody_follows(jobs: None, seen: list[int]) -> None:
    happen(1, "test.of_no_interest")
    assert not ProcrastinateJob.objects.exists()


@committed
def test_an_undone_event_wakes_nobody(jobs: None, seen: list[int]) -> None:
    with transaction.atomic():
        happen(1)
        transaction.set_rollback(True)
    assert not ProcrastinateJob.objects.exists()


@committed
def test_the_tasks_bring_every_subscriber_up_to_date(seen: list[int]) -> None:
    happen(1)
    deliver_events()
    happen(2)
    sweep_events(0)
    assert seen == [1, 2]


@committed
def test_one_failing_subscriber_does_not_hold_up_the_others(seen: list[int]) -> None:
    def fail(_event: Event) -> None:
        raise RuntimeError("cannot")

    subscribers = dict(journal._subscribers)
    journal._subscribers.clear()
    subscribe("broken", KINDS, fail)
    journal._subscribers.update(subscribers)
    happen(1)
    deliver_all()
    assert seen == [1]


@committed
def test_a_subscriber_that_failed_is_tried_again_soon_and_ever_later(
    jobs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_event: Event) -> None:
        raise RuntimeError("cannot")

    subscribe("broken", KINDS, fail)
    happen(1)
    waits = []
    for _ in range(6):
        ProcrastinateJob.objects.all().delete()
        monkeypatch.setattr(waking, "_queued_until", {})
        deliver_all()
        waits += [
            (job.scheduled_at - timezone.now()).total_seconds()
            for job in ProcrastinateJob.objects.filter(task_name="events.retry", status="todo")
        ]
    assert [round(seconds) for seconds in waits] == [2, 4, 8, 16, 32]  # then the minute's sweep tries it
    assert Subscription.objects.get(name="broken").failures == 6


@committed
def test_a_subscriber_that_failed_once_takes_what_it_left(jobs: None, seen: list[int]) -> None:
    answers = [RuntimeError("cannot now")]

    def handle(event: Event) -> None:
        if answers:
            raise answers.pop()
        seen.append(event.facts["number"])

    subscribe("reader", KINDS, handle)
    happen(1)
    deliver_all()
    assert seen == []
    retry_events()
    assert seen == [1]
    assert Subscription.objects.get(name="reader").failures == 0


@pytest.mark.parametrize("is_first", [False, True])
@committed
def test_a_failing_subscriber_is_counted(is_first: bool) -> None:
    failing = is_first

    def handle(_event: Event) -> None:
        if failing:
            raise RuntimeError("cannot")

    subscribe("broken", KINDS, handle)
    happen(1)
    deliver_all()
    failing = True
    happen(2)
    deliver_all()
    assert Subscription.objects.get(name="broken").failures == 1 + is_first
