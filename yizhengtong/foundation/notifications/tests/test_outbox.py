"""Nothing is lost, nothing is sent again after its acknowledgement: the outbox with real connections."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from threading import Lock
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.support.threads import at_once
from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
)
from yizhengtong.foundation.notifications.kinds import (
    Kind,
    Quiet,
    Source,
    Words,
    _kinds,
    _shipped,
)
from yizhengtong.foundation.notifications.models import Contact, Delivery, Message, Part, Preference
from yizhengtong.foundation.notifications.outbox import send_waiting, settle_unsure
from yizhengtong.foundation.notifications.receipts import note_receipt
from yizhengtong.foundation.notifications.rules import LEASE, MOST_ATTEMPTS
from yizhengtong.foundation.notifications.services import About, Recipient, tell

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime(2026, 9, 18, 2, 0, tzinfo=UTC)  # 10:00 in China
PHONE = "+8613800000001"


@dataclass
class Post:
    """A way out that does as it is told and remembers."""

    repeats_safely: bool = False
    acts: list[Callable[[Outgoing], Accepted]] = field(default_factory=list)
    known: Known = Known.CANNOT_TELL
    sent: list[str] = field(default_factory=list)
    name: str = "post"
    lock: Any = field(default_factory=Lock)

    def send(self, outgoing: Outgoing) -> Accepted:
        with self.lock:
            self.sent.append(outgoing.key)
            act = self.acts.pop(0) if self.acts else None
        return act(outgoing) if act else Accepted((f"post:{outgoing.key}",), is_final=False)

    def ask(self, _key: str) -> Known:
        return self.known

    def close(self) -> None: ...


def fails(error: Exception) -> Callable[[Outgoing], Accepted]:
    def act(_outgoing: Outgoing) -> Accepted:
        raise error

    return act


@pytest.fixture(autouse=True)
def _kinds_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("text", "1", "C")
    for code, is_due, quiet in (
        ("due", True, Quiet.DEPLOYMENT), ("wish", False, Quiet.PERSON), ("alarm", True, Quiet.NONE)
    ):  # fmt: skip
        monkeypatch.setitem(_kinds, code, Kind(code, is_due, source, quiet, 48, {"what": "words"}))
        for language in ("zh-Hans", "zh-Hant", "en"):
            monkeypatch.setitem(_shipped, (code, "sms", language), Words("", "您好，{what}"))
            for channel in ("email", "inbox"):
                monkeypatch.setitem(_shipped, (code, channel, language), Words("通知", "您好，{what}"))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(DAY, tick=False) as found:
        yield found


def told(
    kind: str = "due", *, person: UUID | None = None, window: str = "", what: str = "已受理", about: UUID | None = None,
    **recipient: Any,
) -> Message | None:  # fmt: skip
    to = Recipient(person or uuid4(), **{"phone": PHONE, "agrees": True, **recipient})
    return tell(kind=kind, to=to, about=About("case", about or uuid4(), window), facts={"what": what})


def only() -> Delivery:
    return Delivery.objects.get()


def test_what_is_told_stands_in_the_inbox_before_anything_is_sent() -> None:
    message = told()
    assert message is not None
    assert Message.objects.get().text == "您好，已受理"
    assert (only().state, only().attempts) == ("waiting", 0)


def test_what_is_sent_is_accepted_then_delivered() -> None:
    told()
    post = Post()
    assert send_waiting(ways=lambda _: post) == 1
    assert only().state == "accepted"
    note_receipt(f"post:{only().pk.hex}", "delivered")
    assert only().state == "delivered"


def test_a_receipt_that_is_quicker_than_the_acknowledgement_counts() -> None:
    told()

    def act(outgoing: Outgoing) -> Accepted:
        note_receipt("post:1", "delivered")
        return Accepted(("post:1",), is_final=False)

    send_waiting(ways=lambda _: Post(acts=[act]))
    assert only().state == "delivered"


@pytest.mark.parametrize(
    ("states", "state"),
    [(["delivered", ""], "accepted"), (["delivered", "delivered"], "delivered"), (["delivered", "failed"], "failed")],
)
def test_a_message_in_parts_is_delivered_when_all_are(states: list[str], state: str) -> None:
    told()
    send_waiting(ways=lambda _: Post(acts=[lambda _o: Accepted(("post:1", "post:2"), is_final=False)]))
    for number, heard in enumerate(states):
        note_receipt(f"post:{number + 1}", heard)
    assert only().state == state


def test_a_receipt_of_nobody_and_one_without_a_word_change_nothing() -> None:
    note_receipt("post:unknown", "delivered")
    note_receipt("post:unknown", "failed")
    note_receipt("post:other", "enroute")
    assert list(Part.objects.values_list("provider_id", "state")) == [("post:unknown", "delivered")]


def test_nothing_is_sent_again_after_its_acknowledgement() -> None:
    told()
    post = Post()
    for _ in range(3):
        send_waiting(ways=lambda _: post)
        settle_unsure(ways=lambda _: post)
    assert len(post.sent) == 1


def test_told_twice_it_is_one_message_and_one_sms() -> None:
    person, about = uuid4(), uuid4()
    assert told(person=person, about=about) is not None
    assert told(person=person, about=about) is None
    assert told(person=person, about=about, window="next") is not None
    assert (Message.objects.count(), Delivery.objects.count()) == (2, 2)


def test_two_workers_at_once_tell_once_and_send_once() -> None:
    person, about = uuid4(), uuid4()

    def tells() -> None:
        with transaction.atomic():
            told(person=person, about=about)

    at_once([[tells, tells]])
    assert (Message.objects.count(), Delivery.objects.count()) == (1, 1)
    for _ in range(9):
        told()
    post = Post()
    at_once([[lambda: send_waiting(ways=lambda _: post)] * 2])
    assert sorted(post.sent) == sorted(key.hex for key in Delivery.objects.values_list("pk", flat=True))
    assert set(Delivery.objects.values_list("state", "attempts")) == {("accepted", 1)}


def test_a_transaction_that_fails_told_nobody() -> None:
    def fails_afterwards() -> None:
        with transaction.atomic():
            told()
            raise IntegrityError

    with pytest.raises(IntegrityError):
        fails_afterwards()
    assert Message.objects.count() == Delivery.objects.count() == 0


def test_what_may_go_later_waits_longer_each_time(clock: time_machine.Traveller) -> None:
    told(kind="alarm")
    post = Post(acts=[fails(TryLater("notifications.server_busy"))] * 3)
    waits = []
    for _ in range(3):
        send_waiting(ways=lambda _: post)
        waits.append(only().not_before - timezone.now())
        assert send_waiting(ways=lambda _: post) == 0
        clock.move_to(only().not_before)
    assert timedelta(seconds=15) <= waits[0] <= timedelta(seconds=30)
    assert timedelta(seconds=60) <= waits[2] <= timedelta(seconds=120)
    assert (only().state, only().failure) == ("waiting", "notifications.server_busy")
    send_waiting(ways=lambda _: post)
    assert (only().state, only().attempts, only().failure) == ("accepted", 4, "")


def test_what_never_goes_ends_as_a_dead_letter(clock: time_machine.Traveller) -> None:
    told(kind="alarm")
    post = Post(acts=[fails(TryLater("notifications.server_away"))] * 99)
    for _ in range(MOST_ATTEMPTS):
        clock.move_to(only().not_before)
        send_waiting(ways=lambda _: post)
    assert (only().state, only().failure, len(post.sent)) == ("failed", "notifications.server_away", MOST_ATTEMPTS)


def test_a_refusal_for_good_is_a_dead_letter_at_once() -> None:
    told()
    send_waiting(ways=lambda _: Post(acts=[fails(Rejected("notifications.refused_by_server"))]))
    assert (only().state, only().failure) == ("failed", "notifications.refused_by_server")


def test_too_late_is_not_sent(clock: time_machine.Traveller) -> None:
    told(kind="alarm")
    clock.shift(timedelta(hours=48))
    post = Post()
    send_waiting(ways=lambda _: post)
    assert (only().state, post.sent) == ("expired", [])


class _Died(BaseException):
    """The process is gone in the middle of a sending."""


def died_while_sending(post: Post) -> None:
    post.acts = [fails(_Died())]  # type: ignore[arg-type]
    with pytest.raises(_Died):
        send_waiting(ways=lambda _: post)
    assert only().state == "sending"


@pytest.mark.parametrize(
    ("kind", "known", "repeats", "state", "times"),
    [
        ("alarm", Known.HAS_IT, False, "accepted", 1),
        ("wish", Known.HAS_IT_NOT, False, "accepted", 2),
        ("wish", Known.CANNOT_TELL, True, "accepted", 2),
        ("alarm", Known.CANNOT_TELL, False, "accepted", 2),
        ("wish", Known.CANNOT_TELL, False, "unsure", 1),
    ],
)
def test_who_dies_between_sending_and_its_note_leaves_it_unsure(
    clock: time_machine.Traveller, kind: str, known: Known, repeats: bool, state: str, times: int
) -> None:
    person = uuid4()
    Contact.objects.create(person_id=person, channel="sms", address=PHONE)
    told(kind, person=person)
    post = Post(repeats, known=known)
    died_while_sending(post)
    settle_unsure(ways=lambda _: post)
    assert only().state == "sending"  # somebody may still be at it
    clock.shift(LEASE + timedelta(seconds=1))
    settle_unsure(ways=lambda _: post)
    clock.shift(timedelta(minutes=10))
    send_waiting(ways=lambda _: post)
    assert (only().state, len(post.sent)) == (state, times)
    assert len(set(post.sent)) == 1  # always under the same key
    assert (only().settled_at is not None) == (state == "unsure")


def test_who_was_slow_and_not_dead_still_has_the_last_word(clock: time_machine.Traveller) -> None:
    told(kind="alarm")

    def slow(_outgoing: Outgoing) -> Accepted:
        clock.shift(LEASE + timedelta(seconds=1))
        settle_unsure(ways=lambda _: None)
        assert only().state == "unsure"
        return Accepted(("post:1",), is_final=False)

    send_waiting(ways=lambda _: Post(acts=[slow]))
    assert only().state == "accepted"


def test_a_broken_link_is_asked_about_at_once() -> None:
    told()
    post = Post(acts=[fails(Unsure("notifications.link_broke"))], known=Known.HAS_IT)
    send_waiting(ways=lambda _: post)
    assert only().state == "unsure"
    settle_unsure(ways=lambda _: post)
    assert (only().state, len(post.sent)) == ("accepted", 1)


@pytest.mark.parametrize(
    ("kind", "hour", "goes_at"),
    [
        ("wish", 21, 8), ("due", 21, 8), ("alarm", 21, 21), ("wish", 20, 20), ("due", 7, 8), ("wish", 8, 8),
    ],
)  # fmt: skip
def test_nights_are_quiet_but_for_alarms(clock: time_machine.Traveller, kind: str, hour: int, goes_at: int) -> None:
    clock.move_to(datetime(2026, 9, 18, (hour - 8) % 24, tzinfo=UTC) - timedelta(days=hour < 8))
    person = uuid4()
    Contact.objects.create(person_id=person, channel="sms", address=PHONE)
    told(kind, person=person)
    assert (only().not_before.hour + 8) % 24 == goes_at
    assert send_waiting(ways=lambda _: Post()) == int(hour == goes_at)


def test_what_the_worker_could_not_send_by_day_waits_for_the_next_morning(clock: time_machine.Traveller) -> None:
    told()
    clock.move_to(datetime(2026, 9, 18, 14, 0, tzinfo=UTC))  # 22:00
    post = Post()
    assert send_waiting(ways=lambda _: post) == 0
    assert only().not_before == datetime(2026, 9, 19, 0, 0, tzinfo=UTC)
    clock.move_to(datetime(2026, 9, 19, 0, 0, tzinfo=UTC))
    assert send_waiting(ways=lambda _: post) == 1


def test_a_person_chooses_hours_for_what_they_wish_and_not_for_what_is_due() -> None:
    person = uuid4()
    Contact.objects.create(person_id=person, channel="sms", address=PHONE)
    Preference.objects.create(person_id=person, quiet_from=time(9), quiet_until=time(18))
    told("wish", person=person)
    told("due", person=person)
    waits = dict(Delivery.objects.values_list("kind", "not_before"))
    assert waits["wish"] == datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
    assert waits["due"] == DAY


@pytest.mark.row("S4-16")
@pytest.mark.parametrize(
    ("kind", "chosen", "agrees", "goes"),
    [
        ("wish", {}, True, ["sms"]), ("wish", {}, False, []), ("wish", {"wish": []}, True, []),
        ("wish", {"wish": ["email"]}, True, ["email"]), ("wish", {"wish": ["email", "sms"]}, True, ["email", "sms"]),
        ("due", {}, False, ["sms"]), ("due", {"due": []}, False, ["sms"]),
        ("due", {"due": ["email"]}, False, ["email"]),
    ],
)  # fmt: skip
def test_a_person_chooses_which_and_where_and_the_law_still_reaches_them(
    kind: str, chosen: dict[str, list[str]], agrees: bool, goes: list[str]
) -> None:
    person = uuid4()
    for channel, address in (("sms", PHONE), ("email", "somebody@example.org")):
        Contact.objects.create(person_id=person, channel=channel, address=address)
    Preference.objects.create(person_id=person, channels=chosen, quiet_from=time(21), quiet_until=time(8))
    told(kind, person=person, agrees=agrees)
    assert sorted(Delivery.objects.values_list("channel", flat=True)) == goes
    assert Message.objects.count() == 1


def test_the_number_on_record_gets_what_is_due_alone() -> None:
    told("wish")
    assert Delivery.objects.count() == 0
    told("due")
    assert only().address == PHONE


@pytest.mark.parametrize(("what", "names"), [("号码12345678", []), ("致陈大文", ["陈大文"])])
def test_words_that_must_not_leave_stay_and_staff_see_it(what: str, names: list[str]) -> None:
    message = told(what=what, names=names)
    assert message is not None
    assert what in message.text
    assert (only().state, only().text) == ("failed", "")
    assert send_waiting(ways=lambda _: Post()) == 0


def test_a_fact_that_is_missing_stops_the_sms_and_not_the_inbox() -> None:
    tell(kind="due", to=Recipient(uuid4(), phone=PHONE), about=About("case", uuid4()), facts={})
    assert Message.objects.get().text == "您好，—"
    assert (only().state, only().failure) == ("failed", "notifications.fact_missing")


def test_a_day_brings_only_so_much_of_what_is_wished(settings: Any) -> None:
    settings.YZT_MESSAGES = {**settings.YZT_MESSAGES, "a_day": 2}
    person = uuid4()
    Contact.objects.create(person_id=person, channel="sms", address=PHONE)
    for _ in range(3):
        told("wish", person=person)
    told("due", person=person)
    assert sorted(Delivery.objects.values_list("kind", "state")) == [
        ("due", "waiting"), ("wish", "failed"), ("wish", "waiting"), ("wish", "waiting"),
    ]  # fmt: skip


def test_logs_hold_neither_address_nor_words(caplog: pytest.LogCaptureFixture) -> None:
    told(what="只给本人看")
    send_waiting(ways=lambda _: Post(acts=[fails(Rejected("notifications.refused_by_server"))]))
    assert "notifications.not_sent" in caplog.text
    assert PHONE not in caplog.text
    assert "只给本人看" not in caplog.text
