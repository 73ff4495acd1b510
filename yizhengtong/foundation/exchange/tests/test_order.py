"""In order per person, at least once, not again once acknowledged: whoever dies, is away or stands still."""

import time
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange import claiming, rounds
from yizhengtong.foundation.exchange.claiming import Told, claim, settle
from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.pushing import Round, Send, next_due, push_due
from yizhengtong.foundation.exchange.rounds import LANES
from yizhengtong.foundation.exchange.rules import FAILURES_TO_OPEN, Verdict
from yizhengtong.foundation.exchange.tests.platforms import (
    ALICE,
    BOB,
    KIND,
    Killed,
    Ledger,
    Unreliable,
    answering,
    collect_all,
    happen,
    platform,
    states,
)
from yizhengtong.kernel.ids import new_id

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("followed")]
_GIVE_UP_SECONDS = 120.0


def test_a_persons_later_event_waits_for_the_earlier_one_and_others_go_on() -> None:
    destination = platform()
    happen(ALICE, 1), happen(ALICE, 2), happen(BOB, 3)
    collect_all()
    first = claim(destination, LANES)
    assert [push.stream for push in first] == [ALICE, BOB]
    assert claim(destination, LANES) == []
    assert settle(first[0], Told(201)) == Verdict.ACKNOWLEDGED
    (second,) = claim(destination, LANES)
    assert (second.stream, second.position > first[0].position) == (ALICE, True)


def test_two_destinations_do_not_wait_for_each_other() -> None:
    platform("one"), platform("two")
    happen(ALICE, 1), happen(ALICE, 2)
    collect_all()

    def send(push: Push, _key: SigningKey) -> Told:
        return Told(201 if push.destination.code == "two" else 503)

    push_due(seconds=5, send=send)
    assert states(Destination.objects.get(code="two")) == ["acknowledged"] * 2
    assert states(Destination.objects.get(code="one")) == ["waiting"] * 2


def test_four_workers_with_failures_and_restarts_keep_order_and_lose_nothing(
    no_waits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "LEASE", timedelta(seconds=1))
    destination, ledger = platform(), Ledger(seed=20261121)
    people = [new_id() for _ in range(12)]
    events = 240
    for number in range(events):
        happen(people[number % len(people)], number)
    collect_all()
    deaths, failures = _worked_off(Unreliable(ledger).take, workers=4)
    assert failures == []
    assert states(destination) == ["acknowledged"] * events
    assert ledger.came.keys() == {str(key) for key in Event.objects.filter(kind=KIND).values_list("pk", flat=True)}
    assert ledger.is_in_order()
    assert all(numbers == sorted(numbers) for numbers in ledger.numbers.values())
    assert ledger.most_of_a_person == 1
    assert all(len(bodies) == 1 for bodies in ledger.bodies.values())
    assert len(deaths) > 0
    assert ledger.attempts > events


def _worked_off(send: Send, *, workers: int) -> tuple[list[int], list[Exception]]:
    """Let workers push, each begun anew when it dies, until everything is acknowledged; return deaths and failures."""
    deaths: list[int] = []
    failures: list[Exception] = []
    ends = time.monotonic() + _GIVE_UP_SECONDS

    def work() -> None:
        try:
            while Push.objects.exclude(state="acknowledged").exists() and time.monotonic() < ends:
                try:
                    Round(send, lanes=3).run(seconds=5)
                except Killed:
                    deaths.append(1)
                time.sleep(0.01)
        except Exception as error:  # noqa: BLE001 told by the test
            failures.append(error)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return deaths, failures


def test_an_outage_of_an_hour_loses_nothing_and_is_not_hammered_at() -> None:
    people = [new_id() for _ in range(10)]
    ledger, attempts_away = Ledger(), []

    def away(_push: Push, _key: SigningKey) -> Told:
        attempts_away.append(timezone.now())
        return Told(None)

    begun = datetime(2026, 9, 18, 1, 0, tzinfo=UTC)
    with time_machine.travel(begun, tick=False) as clock:
        destination = platform()
        number = 0
        for _ in range(360):
            happen(people[number % len(people)], number)
            number += 1
            collect_all()
            push_due(seconds=5, send=away)
            clock.shift(10)
        assert Push.objects.filter(state="waiting").count() == number
        assert len(attempts_away) < 150
        due = next_due()
        assert due is not None
        assert due <= timezone.now() + timedelta(minutes=5)
        clock.shift(60)
        push_due(seconds=60, send=ledger.take)
    assert states(destination) == ["acknowledged"] * number
    assert ledger.is_in_order()
    assert set(ledger.came.values()) == {1}
    assert len(ledger.came) == number
    destination.refresh_from_db()
    assert (destination.failures, destination.rests_until) == (0, None)


def test_a_destination_that_fails_in_a_row_is_left_alone_then_tried_with_one() -> None:
    with time_machine.travel(datetime(2026, 9, 18, tzinfo=UTC), tick=False) as clock:
        destination = platform()
        for number in range(20):
            happen(new_id(), number)
        collect_all()
        push_due(seconds=5, send=answering(*[503] * 30))
        destination.refresh_from_db()
        assert destination.rests_until is not None
        tried = Push.objects.filter(attempts__gt=0).count()
        assert FAILURES_TO_OPEN <= tried < FAILURES_TO_OPEN + LANES
        clock.shift(destination.rests_until - timezone.now() + timedelta(seconds=1))
        destination.refresh_from_db()
        (trial,) = claim(destination, LANES)
        assert trial.attempts == 1
        settle(trial, Told(201))
        push_due(seconds=5, send=answering())
        assert states(destination) == ["acknowledged"] * 20


def test_one_event_that_always_fails_does_not_close_the_destination_for_others(no_waits: None) -> None:
    destination = platform()
    happen(ALICE, 0)
    for number in range(1, 30):
        happen(new_id(), number)
    collect_all()
    poison = Push.objects.order_by("position").first()
    assert poison is not None
    Destination.objects.update(failures=FAILURES_TO_OPEN)
    Push.objects.filter(pk=poison.pk).update(attempts=9)
    ledger = Ledger()

    def send(push: Push, key: SigningKey) -> Told:
        if push.pk == poison.pk:
            time.sleep(0.01)
            return Told(500)
        return ledger.take(push, key)

    until = time.monotonic() + _GIVE_UP_SECONDS  # a busy machine needs more than one round
    while len(ledger.came) < 29 and time.monotonic() < until:
        push_due(seconds=1, send=send)
    assert len(ledger.came) == 29
    assert states(destination).count("acknowledged") == 29


def test_retry_after_is_kept_for_the_whole_destination() -> None:
    with time_machine.travel(datetime(2026, 9, 18, tzinfo=UTC), tick=False) as clock:
        platform()
        happen(ALICE, 1), happen(BOB, 2)
        collect_all()
        asked = []

        def send(push: Push, _key: SigningKey) -> Told:
            asked.append(push)
            return Told(429, "120")

        Round(send, lanes=1).run(seconds=5)
        assert len(asked) == 1
        clock.shift(119)
        push_due(seconds=5, send=send)
        assert len(asked) == 1
        clock.shift(2)
        push_due(seconds=5, send=answering())
        assert Push.objects.filter(state="acknowledged").count() == 2


def test_what_a_late_worker_reports_of_a_push_that_another_took_is_not_written_down() -> None:
    with time_machine.travel(datetime(2026, 9, 18, tzinfo=UTC), tick=False) as clock:
        destination = platform()
        happen(ALICE, 1)
        collect_all()
        (late,) = claim(destination, 1)
        clock.shift(61)
        (taken,) = claim(destination, 1)
        assert settle(late, Told(400)) is None
        assert states(destination) == ["sending"]
        assert settle(taken, Told(201)) == Verdict.ACKNOWLEDGED
        assert settle(late, Told(503)) is None
        assert states(destination) == ["acknowledged"]


def test_a_worker_that_stood_still_past_its_lease_does_not_send(monkeypatch: pytest.MonkeyPatch) -> None:
    destination, ledger = platform(), Ledger()
    happen(ALICE, 1)
    collect_all()
    monkeypatch.setattr(rounds, "_STALE_SECONDS", -1.0)
    Round(ledger.take).run(seconds=0.2)
    assert ledger.attempts == 0
    assert states(destination) == ["waiting"]
