"""Killing processes at random while requests are in flight, and counting honestly what was hit."""

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from faults.caller import World
from faults.platform import KINDS, Platform, kill

_WEIGHTS = {"web_worker": 32, "backend": 28, "web": 8, "postmaster": 8, "worker": 16, "sealer": 8}
_WAIT_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0
_LONGEST_FACTOR, _LONGEST_SECONDS = 3, 60.0
_REQUEST_SECONDS = 4.0
_SERVICE_SECONDS = 30.0


@dataclass(slots=True)
class Kill:
    """One SIGKILL. `in_flight`: requests sent and unanswered before and after it; `broke`: those that it cut off."""

    kind: str
    in_flight: int = 0
    broke: int = 0


@dataclass(slots=True)
class Kills:
    """All kills of a run."""

    done: list[Kill] = field(default_factory=list)
    restarts: int = 0

    @property
    def in_flight(self) -> int:
        return sum(kill.in_flight > 0 for kill in self.done)

    @property
    def broke(self) -> int:
        return sum(kill.broke > 0 for kill in self.done)

    @property
    def by_kind(self) -> dict[str, int]:
        counted = Counter(kill.kind for kill in self.done)
        return {kind: counted[kind] for kind in KINDS}


def storm(world: World, platform: Platform, *, kills: int, seconds: float, randomness: random.Random) -> Kills:
    """Kill so many processes, spread over so many seconds; on a slow machine over three times as many and a minute.

    Each waits until something was answered since the one before it: what is down already shows nothing when it is hit.
    What ended for good is started again, and counted.
    """
    outcome, answered = Kills(), world.answered
    begun = time.monotonic()
    until = begun + _LONGEST_FACTOR * seconds + _LONGEST_SECONDS
    while len(outcome.done) < kills and time.monotonic() < until:
        due = begun + (len(outcome.done) + randomness.random()) * seconds / kills
        time.sleep(max(0.0, due - time.monotonic()))
        if not platform.is_running:
            outcome.restarts += 1
            platform.start()
        _await_answer(world, answered)
        answered = world.answered
        done = _kill_one(world, platform, randomness)
        if done is not None:
            outcome.done.append(done)
    return outcome


def _kill_one(world: World, platform: Platform, randomness: random.Random) -> Kill | None:
    """Kill one process of a kind drawn by weight; None when none of it came up in time."""
    kind = randomness.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until and platform.is_running:
        running = platform.processes()
        if running.get(kind):
            _await_request(world)
            before = world.in_flight.now()
            done = Kill(kind)
            for sending in before:
                sending.kills.append(done)
            if kill(randomness.choice(running[kind])):
                after = {id(sending) for sending in world.in_flight.now()}
                done.in_flight = sum(id(sending) in after for sending in before)
                return done
        time.sleep(_WAIT_SECONDS)
    return None


def _await_answer(world: World, known: int) -> None:
    """Wait for an answer beyond those known; go on all the same when none comes for long."""
    until = time.monotonic() + _SERVICE_SECONDS
    while world.answered == known and time.monotonic() < until:
        time.sleep(_WAIT_SECONDS)


def _await_request(world: World) -> None:
    """Wait some seconds for a request to be on its way; kill all the same when none comes."""
    until = time.monotonic() + _REQUEST_SECONDS
    while not world.in_flight.now() and time.monotonic() < until:
        threading.Event().wait(0.001)
