"""What left the platform is compared with what came outside: lost, doubled, out of order, never happened."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from faults.leaving import Left, compare
from faults.lines import Lines
from faults.outside import DESTINATION, Came, Received, read_received
from faults.witness import install, read_testimony
from tests.faults.ground import another_connection
from tests.support.city import a_city
from tests.support.days import real_today
from tests.support.events import deliver_everything
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.models import Push
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.services import add_destination, resume
from yizhengtong.foundation.notifications.channels.contract import Accepted, Known, Outgoing
from yizhengtong.foundation.notifications.models import Contact, Delivery, Message
from yizhengtong.foundation.notifications.outbox import send_waiting
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.tests.zhejiang import a_county, a_held_permit, convert

pytestmark = pytest.mark.django_db(transaction=True)
EVENTS = 5
"""Of a card issued, made, handed over and converted: the issue of the electronic permit is the fifth."""

_FORGET_THE_WITNESS = """
    DROP TRIGGER faults_turn ON exchange_push; DROP TRIGGER faults_turn ON notifications_delivery;
    DROP TRIGGER faults_moment ON permits_permit; DROP FUNCTION faults_note_turn, faults_note_moment;
    DROP TABLE faults_turn, faults_moment, faults_since
"""


@dataclass
class World:
    """Somebody whose card was converted, and what came outside of it, which a test may change."""

    who: Resident
    name: str = "post"
    repeats_safely: bool = False
    answers: bool = True
    events: dict[str, Came] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)

    def push_all(self) -> None:
        deliver_everything("exchange.outbox")
        push_due(seconds=30, send=lambda push, _key: self.take(push))

    def take(self, push: Push) -> Told:
        key = str(push.event_id)
        known = self.events.get(key, Came(key, push.stream.hex, 0))
        self.events[key] = replace(known, times=known.times + 1)
        return Told(201 if self.answers else None)

    def tell_all(self) -> None:
        deliver_everything("messages")
        send_waiting(ways=lambda _: self)

    def send(self, outgoing: Outgoing) -> Accepted:
        self.messages[outgoing.key] = self.messages.get(outgoing.key, 0) + 1
        return Accepted((f"post:{outgoing.key}",), is_final=False)

    def ask(self, _key: str) -> Known:
        return Known.CANNOT_TELL

    def close(self) -> None: ...

    def look(self) -> Left:
        with another_connection() as other:
            return compare(other, Received(tuple(self.events.values()), self.messages), read_testimony(other))


@pytest.fixture
def world(settings: Any) -> Iterator[World]:
    settings.YZT_MESSAGES = {**settings.YZT_MESSAGES, "quiet": ("00:00", "00:00")}
    a_city()
    url = "http://127.0.0.1:9/events"
    add_destination(code=DESTINATION, name="平台", url=url, legal_basis="国令716 art. 12", by=SYSTEM)
    resume(code=DESTINATION, by=SYSTEM)
    with another_connection() as other:
        install(other)
    yield _converted()
    with another_connection() as other:
        other.execute(_FORGET_THE_WITNESS)


def _converted() -> World:
    county, who = a_county(), a_resident(since=None)
    Contact.objects.create(person_id=who.person.pk, channel="sms", address="+8613800000001")
    today = real_today()
    a_held_permit(county, who, on=today)
    convert(county, who, on=today)
    made = World(who)
    made.push_all()
    made.tell_all()
    return made


def test_what_left_once_and_came_once_is_whole(world: World) -> None:
    left = world.look()
    assert (left.lost, left.doubled, left.half) == ([], [], {})
    assert (left.events, left.messages, left.came_again) == (EVENTS, 2, 0)


def test_an_event_that_was_acknowledged_and_is_not_outside_is_lost(world: World) -> None:
    gone = world.events.popitem()[0]
    assert world.look().lost == [f"event {gone} acknowledged, not received"]


def test_an_event_that_still_waits_is_lost(world: World) -> None:
    key = next(iter(world.events))
    Push.objects.filter(event_id=key).update(state="waiting", acknowledged_at=None)
    assert world.look().lost == [f"event {key} waiting"]


def test_an_event_may_come_again_while_its_acknowledgement_is_not_recorded(world: World) -> None:
    a_held_permit(a_county("330106"), a_resident(since=None), on=real_today())
    world.answers = False
    world.push_all()
    Push.objects.filter(state="waiting").update(not_before=timezone.now())
    world.answers = True
    world.push_all()
    left = world.look()
    assert (left.doubled, left.came_again) == ([], 1)


def test_an_event_that_came_oftener_than_it_was_taken_up_is_doubled(world: World) -> None:
    key = next(iter(world.events))
    world.events[key] = replace(world.events[key], times=2)
    assert world.look().doubled == [f"event {key}"]


def test_an_event_that_was_taken_up_after_its_acknowledgement_is_doubled(world: World) -> None:
    Push.objects.filter(event_id=next(iter(world.events))).update(state="waiting", acknowledged_at=None)
    world.push_all()
    assert len(world.look().doubled) == 1


def test_events_of_a_person_in_another_order_are_found(world: World) -> None:
    world.events = dict(reversed(world.events.items()))
    assert world.look().half == {"events of a person that came out of order": 1}


def test_an_event_that_never_happened_is_found(world: World) -> None:
    world.events["made-up"] = Came("made-up", "", 1)
    assert world.look().half == {"an event outside that never happened": 1}


def test_a_message_that_was_acknowledged_and_is_not_outside_is_lost(world: World) -> None:
    world.messages.popitem()
    assert len(world.look().lost) == 1


def test_a_due_message_that_waits_still_is_lost_and_one_of_choice_that_is_left_unsure_is_not(world: World) -> None:
    first, second = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state="unsure")
    Delivery.objects.filter(pk=second.pk).update(state="unsure", is_due=False)
    assert world.look().lost == [f"message {first.pk} unsure "]


def test_a_message_that_came_twice_is_doubled(world: World) -> None:
    key = next(iter(world.messages))
    world.messages[key] += 1
    assert len(world.look().doubled) == 1


def test_a_message_that_is_sent_again_after_its_acknowledgement_is_doubled(world: World) -> None:
    Delivery.objects.filter(pk=next(iter(world.messages))).update(state="waiting")
    world.tell_all()
    assert len(world.look().doubled) == 1


def test_somebody_who_was_not_told_what_the_law_wants_told_is_found(world: World) -> None:
    Message.objects.filter(kind="cancelled").delete()
    left = world.look()
    assert [each.partition(" 0")[0] for each in left.lost] == ["message of permits.convert"]
    assert left.half == {"a message outside that nobody sent": 1}


def test_a_due_message_that_never_left_is_found(world: World) -> None:
    Delivery.objects.filter(message__kind="cancelled").delete()
    assert [each.endswith("that is due and never left") for each in world.look().lost] == [True]


def test_a_moment_with_two_living_permits_is_seen_though_it_is_over(world: World) -> None:
    electronic = Permit.objects.exclude(state="ended").get()
    Permit.objects.filter(kind="zhejiang_card").update(state="held", ended_on=None, end_reason="")
    Permit.objects.filter(kind="zhejiang_card").update(state="ended", ended_on=electronic.valid_from)
    assert world.look().half == {"a moment with two living permits of a family": 1}


def test_a_moment_without_a_permit_after_a_conversion_is_seen_though_it_is_over(world: World) -> None:
    electronic = Permit.objects.exclude(state="ended").get()
    for state, day, reason in (("ended", electronic.valid_from, "converted"), ("held", None, "")):
        Permit.objects.filter(pk=electronic.pk).update(state=state, ended_on=day, end_reason=reason)
    assert world.look().half == {"a moment without a permit after a conversion": 1}


def test_what_was_kept_is_read_back_and_a_damaged_line_told(tmp_path: Path) -> None:
    lines = Lines(tmp_path / "messages")
    for key in ("a", "b", "a"):
        lines.write({"key": key})
    lines.close()
    assert read_received(tmp_path) == Received((), {"a": 2, "b": 1})
    (tmp_path / "messages").write_bytes((tmp_path / "messages").read_bytes().replace(b'"b"', b'"c"'))
    with pytest.raises(ValueError, match="damaged"):
        read_received(tmp_path)
