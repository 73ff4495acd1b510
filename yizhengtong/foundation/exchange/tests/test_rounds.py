"""A round over places: whoever has many of them has no more lanes than who has one."""

import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from yizhengtong.foundation.exchange import rounds
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.rounds import LANES_OF_ALL, Ask, Round
from yizhengtong.kernel.ids import new_id


class Rounds(Round[Any, UUID]):
    """Places of owners, each with one thing to be sent."""

    def __init__(self, *owners: UUID, asks: dict[UUID, Ask], lanes: int = 2) -> None:
        super().__init__(lanes=lanes)
        self.left = [SimpleNamespace(pk=new_id(), owner=owner) for owner in owners]
        self.asks, self.answers, self.looked = asks, list[tuple[UUID, int | None]](), 0

    def places(self) -> list[Any]:
        self.looked += 1
        return list(self.left)

    def whose(self, place: Any) -> UUID:
        owner: UUID = place.owner
        return owner

    def claim(self, place: Any, limit: int) -> Iterator[tuple[UUID, Ask]]:
        assert limit > 0
        self.left.remove(place)
        yield place.owner, self.asks[place.owner]

    def settle(self, sent: UUID, told: Told) -> None:
        self.answers.append((sent, told.status))

    def release(self, claimed: UUID) -> None:
        raise AssertionError(claimed)


def test_one_with_many_slow_places_leaves_lanes_to_the_others() -> None:
    """The slow one answers only when the other was asked."""
    slow, other, came = new_id(), new_id(), threading.Event()

    def waits() -> Told:
        return Told(204 if came.wait(10) else 500)

    def answers() -> Told:
        came.set()
        return Told(204)

    told = Rounds(*[slow] * (LANES_OF_ALL + 4), other, asks={slow: waits, other: answers})
    told.run(seconds=30)
    assert {status for _, status in told.answers} == {204}
    assert len(told.answers) == LANES_OF_ALL + 5


class OneAtATime(Rounds):
    """Notes how often places were looked for, each time it looks whether an answer has come."""

    def __init__(self, owner: UUID, *, asks: dict[UUID, Ask], seen_often: threading.Event) -> None:
        super().__init__(owner, asks=asks)
        self.seen, self.seen_often = list[int](), seen_often

    def _settle(self) -> None:
        self.seen.append(self.looked)
        if len(self.seen) > 3:
            self.seen_often.set()
        super()._settle()


def test_while_no_lane_is_free_no_place_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounds, "LANES_OF_ALL", 1)
    monkeypatch.setattr(rounds, "_LOOK_AGAIN_SECONDS", 0.001)
    one, seen_often = new_id(), threading.Event()

    def waits() -> Told:
        return Told(204 if seen_often.wait(10) else 500)

    told = OneAtATime(one, asks={one: waits}, seen_often=seen_often)
    told.run(seconds=30)
    assert [status for _, status in told.answers] == [204]
    assert set(told.seen) == {1}
