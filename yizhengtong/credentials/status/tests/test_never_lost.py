"""What happened to a permit is told within seconds, by the worker's own loop, and whatever dies on the way."""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.credentials.keys.queries import Use
from yizhengtong.credentials.keys.services import declare_lost, rotate_key
from yizhengtong.credentials.status import signing, tasks, working_in
from yizhengtong.credentials.status.models import Change, StatusList, Token
from yizhengtong.credentials.status.signing import sign_due
from yizhengtong.credentials.status.tests.ground import Copies, age, newest
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events import journal
from yizhengtong.foundation.events.journal import deliver
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.events.tasks import sweep_events
from yizhengtong.foundation.events.tests.test_journal import HORIZON, OF_THIS_DATABASE
from yizhengtong.permitting.permits.services import void_permit
from yizhengtong.permitting.permits.steps import locked, take_step
from yizhengtong.permitting.permits.tests.zhejiang import County

pytestmark = pytest.mark.django_db(transaction=True)
VISIBLE_WITHIN_SECONDS = 5.0


class Killed(BaseException):
    """As a process that is killed: nobody catches it, and the open transaction is gone."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No job is left, and transactions of other tests' databases do not hold the events back."""
    forget_jobs()
    for name in ("_TAIL", "_MOVED_ON", "_BEHIND", "_HELD_UP"):
        monkeypatch.setattr(journal, name, getattr(journal, name).replace(HORIZON, OF_THIS_DATABASE))
    yield
    forget_jobs()


@pytest.fixture
def told(copies: Copies, listed: StatusList) -> Copies:
    """Copies of which a token is out, older than a second; nothing is queued or on its way."""
    sign_due()
    age(listed)
    deliver("status")
    forget_jobs()
    return copies


def forget_jobs() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def suspend(copies: Copies) -> None:
    with transaction.atomic():
        take_step(locked(copies.permit.pk), "suspend", by=SYSTEM)


def restore(copies: Copies) -> None:
    with transaction.atomic():
        take_step(locked(copies.permit.pk), "restore", by=SYSTEM)


async def _work() -> None:
    connector: Any = app.connector
    with app.replace_connector(connector.get_worker_connector()) as running:
        async with running.open_async():
            await running.run_worker_async(wait=False, concurrency=3, install_signal_handlers=False)


def run_worker() -> None:
    """Let the worker do all there is, as the service does, and end; its jobs queue others."""
    while ProcrastinateJob.objects.filter(status="todo").exists():
        asyncio.run(_work())


def die_in(monkeypatch: pytest.MonkeyPatch, module: object, name: str, work: Callable[[], object]) -> None:
    """Do work that is killed where it calls a function."""

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as here:
        here.setattr(module, name, killed)
        with pytest.raises(Killed):
            work()


def seconds_of(act: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> float:
    """Do something and let the worker run: what it computed and what it waited, whatever else the machine was doing."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    begun = time.process_time()
    act()
    run_worker()
    return time.process_time() - begun + sum(waited)


def test_a_suspension_and_its_end_are_in_the_token_within_five_seconds(
    told: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    for act, value in ((suspend, SUSPENDED), (restore, VALID)):
        assert seconds_of(lambda: act(told), monkeypatch) < VISIBLE_WITHIN_SECONDS  # noqa: B023 at once
        assert told.told == {value}


def test_a_cancellation_in_the_same_second_as_the_last_token_is_too(
    copies: Copies, ruian: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_due()
    named = {"permit_id": copies.permit.pk, "ground": "x", "allowed": ("x",), "on": copies.permit.valid_from}
    assert seconds_of(lambda: void_permit(**named, by=ruian.approver), monkeypatch) < VISIBLE_WITHIN_SECONDS  # type: ignore[arg-type]
    assert copies.told == {INVALID}


def test_changes_of_one_second_are_told_by_few_tokens(told: Copies, listed: StatusList) -> None:
    for _ in range(3):
        suspend(told)
        restore(told)
    suspend(told)
    run_worker()
    assert told.told == {SUSPENDED}
    assert listed.tokens.count() <= 3


def test_a_worker_killed_before_it_hears_of_it_hears_of_it_next_time(
    told: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspend(told)
    die_in(monkeypatch, Change.objects, "create", lambda: deliver("status"))
    assert not Change.objects.exists()
    forget_jobs()  # its wake-up died with it
    sweep_events(timestamp=0)
    run_worker()
    assert told.told == {SUSPENDED}


def test_a_worker_killed_between_the_event_and_the_chunks_goes_on_next_time(
    told: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspend(told)
    deliver("status")
    die_in(monkeypatch, working_in, "put", tasks._build._work)
    assert Change.objects.exists()
    forget_jobs()
    tasks.sweep_lists(timestamp=0)
    assert told.told == {SUSPENDED}
    assert not Change.objects.exists()


def test_a_worker_killed_between_the_chunks_and_the_token_goes_on_next_time(
    told: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspend(told)
    deliver("status")
    die_in(monkeypatch, signing, "tokens_of", tasks._build._work)
    assert (told.values, told.told) == ({SUSPENDED}, {VALID})
    forget_jobs()
    tasks.sweep_lists(timestamp=0)
    assert told.told == {SUSPENDED}


def test_a_worker_killed_before_it_lets_go_of_the_dirty_mark_signs_again(
    told: Copies, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspend(told)
    deliver("status")
    die_in(monkeypatch, Token.objects, "create", tasks._build._work)
    assert StatusList.objects.get().dirty_since is not None
    tasks.sweep_lists(timestamp=0)
    assert told.told == {SUSPENDED}
    assert StatusList.objects.get().dirty_since is None


def test_an_event_that_was_never_written_is_found_by_comparing(told: Copies) -> None:
    suspend(told)
    Event.objects.all().delete()
    forget_jobs()
    tasks.compare_lists(timestamp=0)
    assert told.told == {SUSPENDED}
    assert StatusList.objects.get().differences == 10


def test_what_is_only_on_its_way_is_no_difference(told: Copies) -> None:
    suspend(told)
    tasks.compare_lists(timestamp=0)
    assert told.told == {SUSPENDED}
    assert StatusList.objects.get().differences == 0


def test_many_events_of_one_delivery_wake_one_build(told: Copies) -> None:
    for _ in range(4):
        suspend(told)
        restore(told)
    forget_jobs()
    deliver("status")
    assert Change.objects.count() == 8
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == ["status.build"]


def test_a_key_that_is_replaced_signs_the_lists_anew_by_the_worker_alone(told: Copies, listed: StatusList) -> None:
    before = newest(listed)
    made = rotate_key(use=Use.STATUS, algorithm=ES256, by=SYSTEM, at_once=True)
    run_worker()
    assert newest(listed).key_id == made.key_id
    successor = declare_lost(key_id=made.key_id, by=SYSTEM)
    run_worker()
    assert successor is not None
    assert newest(listed).key_id == successor.key_id
    assert set(Token.objects.values_list("key_id", flat=True)) == {before.key_id, successor.key_id}
