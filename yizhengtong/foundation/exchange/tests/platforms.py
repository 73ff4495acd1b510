"""Data platforms for tests: events to push, and a receiver in memory that can be away, refuse, or lose its answer."""

import json
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from django.db import transaction

from tests.support.events import deliver_everything
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events.journal import _subscribers, publish
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.exchange import contents
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.contents import SUBSCRIBER, Content, provide
from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.models import Destination, Push
from yizhengtong.foundation.exchange.pushing import Send
from yizhengtong.foundation.exchange.services import add_destination, resume
from yizhengtong.kernel.ids import new_id

ALICE, BOB = UUID(int=1 << 64), UUID(int=2 << 64)
KIND = "exchangetest.happened"
SUBJECT = "thing"


def content_of(event: Event, content: str) -> Content | None:
    """Tell the number of a test's event; in a licence also a name. `silent` and `broken` do what they say."""
    if event.facts.get("silent"):
        return None
    if event.facts.get("broken"):
        raise KeyError("王小明")
    data: dict[str, object] = {"number": event.facts["number"]}
    if content == "licence":
        return Content(f"thg_{event.object_id.hex}", {**data, "name": "王小明"}, ("name",))
    return Content(f"thg_{event.object_id.hex}", data)


@contextmanager
def following(provider: Callable[[Event, str], Content | None] = content_of) -> Iterator[None]:
    """Follow the tests' kind of event for a while."""
    before, subscribers = dict(contents._followed), dict(_subscribers)
    provide(subject=SUBJECT, names={KIND: "happened"}, dataschema="urn:yizhengtong:schema:test:1", provider=provider)
    try:
        yield
    finally:
        contents._followed.clear()
        contents._followed.update(before)
        _subscribers.clear()
        _subscribers.update(subscribers)


def platform(
    code: str = "province", *, content: str = "minimal", url: str = "http://127.0.0.1:9/events"
) -> Destination:
    """Add a destination for the tests' events and let it run."""
    add_destination(
        code=code, name="省大数据平台", url=url, legal_basis="国令716 art. 12", content=content, kinds=[KIND], by=SYSTEM
    )
    return resume(code=code, by=SYSTEM)


def happen(person: UUID | None, number: int, **facts: object) -> UUID:
    """Publish an event and return the id of its object."""
    thing = new_id()
    with transaction.atomic():
        publish(KIND, on=("thing", thing), person_id=person, facts={"number": number, **facts})
    return thing


def collect_all() -> None:
    """Bring the outbox up to date with the journal."""
    deliver_everything(SUBSCRIBER)


class Ledger:
    """What a platform in memory received: by stream in the order of first arrival, and how often each event came."""

    def __init__(self, seed: int = 0) -> None:
        self._lock = Lock()
        self._chance = random.Random(seed)
        self._under_way: Counter[UUID] = Counter()
        self.order: dict[str, list[str]] = defaultdict(list)
        self.numbers: dict[str, list[int]] = defaultdict(list)
        self.came: Counter[str] = Counter()
        self.bodies: dict[str, set[str]] = defaultdict(set)
        self.most_of_a_person = 0
        self.attempts = 0

    def chance(self) -> float:
        with self._lock:
            return self._chance.random()

    @contextmanager
    def asked(self, push: Push) -> Iterator[None]:
        """Count a request while it is under way."""
        with self._lock:
            self.attempts += 1
            self._under_way[push.stream] += 1
            self.most_of_a_person = max(self.most_of_a_person, self._under_way[push.stream])
        try:
            yield
        finally:
            with self._lock:
                self._under_way[push.stream] -= 1

    def keep(self, push: Push) -> None:
        event = json.loads(str(push.body))
        with self._lock:
            self.came[event["id"]] += 1
            self.bodies[event["id"]].add(str(push.body))
            if self.came[event["id"]] == 1:
                self.order[event["partitionkey"]].append(event["sequence"])
                self.numbers[event["partitionkey"]].append(event["data"]["number"])

    def take(self, push: Push, _key: SigningKey) -> Told:
        """Take an event and acknowledge it."""
        with self.asked(push):
            self.keep(push)
        return Told(201)

    def is_in_order(self) -> bool:
        return all(found == sorted(found) for found in self.order.values())


def states(destination: Destination) -> list[str]:
    """Return the states of a destination's pushes in their order."""
    return list(Push.objects.filter(destination=destination).order_by("position").values_list("state", flat=True))


def answering(*statuses: int | None) -> Send:
    """Return a sender that gets these answers, then 201."""
    left = list(statuses)

    def send(_push: Push, _key: SigningKey) -> Told:
        return Told(left.pop(0) if left else 201)

    return send


class Killed(Exception):
    """A worker dies: nothing of what it held is settled."""


class Unreliable:
    """A platform that takes its time, refuses for now, loses its answers; and workers that die while they ask it."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def take(self, push: Push, _key: SigningKey) -> Told:
        with self.ledger.asked(push):
            chance = self.ledger.chance()
            time.sleep(chance / 500)
            if chance < _KEPT:
                self.ledger.keep(push)
        if chance < _DIES:
            raise Killed
        if _LOSES_ITS_ANSWER < chance < _KEPT:
            return Told(None)
        return Told(201 if chance < _KEPT else 503 if chance < _IS_BUSY else None)


_DIES, _LOSES_ITS_ANSWER, _KEPT, _IS_BUSY = 0.05, 0.65, 0.75, 0.9
