"""What permits tell data platforms, over real HTTP to a real receiver, and both ends of each push."""

import json
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest
from django.db import transaction

from tests.support.events import deliver_everything
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.exchange.contents import SUBSCRIBER, followed
from yizhengtong.foundation.exchange.keys import public_key
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.queries import push_lag
from yizhengtong.foundation.exchange.receiver.serving import ReceivingServer
from yizhengtong.foundation.exchange.receiver.store import Store
from yizhengtong.foundation.exchange.receiver.taking import Receiver
from yizhengtong.foundation.exchange.services import add_destination, resume
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import STEPS
from yizhengtong.rights.provision.permits import ACTIONS, NAMES
from yizhengtong.rights.provision.queries import Ends, ends_of_issues

pytestmark = pytest.mark.django_db(transaction=True)
SCHEMA = json.loads((Path(__file__).parents[4] / "docs/contracts/permit-event-1.json").read_text(encoding="utf-8"))
NAME, NUMBER = "姚小明", "511302198005060018"


@pytest.fixture
def permit() -> Permit:
    return a_permit()


def a_permit(**more: Any) -> Permit:
    given: dict[str, Any] = {
        "kind": "zhejiang_card", "number": "33038126000001", "number_index": b"1", "region": "330381",
        "authority": "瑞安市公安局", "valid_from": date(2026, 9, 18), "last_valid_day": date.max,
        "endorsed_until": date(2027, 9, 17), "card": {"name": NAME, "identity_number": NUMBER},
        "office_id": new_id(), "office_path": "33.3303", "delivery": "collect",
    }  # fmt: skip
    given = given | more
    given.setdefault("person", None)
    given["person"] = given["person"] or a_resident(since=None).person
    permit = Permit(**given)
    permit.save(force_insert=True)
    return permit


def happen(permit: Permit, action: str = "issued") -> None:
    with transaction.atomic():
        publish(f"permits.{action}", on=("permit", permit.pk), person_id=permit.person_id, facts={})


def collect_all() -> None:
    """Bring the outbox up to date with the journal."""
    deliver_everything(SUBSCRIBER)


def a_platform(url: str = "http://127.0.0.1:9/events", content: str = "minimal") -> Destination:
    add_destination(
        code="province", name="省大数据平台", url=url, legal_basis="国令716 art. 12", content=content, by=SYSTEM
    )
    return resume(code="province", by=SYSTEM)


def told(permit: Permit, content: str) -> dict[str, Any]:
    a_platform(content=content)
    happen(permit)
    collect_all()
    event: dict[str, Any] = json.loads(str(Push.objects.get().body))
    jsonschema_rs.validate(SCHEMA, event["data"])
    return event


def test_every_step_of_a_permit_and_its_issue_can_be_pushed() -> None:
    steps = {action for _, action in STEPS}
    assert steps | {"issued"} == set(ACTIONS)
    assert set(NAMES) <= set(followed())


def test_minimal_content_names_nobody(permit: Permit) -> None:
    event = told(permit, "minimal")
    text = json.dumps(event, ensure_ascii=False)
    for personal in (NAME, NUMBER, permit.number, permit.person.name, str(permit.person_id), permit.person_id.hex):
        assert personal not in text
    assert "licence" not in event["data"]
    assert Push.objects.get().told == []
    assert event["type"] == "cn.yizhengtong.permit.issued.v1"
    assert event["subject"] == event["data"]["permit"] == public_id("pmt", permit.pk)
    assert event["data"]["last_valid_day"] is None
    assert event["data"]["endorsed_until"] == "2027-09-17"


@pytest.mark.row("S4-15")
def test_a_licence_holds_number_and_holder_as_printed_and_says_so_in_the_trail(permit: Permit) -> None:
    event = told(permit, "licence")
    assert event["data"]["licence"] == {"number": permit.number, "holder_name": NAME, "holder_number": NUMBER}
    push_due(seconds=2)
    entry = Entry.objects.get(action="exchange.push")
    assert entry.fields == ["permit_number", "name", "identity_number"]
    assert (entry.person_id, entry.actor_kind, entry.retention) == (permit.person_id, "partner", "work")


def test_permits_that_one_ended_are_its_predecessors_and_it_is_their_successor(permit: Permit) -> None:
    new = a_permit(person=permit.person, kind="zhejiang_digital")
    other = a_permit(person=permit.person, kind="zhejiang_paper", state="ended", ended_on=date(2026, 9, 18))
    Permit.objects.filter(pk__in=[permit.pk, other.pk]).update(succeeded_by_id=new.pk)
    a_platform()
    happen(new)
    happen(permit, "convert")
    collect_all()
    first, second = (json.loads(str(push.body))["data"] for push in Push.objects.order_by("position"))
    assert first["predecessors"] == sorted(public_id("pmt", old.pk) for old in (permit, other))
    assert first["successor"] is None
    assert second["successor"] == public_id("pmt", new.pk)


def test_an_event_of_a_permit_that_is_not_there_is_not_pushed() -> None:
    a_platform()
    with transaction.atomic():
        publish("permits.issued", on=("permit", new_id()), person_id=new_id())
    collect_all()
    assert Push.objects.count() == 0


class Platform:
    """A receiver kit that serves in a thread, on a port of its own."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path)
        self.receiver = Receiver(url="http://127.0.0.1/", keys={}, store=self.store, now=time.time)
        self.server = ReceivingServer(0, self.receiver, lambda _line: None)
        self.url = f"http://127.0.0.1:{self.server.port}/events"
        self.server.path = "/events"
        self.receiver.url = self.url
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    def know(self, destination: Destination) -> None:
        keys = [public_key(key.public) for key in destination.keys.all()]
        self.receiver._keys = {key.id: key for key in keys}
        self.thread.start()


@pytest.fixture
def received(tmp_path: Path) -> Iterator[Platform]:
    found = Platform(tmp_path / "events.sqlite")
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.store.close()


@pytest.mark.row("S4-14", "S4-15")
def test_an_issued_permit_reaches_a_receiver_over_http_and_both_ends_are_told(
    permit: Permit, received: Platform
) -> None:
    received.know(a_platform(received.url))
    for action in ("issued", "record_made", "hand_over"):
        happen(permit, action)
    collect_all()
    assert not push_due(seconds=20)
    kept = list(received.store.events())
    assert [event.type.split(".")[-2] for event in kept] == ["issued", "record_made", "hand_over"]
    assert received.store.out_of_order() == 0
    (ends,) = ends_of_issues(limit=10)
    push = ends.push
    assert push.acknowledged_at is not None
    assert push.handed_over_at is not None
    assert push.happened_at <= push.handed_over_at <= push.acknowledged_at
    assert (ends.item, ends.decided_in_time, ends.acknowledged_in_time) == (None, None, None)
    lag = push_lag(since=push.happened_at, kind="permits.issued")
    assert lag is not None
    assert lag.count == 1


def test_a_receiver_without_our_key_refuses_and_the_replay_arrives_once_it_has_it(
    permit: Permit, received: Platform
) -> None:
    from yizhengtong.foundation.exchange.queries import dead_letters
    from yizhengtong.foundation.exchange.services import replay

    destination = a_platform(received.url)
    received.know(destination)
    keys, received.receiver._keys = received.receiver._keys, {}
    happen(permit)
    collect_all()
    push_due(seconds=20)
    (dead,) = dead_letters()
    assert dead.status == 401
    received.receiver._keys = keys
    replay(push_id=dead.pk, by=SYSTEM)
    push_due(seconds=20)
    assert [push.state for push in Push.objects.all()] == ["acknowledged"]
    assert len(list(received.store.events())) == 1


@pytest.mark.row("S4-14")
@pytest.mark.parametrize(
    ("decided", "acknowledged", "expected"),
    [
        (date(2026, 9, 21), "2026-09-21T15:59:59Z", (True, True)),
        (date(2026, 9, 21), "2026-09-21T16:00:00Z", (True, False)),
        (date(2026, 9, 22), "2026-09-22T01:00:00Z", (False, False)),
        (date(2026, 9, 21), None, (True, None)),
    ],
)
def test_each_end_is_held_to_the_last_day_of_the_term_in_chinas_time(
    decided: date, acknowledged: str | None, expected: tuple[bool, bool | None]
) -> None:
    from datetime import datetime

    push = Push(acknowledged_at=datetime.fromisoformat(acknowledged) if acknowledged else None)
    ends = Ends(push, "floating.conversion_permit", date(2026, 9, 17), date(2026, 9, 21), decided)
    assert (ends.decided_in_time, ends.acknowledged_in_time) == expected


def test_a_push_tells_its_case(permit: Permit) -> None:
    assert isinstance(permit.pk, UUID)
    a_platform()
    happen(permit)
    collect_all()
    assert [ends.push.object_id for ends in ends_of_issues(destination="province", limit=5)] == [permit.pk]
    assert ends_of_issues(destination="other", limit=5) == []
    assert ends_of_issues(before=0, limit=5) == []
