"""What residents and officers do meanwhile: one journey after another, each request acknowledged or sent again."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from benchmarks.flow import Cast
from faults.caller import Caller, GaveUp, NoAnswer, World
from faults.checking import CHECKED, Checking
from faults.first_issue import FloatingFirstIssue, HmtFirstIssue
from faults.settlement import Settlement
from faults.zhejiang import Conversion, Endorsement

_ROLES = ("resident", "clerk", "reviewer", "approver")
_WAIT_SECONDS = 0.05


class Journey(Protocol):
    """Somebody's way through the platform, in steps of one request each, or a read and a request."""

    def steps(self) -> Iterator[Callable[[], object]]:
        """Yield every step, in order."""

    def meanwhile(self) -> Iterator[Callable[[], object]]:
        """Yield what is done afterwards, over and over, until the next resident's turn; nothing where it is over."""


JOURNEYS: Mapping[str, Callable[[Mapping[str, Caller], Cast], Journey]] = {
    journey.wanted.item: journey for journey in (HmtFirstIssue, FloatingFirstIssue, Endorsement, Conversion, Settlement)
}
"""The kinds of applications by item; faults/prepare.py says whose is which. docs/faults.md says how one is added."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, and which way they go. `cast`: who takes part in an application; None of a bank that checks."""

    kind: str
    who: Mapping[str, Any]
    cast: Cast | None

    def begin(self, world: World) -> tuple[Journey, Sequence[Caller]]:
        """Return the way, and who calls on it."""
        if self.cast is None:
            bank = Caller(world, secret=self.who["secret"])
            return Checking(bank, self.who["people"], self.who["purpose"]), [bank]
        callers = {role: Caller(world, getattr(self.cast, role)) for role in _ROLES}
        return JOURNEYS[self.kind](callers, self.cast), list(callers.values())


class Turns:
    """Hands out residents, each once, spread over a time so that requests are on their way as long as it lasts."""

    def __init__(self, known: Mapping[str, Any], *, seconds: float, at_once: int) -> None:
        """Begin now. `at_once`: how many may go through at the same time."""
        self._known = known
        self._pace = seconds / max(1, len(known["residents"]))
        self._begun = time.monotonic() - (at_once - 1) * self._pace
        self._next = 0
        self._lock = threading.Lock()
        self.done: Counter[str] = Counter({resident["journey"]: 0 for resident in known["residents"]})

    @property
    def is_over(self) -> bool:
        """Whether every resident had a turn."""
        return self._next >= len(self._known["residents"])

    @property
    def is_due(self) -> bool:
        """Whether somebody's turn has come."""
        return not self.is_over and time.monotonic() >= self._begun + self._next * self._pace

    def take(self) -> Turn | None:
        """Return the next one whose turn has come, or None."""
        with self._lock:
            if not self.is_due:
                return None
            resident = self._known["residents"][self._next]
            self._next += 1
            kind = resident["journey"]
            return Turn(kind, resident, None if kind == CHECKED else _cast(self._known, resident))

    def note_done(self, journey: str) -> None:
        """Count a journey that came to its end."""
        with self._lock:
            self.done[journey] += 1


def _cast(known: Mapping[str, Any], resident: Mapping[str, str]) -> Cast:
    """Return who takes part: the officers of the point that is named, else of the one in the resident's county."""
    named = ("code", resident["point"]) if "point" in resident else ("region", resident["region"])
    point = next(point for point in known["points"] if point[named[0]] == named[1])
    officers = {role: point[role] for role in _ROLES[1:]}
    return Cast(
        resident=resident["session"], **officers, region=point["region"], service_point=point["code"],
        days=tuple(known["days"]),
    )  # fmt: skip


def keep_going(world: World, turns: Turns) -> None:
    """Run one journey after another until the end is asked for or nobody is left."""
    while not (world.is_ending.is_set() or turns.is_over):
        taken = turns.take()
        if taken is None:
            time.sleep(_WAIT_SECONDS)
        else:
            _go(world, turns, taken)


def _go(world: World, turns: Turns, turn: Turn) -> None:
    kind = turn.kind
    journey, callers = turn.begin(world)
    try:
        for step in journey.steps():
            if world.is_ending.is_set():
                return
            step()
        turns.note_done(kind)
        for step in itertools.cycle(journey.meanwhile()):
            if world.is_ending.is_set() or turns.is_due:
                return
            step()
    except NoAnswer as silence:
        world.waited_in_vain.append(f"{kind}: {silence}")
    except GaveUp as refused:
        world.refusals.append(f"{kind}: {refused}")
    finally:
        for caller in callers:
            caller.close()
