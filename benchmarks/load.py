"""The load generator, a program of its own so that its CPU is told apart: `python -m benchmarks.load PLAN`.

PLAN and what comes back on standard output are JSON. It stops by itself: after so many cases or so many seconds.
"""

import json
import os
import sys
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.flow import Cast, Pictures, cast_of, run_case
from benchmarks.wire import Answer, Connection


@dataclass(frozen=True, slots=True)
class Plan:
    """What to send: cases from `first` on, at most `count`, none begun after `seconds`; with `path`, plain reads."""

    port: int
    known: str
    pictures: str
    first: int
    count: int
    seconds: float
    concurrency: int
    path: str = ""
    session: str = ""


@dataclass(slots=True)
class Outcome:
    """What came back: milliseconds by kind of request, cases done, seconds taken, CPU seconds of the generator."""

    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    queries: dict[str, list[float]] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def note(self, kind: str, answer: Answer) -> None:
        self.milliseconds.setdefault(kind, []).append(answer.milliseconds)
        if "x-bench-queries" in answer.headers:
            self.queries.setdefault(kind, []).append(float(answer.headers["x-bench-queries"]))


class _Turns:
    """Hands out case numbers until they, or the time, are used up."""

    def __init__(self, plan: Plan) -> None:
        self._lock = threading.Lock()
        self._next, self._end = plan.first, plan.first + plan.count
        self._until = time.monotonic() + plan.seconds

    def take(self) -> int | None:
        with self._lock:
            if self._next >= self._end or time.monotonic() > self._until:
                return None
            self._next += 1
            return self._next - 1


def run(plan: Plan) -> Outcome:
    """Send what the plan says with `concurrency` threads and return what came back."""
    outcome = Outcome()
    turns = _Turns(plan)
    work = _reader(plan, outcome, turns) if plan.path else _applicant(plan, outcome, turns)
    threads = [threading.Thread(target=work) for _ in range(plan.concurrency)]
    begun, spent = time.perf_counter(), _own_cpu()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - begun
    outcome.cpu_seconds = _own_cpu() - spent
    return outcome


def _applicant(plan: Plan, outcome: Outcome, turns: _Turns) -> Any:
    known = json.loads(Path(plan.known).read_text())
    folder = Path(plan.pictures)
    pictures = Pictures(*((folder / f"{name}.jpg").read_bytes() for name in Pictures.__slots__))

    def work() -> None:
        while (n := turns.take()) is not None:
            _one_case(plan.port, cast_of(known, n), pictures, outcome)

    return work


def _one_case(port: int, cast: Cast, pictures: Pictures, outcome: Outcome) -> None:
    try:
        outcome.cases.append(run_case(port, cast, pictures, outcome.note))
    except Exception as problem:  # noqa: BLE001 the thread must not die unseen: every problem is counted and shown
        outcome.problems.append(f"{type(problem).__name__}: {problem}")


def _reader(plan: Plan, outcome: Outcome, turns: _Turns) -> Any:
    def work() -> None:
        connection = Connection(plan.port, {"X-Session-Token": plan.session} if plan.session else {})
        while turns.take() is not None:
            outcome.note("read", connection.get(plan.path))
        connection.close()

    return work


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    json.dump(asdict(run(Plan(**json.loads(sys.argv[1])))), sys.stdout)
