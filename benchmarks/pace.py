"""The load generator of `recognition`, a program of its own: `python -m benchmarks.pace PLAN`.

Applications are filled in by one run of it; the next submits them, one after another at a fixed rate, whether or not
the earlier ones were answered: what waits for its turn is counted as waiting. PLAN and what comes back on standard
output are JSON.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.flow import RESIDENT
from benchmarks.limits.handing import Handing
from benchmarks.wire import Connection

ANSWERS = {
    "residence_address": "浙江省庆元县松源街道演示路3号", "phone": "13800000000", "claims": ["employment"],
    "conversion_type": "existing_permit",
}  # fmt: skip
CONFIRMS = {"declares_true": True, "acknowledges_cancellation": True}
_FILLING_THREADS, _SENDING_THREADS = 4, 24


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do for `count` holders from `first` on: fill in, or without `is_filling` submit, `per_second`.

    `drafts`: the file in which the filled-in ones stand in between. With `receiver`, the limit in their place.
    """

    port: int
    known: str
    drafts: str
    first: int
    count: int
    per_second: float
    is_filling: bool = False
    receiver: str = ""
    key: str = ""


@dataclass(slots=True)
class Sent:
    """One that was sent. `due_at`: when it was its turn, `answered_at`: when the answer was there (Unix seconds)."""

    due_at: float
    answered_at: float
    permit: str = ""
    state: str = ""


@dataclass(slots=True)
class Outcome:
    """What came back, seconds taken, CPU seconds of the generator."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    queries: list[float] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Draft:
    """A filled-in application that only needs its submission."""

    session: str
    path: str
    etag: str


def run(plan: Plan) -> Outcome:
    """Fill in, or send at the plan's rate."""
    outcome = Outcome()
    begun, spent = time.perf_counter(), _own_cpu()
    if plan.is_filling:
        _fill_in_all(plan, outcome)
    else:
        _send(_limits(plan) if plan.receiver else _submissions(plan, outcome), plan.per_second, outcome)
    outcome.seconds, outcome.cpu_seconds = time.perf_counter() - begun, _own_cpu() - spent
    return outcome


def _send(works: list[Callable[[], Sent]], per_second: float, outcome: Outcome) -> None:
    start = time.time() + 0.2
    with ThreadPoolExecutor(_SENDING_THREADS) as pool:
        for turn, work in enumerate(works):
            due_at = start + turn / per_second
            time.sleep(max(0.0, due_at - time.time()))
            pool.submit(_one, work, due_at, outcome)


def _one(work: Callable[[], Sent], due_at: float, outcome: Outcome) -> None:
    try:
        sent = work()
        sent.due_at = due_at
        outcome.sent.append(asdict(sent))
    except Exception as problem:  # noqa: BLE001 the thread must not die unseen: every problem is counted and shown
        outcome.problems.append(f"{type(problem).__name__}: {problem}")


def _fill_in_all(plan: Plan, outcome: Outcome) -> None:
    known = json.loads(Path(plan.known).read_text())
    holders = known["holders"][plan.first : plan.first + plan.count]
    connections = _Connections(plan.port)
    with ThreadPoolExecutor(_FILLING_THREADS) as pool:
        drafts = list(pool.map(lambda holder: _fill_in(connections, holder["session"], known, outcome), holders))
    Path(plan.drafts).write_text(json.dumps([asdict(draft) for draft in drafts if draft is not None]))


def _fill_in(connections: "_Connections", session: str, known: dict[str, Any], outcome: Outcome) -> Draft | None:
    """Promise and fill in over the API: all but the last of the four steps."""
    try:
        client = connections.of(session)
        path = f"{RESIDENT}/applications"
        started = client.post(path, {"item": known["item"], "place": known["place"]})
        path = f"{path}/{started.json()['id']}"
        read = client.get(f"{path}/promise")
        promised = client.post(f"{path}/promise", {"hash": read.json()["hash"]}, etag=started.etag)
        filled = client.patch(path, {**ANSWERS, "service_point": known["station"]}, etag=promised.etag)
    except Exception as problem:  # noqa: BLE001 every problem is counted and shown
        outcome.problems.append(f"{type(problem).__name__}: {problem}")
        return None
    return Draft(session, path, filled.etag)


def _submissions(plan: Plan, outcome: Outcome) -> list[Callable[[], Sent]]:
    connections = _Connections(plan.port)
    drafts = [Draft(**draft) for draft in json.loads(Path(plan.drafts).read_text())]
    return [_submission(connections, draft, outcome) for draft in drafts]


def _submission(connections: "_Connections", draft: Draft, outcome: Outcome) -> Callable[[], Sent]:
    def submit() -> Sent:
        answer = connections.of(draft.session).post(f"{draft.path}/submission", CONFIRMS, etag=draft.etag)
        if "x-bench-queries" in answer.headers:
            outcome.queries.append(float(answer.headers["x-bench-queries"]))
        case = answer.json()
        return Sent(0.0, time.time(), case["permit_id"] or "", case["state"])

    return submit


def _limits(plan: Plan) -> list[Callable[[], Sent]]:
    handing = Handing(plan.port, plan.receiver, plan.key)

    def hand() -> Sent:
        handing.hand_over()
        return Sent(0.0, time.time())

    return [hand] * plan.count


class _Connections:
    """One kept connection a thread, which speaks for whoever it is asked to."""

    def __init__(self, port: int) -> None:
        self._port, self._of_thread = port, threading.local()

    def of(self, session: str) -> Connection:
        client: Connection | None = getattr(self._of_thread, "client", None)
        if client is None:
            client = self._of_thread.client = Connection(self._port)
        client.speak_for({"X-Session-Token": session, "Accept-Language": "zh-Hans"})
        return client


def _own_cpu() -> float:
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    json.dump(asdict(run(Plan(**json.loads(sys.argv[1])))), sys.stdout)
