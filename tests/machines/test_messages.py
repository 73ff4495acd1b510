"""Messages on their way while senders die, links break, nights, holidays and years pass: each due one goes, once."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
import time_machine
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.machines.running import run_machine
from tests.support.threads import at_once
from yizhengtong.foundation.notifications.channels.contract import (
    Accepted,
    Known,
    Outgoing,
    Rejected,
    TryLater,
    Unsure,
)
from yizhengtong.foundation.notifications.kinds import Kind, Quiet, Source, Words, _kinds, _shipped
from yizhengtong.foundation.notifications.models import Contact, Delivery, Message
from yizhengtong.foundation.notifications.outbox import send_waiting, settle_unsure
from yizhengtong.foundation.notifications.receipts import note_receipt
from yizhengtong.foundation.notifications.rules import MOST_ATTEMPTS
from yizhengtong.foundation.notifications.services import About, Recipient, tell
from yizhengtong.kernel.dates import CHINA

BEGINNING = st.sampled_from([datetime(2026, 12, 31, 10, tzinfo=UTC), datetime(2028, 2, 28, 23, 50, tzinfo=UTC)])
HOURS = st.sampled_from([0.02, 0.1, 0.6, 3.0, 9.0, 13.0, 25.0, 47.0])
MANNERS = ("taken", "later", "answer_lost", "never_came", "dies_after", "dies_before", "refused")
KINDS = {"due": (True, Quiet.DEPLOYMENT), "wish": (False, Quiet.PERSON), "alarm": (True, Quiet.NONE)}
HOURS_GOOD = 48
NIGHT_BEGINS, NIGHT_ENDS = 21, 8
ARRIVED = ("accepted", "delivered")


class Died(BaseException):
    """The process that was sending is gone."""


@dataclass
class Post:
    """A way out and what stands at its other end. `remembers`: as the gateway does; else as a mail server."""

    remembers: bool
    name: str = "post"
    manners: list[str] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    lock: Any = field(default_factory=Lock)

    @property
    def repeats_safely(self) -> bool:
        return self.remembers

    def send(self, outgoing: Outgoing) -> Accepted:
        with self.lock:
            manner = self.manners.pop(0) if self.manners else "taken"
            self.look(Delivery.objects.get(pk=UUID(outgoing.key)))
            if manner in {"taken", "answer_lost", "dies_after"}:
                self.taken[outgoing.key] = 1 if self.remembers else self.taken[outgoing.key] + 1
        return self.answer(manner, outgoing.key)

    def look(self, row: Delivery) -> None:
        """Whoever sends must have taken it up, not after its acknowledgement, not at night, not too late."""
        now = timezone.now()
        hour = now.astimezone(CHINA).hour
        is_night = hour >= NIGHT_BEGINS or hour < NIGHT_ENDS
        self.wrong += ["sent after its acknowledgement"] * (row.accepted_at is not None or row.state != "sending")
        self.wrong += ["sent at night"] * (is_night and row.kind != "alarm")
        self.wrong += ["sent too late"] * (row.expires_at <= now)

    def answer(self, manner: str, key: str) -> Accepted:
        if manner.startswith("dies"):
            raise Died
        if manner == "refused":
            raise Rejected("notifications.refused_by_server")
        if manner == "later":
            raise TryLater("notifications.server_busy")
        if manner != "taken":
            raise Unsure("notifications.link_broke")
        return Accepted((f"post:{key}",), is_final=False)

    def ask(self, key: str) -> Known:
        if not self.remembers:
            return Known.CANNOT_TELL
        return Known.HAS_IT if self.taken[key] else Known.HAS_IT_NOT

    def close(self) -> None: ...


class MessageMachine(RuleBasedStateMachine):
    """Persons are told things; the model is what was told, and what the other end has."""

    remembers: ClassVar[bool]

    @initialize(begins=BEGINNING)
    def begin(self, begins: datetime) -> None:
        self.clock = time_machine.travel(begins, tick=False)
        self.traveller = self.clock.start()
        Message.objects.all().delete()
        Delivery.objects.all().delete()
        self.post = Post(self.remembers)
        self.told: dict[tuple[str, UUID], int] = {}
        self.things = [uuid4() for _ in range(3)]
        self.person = uuid4()
        Contact.objects.create(person_id=self.person, channel="sms", address="+8613800000001")
        for kind in KINDS:
            self.tell(kind, 0)

    def teardown(self) -> None:
        """What is on its way comes to its end: nothing due was lost without a reason that can be read."""
        if not hasattr(self, "clock"):
            return
        self.post.manners = []
        for _ in range(30):
            self.traveller.shift(timedelta(hours=7))
            self.work()
        self.what_counts_as_accepted_is_at_the_other_end()
        self.nothing_is_lost()
        self.clock.stop()

    def ways(self, _channel: str) -> Any:
        return self.post

    def work(self) -> None:
        try:
            settle_unsure(ways=self.ways)
            send_waiting(ways=self.ways)
        except Died:
            pass

    @rule(kind=st.sampled_from(sorted(KINDS)), which=st.integers(0, 2))
    def say(self, kind: str, which: int) -> None:
        self.tell(kind, which)

    def tell(self, kind: str, which: int) -> None:
        """Of one thing a person is told once, however often it is said."""
        about = self.things[which]
        to = Recipient(self.person, agrees=True)
        message = tell(kind=kind, to=to, about=About("case", about, ""), facts={"what": "已受理"})
        assert (message is None) == ((kind, about) in self.told)
        self.told[kind, about] = self.told.get((kind, about), 0) + 1

    @rule(manners=st.lists(st.sampled_from(MANNERS), min_size=1, max_size=4))
    def send(self, manners: list[str]) -> None:
        self.post.manners = list(manners)
        self.work()

    @rule(manners=st.lists(st.sampled_from(MANNERS[:4]), max_size=4))
    def two_send_at_once(self, manners: list[str]) -> None:
        self.post.manners = list(manners)
        at_once([[lambda: send_waiting(ways=self.ways)] * 2])

    @rule(hours=HOURS)
    def hours_pass(self, hours: float) -> None:
        self.traveller.shift(timedelta(hours=hours))

    @rule(which=st.integers(0, 9), state=st.sampled_from(["delivered", "failed", "unheard"]))
    def a_receipt_comes(self, which: int, state: str) -> None:
        taken = sorted(self.post.taken)
        if taken and self.remembers:
            note_receipt(f"post:{taken[which % len(taken)]}", state)

    @invariant()
    def everything_is_told_once(self) -> None:
        found = Counter(Message.objects.filter(person_id=self.person).values_list("kind", "object_id"))
        assert found == Counter(dict.fromkeys(self.told, 1))
        assert Delivery.objects.count() <= len(self.told)

    @invariant()
    def nothing_was_sent_that_should_not_have_been(self) -> None:
        assert self.post.wrong == []

    @invariant()
    def what_counts_as_accepted_is_at_the_other_end(self) -> None:
        for row in Delivery.objects.all():
            times = self.post.taken[row.pk.hex]
            assert times or row.state not in ARRIVED
            assert times <= (1 if self.remembers or not row.is_due else row.attempts), row.state
            assert (row.state in ARRIVED) <= (row.accepted_at is not None)

    def nothing_is_lost(self) -> None:
        for row in Delivery.objects.filter(is_due=True):
            has_a_reason = row.failure in {
                "notifications.refused_by_server", "notifications.too_late", "notifications.not_delivered",
            } or row.attempts >= MOST_ATTEMPTS  # fmt: skip
            was_put_off_for_good = row.state == "failed" and row.not_before < row.expires_at
            assert row.state in ARRIVED or has_a_reason or was_put_off_for_good, (row.state, row.failure)
        assert self.post.wrong == []


@pytest.fixture
def _kinds_of_the_test(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("text", "1", "C")
    for code, (is_due, quiet) in KINDS.items():
        monkeypatch.setitem(_kinds, code, Kind(code, is_due, source, quiet, HOURS_GOOD, {"what": "words"}))
        for language in ("zh-Hans", "zh-Hant", "en"):
            for channel in ("sms", "email", "inbox"):
                subject = "" if channel == "sms" else "通知"
                monkeypatch.setitem(_shipped, (code, channel, language), Words(subject, "您好，{what}"))


@pytest.mark.parametrize("remembers", [True, False])
@pytest.mark.usefixtures("transactional_db", "_kinds_of_the_test")
def test_every_message_that_is_due_goes_once_whatever_breaks_meanwhile(remembers: bool) -> None:
    MessageMachine.remembers = remembers
    run_machine(MessageMachine, examples=14, steps=20)
