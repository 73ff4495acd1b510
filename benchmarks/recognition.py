"""`recognition`: automatic approval at 10 a second over HTTP, each pushed to a receiver; and lists converted in bulk.

`python -m benchmarks.recognition SECONDS LINES` measures one small round of each and keeps nothing.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.converting import write_list
from benchmarks.figures import Figure, middle, percentile
from benchmarks.ground import (
    ROOT,
    Ground,
    cpu_seconds,
    durable_ground,
    free_port,
    machine_seconds,
    prepare_city,
    run_python,
    web_server,
    worker,
)
from benchmarks.importing import copy_again, counts
from benchmarks.pace import Outcome, Plan
from yizhengtong.foundation.exchange.keys import new_signing_key
from yizhengtong.foundation.exchange.receiver.store import Store
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.project.supervision import Process

PER_SECOND = 10.0
TARGET_P95_SECONDS = 1.0
TARGET_CONVERSIONS_PER_SECOND = 50.0
_WARM_UP_SECONDS = 4
_SETTLING_SECONDS = 2.0
_PUSHED_SECONDS = 60.0
_LONGEST_RUN_SECONDS = 600.0
_WRITTEN = (
    "applications_application", "casework_case", "casework_caseevent", "casework_decision", "casework_journalentry",
    "casework_conversionrow", "permits_permit", "permits_permitevent", "audit_entry", "events_event",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured: seconds of a round of approvals, lines of a list, rounds of both."""

    seconds: int = 30
    lines: int = 1000
    rounds: int = 3

    @property
    def approvals(self) -> int:
        """Return how many holders a round of approvals takes."""
        return round(self.seconds * PER_SECOND)

    @property
    def holders(self) -> int:
        """Return how many holders the whole bench takes."""
        return round(_WARM_UP_SECONDS * PER_SECOND) + self.rounds * (self.approvals + self.lines)


@dataclass(slots=True)
class Taken:
    """What the rounds of approvals took. Seconds are counted from the turn of a submission."""

    answered: list[float] = field(default_factory=list)
    pushed: list[float] = field(default_factory=list)
    handed: list[float] = field(default_factory=list)
    """Of the limit."""
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)
    others_share: list[float] = field(default_factory=list)


@dataclass(slots=True)
class Bulk:
    """What the lists took, in lines a second."""

    rates: list[float] = field(default_factory=list)
    by_cpu: list[float] = field(default_factory=list)
    copied: list[float] = field(default_factory=list)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)


class Recognition:
    """One run of the bench on a ground of its own."""

    def __init__(self, ground: Ground, size: Size) -> None:
        self.ground, self.size = ground, size
        self.known, self.keys = ground.home / "known.json", ground.home / "keys.json"
        self.drafts, self.store = str(ground.home / "drafts.json"), ground.home / "received.sqlite"
        self.port, self.key = free_port(), new_signing_key()
        self._next = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    def prepare(self) -> None:
        """Make county, holders, registers and destination; the receiver knows the key of the limit too."""
        prepare_city(self.ground)
        run_python(self.ground, "-m", "benchmarks.qingyuan", str(self.size.holders), str(self.known), self.url)
        keys = json.loads(self.keys.read_text())
        self.keys.write_text(json.dumps({"keys": [*keys["keys"], self.key.public_jwk()]}))

    def holders(self, count: int) -> int:
        """Return where the next `count` holders begin."""
        self._next += count
        return self._next - count

    def fill_in(self, port: int, *, seconds: float) -> None:
        """Fill in what a round of so many seconds submits."""
        count = round(seconds * PER_SECOND)
        self._run(Plan(port, str(self.known), self.drafts, self.holders(count), count, PER_SECOND, is_filling=True))

    def submit(self, port: int) -> Outcome:
        """Submit what was filled in last, 10 a second."""
        return self._run(Plan(port, str(self.known), self.drafts, 0, 0, PER_SECOND))

    def hand_over(self, port: int) -> Outcome:
        """Do what the limit does, as often and as fast."""
        count, secret = self.size.approvals, self.key.secret()
        return self._run(Plan(port, "", "", 0, count, PER_SECOND, receiver=self.url, key=secret))

    def _run(self, plan: Plan) -> Outcome:
        said = _said(self.ground, "benchmarks.pace", json.dumps(asdict(plan)), seconds=_LONGEST_RUN_SECONDS)
        outcome = Outcome(**said)
        if outcome.problems:
            raise RuntimeError(f"{len(outcome.problems)} had a problem, the first: {outcome.problems[0]}")
        return outcome

    def convert(self) -> dict[str, Any]:
        """Convert the next list and return what was told. Raises RuntimeError unless every line was converted."""
        first = self.holders(self.size.lines)
        holders = json.loads(self.known.read_text())["holders"][first : self._next]
        path = write_list(self.ground.home / f"list-{first}.csv", holders, datetime.now(UTC).date().isoformat())
        told = _said(self.ground, "benchmarks.converting", str(path), seconds=600)
        if told["outcomes"] != {"converted": self.size.lines}:
            raise RuntimeError(f"the list ended with {told['outcomes']} {told['codes']}")
        return told


def measure(size: Size = Size()) -> Iterator[Figure]:
    """Yield the figures of `recognition`."""
    with durable_ground() as ground:
        bench = Recognition(ground, size)
        bench.prepare()
        taken, bulk = Taken(), Bulk()
        with (
            _receiver(bench) as receiver,
            worker(ground) as background,
            web_server(ground, settings="benchmarks.limits.empty") as (empty_port, _),
            web_server(ground) as (port, web),
        ):
            pids = {
                "web": web.pid or 0, "database": ground.database.pid, "worker": background.pid or 0,
                "receiver": receiver.pid or 0,
            }  # fmt: skip
            bench.fill_in(port, seconds=_WARM_UP_SECONDS)
            pushed(bench, bench.submit(port))
            for _ in range(size.rounds):
                bench.fill_in(port, seconds=size.seconds)
                time.sleep(_SETTLING_SECONDS)
                _one_round(bench, port, taken, {name: _reading(pid) for name, pid in pids.items()})
                limit = bench.hand_over(empty_port)
                taken.handed += [each["answered_at"] - each["due_at"] for each in limit.sent]
        for _ in range(size.rounds):
            _one_list(bench, bulk)
    yield from figures(taken, bulk)


def figures(taken: Taken, bulk: Bulk) -> Iterator[Figure]:
    """Yield both targets first, then what they were made of."""
    limit = percentile(taken.handed, 0.95)
    yield Figure("p95_seconds", percentile(taken.pushed, 0.95), "s", limit, TARGET_P95_SECONDS, at_least=False)
    yield Figure(
        "conversions_per_second", middle(bulk.rates), "1/s", middle(bulk.copied), TARGET_CONVERSIONS_PER_SECOND
    )
    yield Figure("p50_seconds", percentile(taken.pushed, 0.5), "s", percentile(taken.handed, 0.5))
    yield Figure("longest_seconds", max(taken.pushed), "s", max(taken.handed))
    yield Figure("p50_seconds.answered", percentile(taken.answered, 0.5), "s")
    yield Figure("p95_seconds.answered", percentile(taken.answered, 0.95), "s")
    yield Figure("approvals", len(taken.pushed), "approvals")
    for name, values in taken.cpu_ms.items():
        yield Figure(f"cpu_ms_per_approval.{name}", middle(values), "ms")
    total = sum(middle(values) for values in taken.cpu_ms.values())
    yield Figure("approvals_per_second.by_cpu", len(os.sched_getaffinity(0)) * 1000 / total, "1/s")
    yield Figure("others_share", max(0.0, middle(taken.others_share)), "%")
    yield Figure("conversions_per_second.by_cpu", middle(bulk.by_cpu), "1/s")
    for name, values in bulk.cpu_ms.items():
        yield Figure(f"cpu_ms_per_conversion.{name}", middle(values), "ms")


def _one_round(bench: Recognition, port: int, taken: Taken, spent: Mapping[str, Callable[[], float]]) -> None:
    """Offer approvals for a round; the CPU time is that until the last push was acknowledged."""
    before, (used_before, had_before) = {name: read() for name, read in spent.items()}, machine_seconds()
    outcome = bench.submit(port)
    acknowledged = pushed(bench, outcome)
    used = {name: read() - before[name] for name, read in spent.items()} | {"generator": outcome.cpu_seconds}
    used_by_all, had = machine_seconds()
    taken.others_share.append((used_by_all - used_before - sum(used.values())) / (had - had_before) * 100)
    for name, seconds in used.items():
        taken.cpu_ms.setdefault(name, []).append(seconds * 1000 / len(outcome.sent))
    taken.answered += [each["answered_at"] - each["due_at"] for each in outcome.sent]
    taken.pushed += [acknowledged[each["permit"]] - each["due_at"] for each in outcome.sent]


def _reading(pid: int) -> Callable[[], float]:
    return lambda: cpu_seconds(pid)


def pushed(bench: Recognition, outcome: Outcome) -> dict[str, float]:
    """Return when the receiver's acknowledgement of each issued permit was noted (Unix seconds), by public id.

    Waits until all are. Raises RuntimeError where one was not approved, not pushed in time, or came more than once.
    """
    permits = [each["permit"] for each in outcome.sent]
    left = [each["state"] for each in outcome.sent if not each["permit"]]
    if left:
        raise RuntimeError(f"{len(left)} were not approved by the rules, the first is {left[0]}")
    acknowledged = _acknowledged(bench.ground, permits)
    _ensure_received_once(bench.store, permits)
    return acknowledged


def _acknowledged(ground: Ground, permits: Sequence[str]) -> dict[str, float]:
    keys = {parse_public_id("pmt", permit): permit for permit in permits}
    until = time.monotonic() + _PUSHED_SECONDS
    found: dict[UUID, datetime] = {}
    with psycopg.connect(ground.database.url, autocommit=True) as connection:
        while len(found) < len(keys) and time.monotonic() < until:
            time.sleep(0.5)
            found = dict(connection.execute(_ACKNOWLEDGED, [list(keys)]).fetchall())
    if len(found) < len(keys):
        raise RuntimeError(f"{len(keys) - len(found)} of {len(keys)} pushes were not acknowledged")
    return {keys[key]: at.timestamp() for key, at in found.items()}


_ACKNOWLEDGED = """
    SELECT object_id, acknowledged_at FROM exchange_push
    WHERE kind = 'permits.issued' AND state = 'acknowledged' AND object_id = ANY(%s)
"""


def _ensure_received_once(path: Path, permits: Sequence[str]) -> None:
    """Raise RuntimeError unless the receiver keeps each issue, delivered once."""
    store = Store(path)
    issued = {event.subject: event.came for event in store.events() if event.type.endswith(".permit.issued.v1")}
    store.close()
    wrong = [permit for permit in permits if issued.get(permit) != 1]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {len(permits)} issues are not with the receiver exactly once")


def _one_list(bench: Recognition, bulk: Bulk) -> None:
    ground, lines = bench.ground, bench.size.lines
    before, served = counts(ground, _WRITTEN), cpu_seconds(ground.database.pid)
    told = bench.convert()
    database = cpu_seconds(ground.database.pid) - served
    bulk.rates.append(lines / told["seconds"])
    bulk.by_cpu.append(lines / (told["cpu_seconds"] + database))
    bulk.cpu_ms.setdefault("process", []).append(told["cpu_seconds"] * 1000 / lines)
    bulk.cpu_ms.setdefault("database", []).append(database * 1000 / lines)
    bulk.copied.append(lines / copy_again(ground, before))


@contextlib.contextmanager
def _receiver(bench: Recognition) -> Iterator[Process]:
    """Run the receiver kit as a program of its own, as `bin/yzt exchange receive` does."""
    command = [
        sys.executable, "-m", "yizhengtong.foundation.exchange.receiver", "--port", str(bench.port),
        "--url", bench.url, "--keys", str(bench.keys), "--store", str(bench.store),
    ]  # fmt: skip
    log = bench.ground.home / "log" / "receiver.log"
    process = Process("receiver", command, env=dict(bench.ground.environment), cwd=ROOT, log=log)
    process.start()
    try:
        yield process
    finally:
        process.stop()


def _said(ground: Ground, module: str, argument: str, *, seconds: float) -> dict[str, Any]:
    """Run a module of ours to its end and return the JSON document it said last."""
    result = subprocess.run(
        [sys.executable, "-m", module, argument],
        env=dict(ground.environment), cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False,
    )  # fmt: skip
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    said: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
    return said


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is ended
    small = Size(seconds=int(sys.argv[1]), lines=int(sys.argv[2]), rounds=1)
    for each in measure(small):
        print(each.line, flush=True)
