"""People at work: whole cases, one after the other, on whichever server is named now; every answer is noted."""

import itertools
import statistics
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks import flow
from benchmarks.flow import Cast, Pictures, cast_of
from benchmarks.wire import Answer, Connection, WrongAnswer

Causes = Callable[[int], Sequence[str]]
"""From a server's port to what its logs say last."""


class Traffic:
    """Threads that run cases until told to stop. `port` and `phase` may change meanwhile."""

    def __init__(self, known: Mapping[str, Any], pictures: Pictures, port: int, causes: Causes) -> None:
        self.port, self.phase = port, ""
        self._causes = causes
        self.problems: list[str] = []
        self.milliseconds: dict[str, list[float]] = {}
        self._known, self._pictures = known, pictures
        self._numbers = itertools.count()
        self._lock, self._is_over = threading.Lock(), threading.Event()
        self._at_work: dict[int, int] = {}
        self._threads: list[threading.Thread] = []

    def start(self, people: int) -> None:
        self._threads = [threading.Thread(target=self._work) for _ in range(people)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join(120)

    def check(self) -> None:
        """Raises AssertionError with every failed request and its cause."""
        assert not self.problems, "\n".join([f"{len(self.problems)} failed requests", *self.problems])

    def is_drained(self, port: int) -> bool:
        """Whether nobody is in the middle of something on that server."""
        with self._lock:
            return port not in self._at_work.values()

    def next_cast(self) -> Cast:
        """Return who takes part in a case that nobody has begun."""
        with self._lock:
            return cast_of(self._known, next(self._numbers))

    def begun(self) -> tuple[str, Cast]:
        """Take one case as far as its acceptance and return it."""
        cast = self.next_cast()
        resident, clerk = self._connection(cast.resident), self._connection(cast.clerk)
        case = flow._apply(resident, cast, self._pictures, self._note)
        flow._book(resident, case, cast, self._note)
        flow._visit(clerk, case, self._pictures, self._note)
        resident.close()
        clerk.close()
        return case, cast

    def finish(self, case: str, cast: Cast) -> None:
        """Take a case that was begun to its end."""
        reviewer, approver, clerk = (self._connection(who) for who in (cast.reviewer, cast.approver, cast.clerk))
        try:
            flow._judge(reviewer, case, self._note)
            flow._approve(approver, case, self._note)
            flow._hand_over(clerk, case, self._note)
        except WrongAnswer as problem:
            self._note_problem(problem, self.port)
        for connection in (reviewer, approver, clerk):
            connection.close()

    def p95(self, phase: str) -> float:
        """Return the 95th percentile of a phase, in milliseconds; of very few, the longest."""
        taken = self.milliseconds[phase]
        return statistics.quantiles(taken, n=20)[-1] if len(taken) > 1 else taken[0]

    def _work(self) -> None:
        me = threading.get_ident()
        while not self._is_over.is_set():
            with self._lock:
                port = self._at_work[me] = self.port
            try:
                flow.run_case(port, self.next_cast(), self._pictures, self._note)
            except Exception as problem:  # noqa: BLE001 a thread must not die unseen: every problem fails the test
                self._note_problem(problem, port)
                self._is_over.wait(1)
            finally:
                with self._lock:
                    self._at_work.pop(me, None)

    def _note_problem(self, problem: Exception, port: int) -> None:
        lines = [f"{self.phase}: {type(problem).__name__}: {problem}", *self._causes(port)]
        self.problems.append("\n    ".join(lines))

    def _connection(self, session: str) -> Connection:
        return Connection(self.port, {"X-Session-Token": session, "Accept-Language": "zh-Hans"})

    def _note(self, _kind: str, answer: Answer) -> None:
        with self._lock:
            self.milliseconds.setdefault(self.phase, []).append(answer.milliseconds)
