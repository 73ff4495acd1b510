"""From the event to the acknowledgement: what is sent, what is kept of it, who learns of it, how long it took."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event, Subscription
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.outbox import collect
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.queries import push_lag
from yizhengtong.foundation.exchange.services import (
    forget_settled,
)
from yizhengtong.foundation.exchange.tests.platforms import (
    ALICE,
    BOB,
    KIND,
    Ledger,
    answering,
    collect_all,
    happen,
    platform,
    states,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("followed")]


def test_an_event_is_pushed_once_and_its_body_goes_with_the_acknowledgement() -> None:
    destination, ledger = platform(), Ledger()
    happen(ALICE, 1)
    collect_all()
    assert not push_due(seconds=5, send=ledger.take)
    assert not push_due(seconds=5, send=ledger.take)
    push = Push.objects.get()
    assert (ledger.attempts, push.state, push.body) == (1, "acknowledged", None)
    times = [push.happened_at, push.queued_at, push.handed_over_at, push.acknowledged_at]
    assert times == sorted(at for at in times if at)
    assert states(destination) == ["acknowledged"]


def test_a_push_is_a_cloudevent_with_the_events_id_and_an_opaque_subject() -> None:
    platform()
    thing = happen(ALICE, 7)
    collect_all()
    push, event = Push.objects.get(), Event.objects.get(kind=KIND)
    found = json.loads(str(push.body))
    assert found.pop("partitionkey") != ALICE.hex
    assert found == {
        "specversion": "1.0",
        "id": str(event.pk),
        "source": "urn:yizhengtong:370100",
        "type": "cn.yizhengtong.thing.happened.v1",
        "subject": f"thg_{thing.hex}",
        "time": event.at.isoformat(),
        "datacontenttype": "application/json",
        "dataschema": "urn:yizhengtong:schema:test:1",
        "sequence": f"{push.position:020d}",
        "data": {"number": 7},
    }


def test_what_lies_in_the_outbox_is_sealed() -> None:
    platform(content="licence")
    happen(ALICE, 1)
    collect_all()
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT body FROM exchange_push")
        lying = bytes(cursor.fetchone()[0])
    assert "王小明".encode() not in lying
    assert "王小明" in str(Push.objects.get().body)


def test_who_is_told_what_is_recorded_before_it_leaves_and_once() -> None:
    destination = platform(content="licence")
    thing = happen(ALICE, 1)
    collect_all()
    push_due(seconds=5, send=answering(503))
    Push.objects.update(not_before=timezone.now())
    push_due(seconds=5, send=answering(201))
    (entry,) = Entry.objects.filter(action="exchange.push")
    assert (entry.kind, entry.actor_kind, entry.actor_id) == ("read", "partner", destination.pk)
    assert (entry.person_id, entry.object_kind, entry.object_id) == (ALICE, "thing", thing)
    assert (entry.purpose, entry.fields, entry.retention) == ("provision", ["name"], "work")


def test_the_event_and_its_pushes_are_of_one_transaction() -> None:
    platform()
    happen(ALICE, 1)
    event = Event.objects.get(kind=KIND)
    with transaction.atomic():
        collect(event)
        assert Push.objects.count() == 1
        transaction.set_rollback(True)
    assert Push.objects.count() == 0
    collect_all()
    collect(event)
    Subscription.objects.all().delete()
    collect_all()
    assert Push.objects.count() == 1


def test_only_later_events_of_the_kinds_that_are_wanted_are_pushed() -> None:
    happen(ALICE, 1)
    platform()
    Destination.objects.update(kinds=[KIND, "other.kind"])
    with time_machine.travel(timezone.now() - timedelta(hours=1), tick=False):  # a clock that is set back loses none
        happen(ALICE, 2)
    collect_all()
    assert [json.loads(str(push.body))["data"]["number"] for push in Push.objects.all()] == [2]
    Destination.objects.update(kinds=["other.kind"])
    happen(ALICE, 3)
    collect_all()
    assert Push.objects.count() == 1


def test_an_event_that_tells_nothing_is_not_pushed() -> None:
    platform()
    happen(ALICE, 1, silent=True)
    collect_all()
    assert Push.objects.count() == 0


def test_what_is_acknowledged_cannot_keep_its_body() -> None:
    platform()
    happen(ALICE, 1)
    collect_all()
    with pytest.raises(IntegrityError), transaction.atomic():
        Push.objects.update(state="acknowledged", acknowledged_at=timezone.now())


@pytest.mark.row("S4-14", "S4-15")
def test_each_push_tells_when_it_was_decided_handed_over_and_acknowledged() -> None:
    with time_machine.travel(datetime(2026, 9, 18, tzinfo=UTC), tick=False) as clock:
        platform()
        happen(ALICE, 1)
        clock.shift(1)
        collect_all()
        clock.shift(2)

        def send(_push: Push, _key: SigningKey) -> Told:
            clock.shift(4)
            return Told(201)

        push_due(seconds=5, send=send)
        push = Push.objects.get()
        begun = push.happened_at
        times = [push.queued_at, push.handed_over_at, push.acknowledged_at]
        assert [(at - begun).total_seconds() for at in times if at] == [1, 3, 7]
        lag = push_lag(since=begun)
        assert lag is not None
        assert (lag.count, lag.median_seconds, lag.longest_seconds) == (1, 7, 7)
        assert push_lag(since=begun + timedelta(hours=1)) is None


def test_what_was_settled_long_ago_is_forgotten_and_what_waits_is_not() -> None:
    platform()
    happen(ALICE, 1), happen(BOB, 2)
    collect_all()
    push_due(seconds=5, send=answering(201, 503))
    assert forget_settled(before=timezone.now() - timedelta(days=1)) == 0
    assert forget_settled(before=timezone.now() + timedelta(days=1)) == 1
    assert [push.state for push in Push.objects.all()] == ["waiting"]
    assert Entry.objects.filter(action="exchange.push").count() == 2
