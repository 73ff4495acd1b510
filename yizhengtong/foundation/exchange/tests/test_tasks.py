"""The worker's side: who wakes it, when it looks again, what it does when it runs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.exchange import claiming, pushing, tasks
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.services import pause
from yizhengtong.foundation.exchange.tests.platforms import ALICE, BOB, Ledger, collect_all, happen, platform

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("followed")]


@pytest.fixture(autouse=True)
def _no_jobs(transactional_db: None) -> None:
    """The table of jobs is not ours: it is not emptied between tests."""
    ProcrastinateJob.objects.all().delete()


def queued(name: str) -> int:
    return ProcrastinateJob.objects.filter(task_name=name, status="todo").count()


def test_what_comes_into_the_outbox_wakes_the_worker_once() -> None:
    platform()
    ProcrastinateJob.objects.filter(task_name="exchange.push").delete()
    happen(ALICE, 1), happen(BOB, 2)
    collect_all()
    assert queued("exchange.push") == 1


def test_an_event_that_no_destination_follows_wakes_nobody() -> None:
    happen(ALICE, 1)
    collect_all()
    assert queued("exchange.push") == 0


def test_a_round_sends_and_leaves_nothing_to_look_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    monkeypatch.setattr(pushing, "send_push", ledger.take)
    platform()
    happen(ALICE, 1)
    collect_all()
    tasks.push_events()
    assert Push.objects.get().state == "acknowledged"
    assert queued("exchange.push_later") == 0


def test_after_a_failure_the_worker_looks_again_when_the_push_may_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "send_push", lambda _push, _key: Told(503))
    monkeypatch.setattr(claiming, "wait_after", lambda _attempts, _chance: timedelta(seconds=20))
    platform()
    happen(ALICE, 1)
    collect_all()
    tasks.push_events()
    tasks.push_events()
    (job,) = ProcrastinateJob.objects.filter(task_name="exchange.push_later", status="todo")
    assert job.scheduled_at is not None
    assert timedelta(seconds=10) < job.scheduled_at - timezone.now() <= timedelta(seconds=21)


def test_what_is_due_after_the_next_sweep_is_left_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "send_push", lambda _push, _key: Told(503))
    monkeypatch.setattr(claiming, "wait_after", lambda _attempts, _chance: timedelta(minutes=4))
    platform()
    happen(ALICE, 1)
    collect_all()
    tasks.push_events()
    assert queued("exchange.push_later") == 0


def test_a_paused_or_resting_destination_is_not_looked_for_at_once() -> None:
    platform()
    happen(ALICE, 1)
    collect_all()
    pause(code="province", by=SYSTEM)
    assert pushing.next_due() is None
    Destination.objects.update(state="on", rests_until=timezone.now() + timedelta(seconds=30))
    due: Any = pushing.next_due()
    assert due == Destination.objects.get().rests_until


def test_when_the_time_of_a_round_is_over_the_worker_is_woken_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_ROUND_SECONDS", 0.0)
    platform()
    ProcrastinateJob.objects.filter(task_name="exchange.push").delete()
    happen(ALICE, 1)
    collect_all()
    ProcrastinateJob.objects.filter(task_name="exchange.push").delete()
    tasks.push_events()
    assert queued("exchange.push") == 1
