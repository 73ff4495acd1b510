"""A worker's round over what waits to be sent to several places: a few requests at a time to each.

The threads only ask over HTTP; the database is the caller's. A place that is slow holds its own lanes and no others.
"""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Model

from yizhengtong.foundation.exchange.claiming import LEASE, Told

LANES = 4
"""Requests under way to one place from one worker."""
LANES_OF_ALL = 16
_STALE_SECONDS = LEASE.total_seconds() / 2
_LOOK_AGAIN_SECONDS = 0.5


P = TypeVar("P", bound=Model)
"""A place: where something is sent."""
T = TypeVar("T")
Ask = Callable[[], Told]


class Round(ABC, Generic[P, T]):
    """Claims, sends and settles until nothing is left that can go now, or the time is over."""

    def __init__(self, *, lanes: int = LANES) -> None:
        self._lanes = lanes
        self._under_way: dict[Future[Told], tuple[UUID, T]] = {}
        self.sent = 0

    @abstractmethod
    def places(self) -> Sequence[P]:
        """Return the places that may be sent something now."""

    def whose(self, place: P) -> UUID:
        """Return whose lanes a place uses: its own, unless several places are one's."""
        key: UUID = place.pk
        return key

    @abstractmethod
    def claim(self, place: P, limit: int) -> Iterable[tuple[T, Ask]]:
        """Take up to `limit` things for the length of the lease, each with what asks the place and nothing else."""

    @abstractmethod
    def settle(self, sent: T, told: Told) -> None:
        """Write down what came of one."""

    @abstractmethod
    def release(self, claimed: T) -> None:
        """Give one back that was not sent."""

    def run(self, *, seconds: float) -> bool:
        """Send until nothing can go now. Returns whether time was over before that."""
        ends = time.monotonic() + seconds
        with ThreadPoolExecutor(LANES_OF_ALL, thread_name_prefix="exchange") as threads:
            while True:
                is_over = time.monotonic() >= ends
                if not is_over:
                    self._claim(threads)
                if not self._under_way:
                    return is_over
                self._settle()

    def _claim(self, threads: ThreadPoolExecutor) -> None:
        if len(self._under_way) >= LANES_OF_ALL:
            return
        busy = Counter(whose for whose, _ in self._under_way.values())
        for place in self.places():
            whose = self.whose(place)
            free = min(self._lanes - busy[whose], LANES_OF_ALL - len(self._under_way))
            if free <= 0:
                continue
            claimed_at = time.monotonic()
            for claimed, ask in self.claim(place, free):
                self._under_way[threads.submit(_asked, ask, claimed_at)] = whose, claimed
                busy[whose] += 1

    def _settle(self) -> None:
        done, _ = wait(self._under_way, timeout=_LOOK_AGAIN_SECONDS, return_when=FIRST_COMPLETED)
        for future in done:
            _, sent = self._under_way.pop(future)
            try:
                told = future.result()
            except TimeoutError:
                self.release(sent)
                continue
            self.sent += 1
            self.settle(sent, told)


def _asked(ask: Ask, claimed_at: float) -> Told:
    if time.monotonic() - claimed_at > _STALE_SECONDS:  # this process stood still: another may have taken it
        raise TimeoutError
    return ask()
