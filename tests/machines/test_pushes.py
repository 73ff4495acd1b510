"""Events on their way to a data platform: paused, refused, replayed, skipped, workers dying, a year end between.

Every event arrives, first arrivals of a person in order, none again after its acknowledgement stands.
"""

import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Lock
from uuid import UUID

import pytest
import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.support.threads import at_once
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.pushing import push_due
from yizhengtong.foundation.exchange.services import end, pause, replay, resume, skip
from yizhengtong.foundation.exchange.tests.platforms import collect_all, following, happen, platform
from yizhengtong.kernel.ids import new_id

BEGINNING = datetime(2027, 12, 31, 15, 50, tzinfo=UTC)
WAITS = st.sampled_from([1, 5, 59, 61, 400, 86_400, 60 * 86_400])
SECONDS = 60.0
PEOPLE = tuple(UUID(int=number << 64) for number in (1, 2, 3))


class Died(Exception):
    """A worker is gone: nothing of what it held is settled."""


class Outside:
    """A data platform; how it behaves is drawn: takes, is away, refuses, loses its answer; or the worker dies."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.lock = Lock()
        self.chance = random.Random(0)
        self.is_good = True
        self.is_paused = False
        self.kept: dict[UUID, list[UUID]] = defaultdict(list)
        self.acknowledged: set[UUID] = set()
        self.under_way: Counter[UUID] = Counter()
        self.wrong: list[str] = []

    def take(self, push: Push, _key: SigningKey) -> Told:
        with self.lock:
            self.under_way[push.stream] += 1
            self.wrong += ["two of a person at once"] * (self.under_way[push.stream] > 1)
            self.wrong += ["sent while paused"] * self.is_paused
            self.wrong += ["sent after its acknowledgement"] * (push.event_id in self.acknowledged)
            chance = 0.0 if self.is_good else self.chance.random()
            if chance < 0.7 and push.event_id not in self.kept[push.stream]:
                self.kept[push.stream].append(push.event_id)
            self.under_way[push.stream] -= 1
        if 0.6 < chance < 0.7 or chance > 0.95:
            raise Died
        return Told(201 if chance < 0.5 else None if chance < 0.7 else 503 if chance < 0.85 else 422)


class PushMachine(RuleBasedStateMachine):
    """Three persons to whom things happen; the model is the order in which, and what was given up."""

    @initialize()
    def begin(self) -> None:
        self.clock = time_machine.travel(BEGINNING, tick=True)
        self.traveller = self.clock.start()
        self.code = f"p{new_id().hex[-12:]}"
        self.destination = platform(self.code)
        self.outside = Outside(self.code)
        self.happened: dict[UUID, list[UUID]] = defaultdict(list)
        self.skipped: set[UUID] = set()
        self.seen = 0

    def teardown(self) -> None:
        """Everything mended and replayed: what was not skipped has arrived."""
        if not hasattr(self, "clock"):
            return
        self.outside.is_good, self.outside.is_paused = True, False
        resume(code=self.code, by=SYSTEM)
        for _ in range(6):
            for push in self.of(state="dead"):
                replay(push_id=push.pk, by=SYSTEM)
            self.traveller.shift(timedelta(hours=1))
            self.work(0)
        self.everything_arrived()
        end(code=self.code, reason="over", by=SYSTEM)
        self.clock.stop()

    def of(self, **wanted: str) -> list[Push]:
        return list(Push.objects.filter(destination=self.destination, **wanted).order_by("position"))

    def work(self, seed: int) -> None:
        self.outside.chance = random.Random(seed)
        collect_all()
        try:
            push_due(seconds=SECONDS, send=self.outside.take)
        except Died:
            self.outside.under_way.clear()
        self.note_acknowledged()

    def note_acknowledged(self) -> None:
        self.outside.acknowledged = {push.event_id for push in self.of(state="acknowledged")}

    @rule(who=st.sampled_from(PEOPLE), number=st.integers(1, 3))
    def things_happen(self, who: UUID, number: int) -> None:
        for _ in range(number):
            self.seen += 1
            thing = happen(who, self.seen)
            self.happened[who].append(Event.objects.get(object_id=thing).pk)

    @rule(seed=st.integers(1, 10**6), is_good=st.booleans())
    def a_worker_sends(self, seed: int, is_good: bool) -> None:
        self.outside.is_good = is_good
        self.work(seed)

    @rule()
    def two_workers_send(self) -> None:
        self.outside.is_good = True
        collect_all()
        at_once([[lambda: push_due(seconds=SECONDS, send=self.outside.take)] * 2])
        self.note_acknowledged()

    @rule(seconds=WAITS)
    def time_passes(self, seconds: int) -> None:
        self.traveller.shift(timedelta(seconds=seconds))

    @rule(to=st.sampled_from(["pause", "resume"]))
    def turn(self, to: str) -> None:
        (pause if to == "pause" else resume)(code=self.code, by=SYSTEM)
        self.outside.is_paused = to == "pause"

    @precondition(lambda self: self.of(state="dead"))
    @rule(is_given_up=st.booleans())
    def settle_a_dead_letter(self, is_given_up: bool) -> None:
        dead = self.of(state="dead")[0]
        if is_given_up:
            skip(push_id=dead.pk, reason="对方已有", by=SYSTEM)
            self.skipped.add(dead.event_id)
        else:
            replay(push_id=dead.pk, by=SYSTEM)

    @invariant()
    def nothing_was_sent_that_should_not_have_been(self) -> None:
        assert self.outside.wrong == []

    @invariant()
    def first_arrivals_of_a_person_are_in_order_and_only_what_was_skipped_is_passed_over(self) -> None:
        for who, kept in self.outside.kept.items():
            expected = [key for key in self.happened[who] if key in kept or key not in self.skipped]
            assert kept == expected[: len(kept)]

    @invariant()
    def what_counts_as_acknowledged_is_outside(self) -> None:
        kept = {key for each in self.outside.kept.values() for key in each}
        rows = self.of()
        assert {push.event_id for push in rows if push.state == "acknowledged"} <= kept
        assert len(rows) == len({push.event_id for push in rows})
        assert all(push.body is None for push in rows if push.state in {"acknowledged", "skipped"})

    @invariant()
    def whoever_is_behind_a_dead_letter_waits(self) -> None:
        blocked: set[UUID] = set()
        for push in self.of():
            assert push.stream not in blocked or push.state in {"waiting", "dead", "skipped"}, push.state
            if push.state == "dead":
                blocked.add(push.stream)

    def everything_arrived(self) -> None:
        assert Destination.objects.get(code=self.code).failures == 0
        for who, happened in self.happened.items():
            missing = set(happened) - set(self.outside.kept[who])
            assert missing <= self.skipped
        assert {push.state for push in self.of()} <= {"acknowledged", "skipped"}
        assert self.outside.wrong == []


@pytest.fixture
def _followed(transactional_db: None) -> Iterator[None]:
    with following():
        yield


@pytest.mark.usefixtures("_followed")
def test_every_event_arrives_in_order_and_once_whatever_breaks_meanwhile() -> None:
    run_machine(PushMachine, examples=8, steps=18)
