"""`endorsement`: the daily sweep over 1,000,000 permits, with 1/365 due and with a backlog, beside 100,000.

`python -m benchmarks.endorsement PERMITS` measures one round over so many beside a tenth of them and keeps nothing.
"""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import psycopg

from benchmarks.figures import Figure, middle
from benchmarks.ground import ROOT, Ground, cpu_seconds, durable_ground, prepare_city, run_python
from benchmarks.importing import copy_again, counts
from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.database import ConnectionInfo, environment_of
from yizhengtong.project.database.cluster import SUPERUSER

PERMITS, SMALLER_BY = 1_000_000, 10
ROUNDS: Mapping[str, int] = {"daily": 3, "backlog": 1}
"""A day's sweep takes seconds, so that noise shows in it; a backlog's takes minutes, in which it evens out."""
BACKLOG_DAYS = 30
TOLERANCE = 0.1
"""What noise may make of a cost that is the same: a tenth."""
TARGET_COST_RATIO = 1.0 + TOLERANCE
KINDS: Mapping[str, int] = {"daily": 1, f"backlog_{BACKLOG_DAYS}_days": BACKLOG_DAYS}
"""Kind of sweep → days since the one before."""
_FEWEST = 0.95
"""Of an even share: days have as many permits as divide evenly, or one run less."""
_FILL_SECONDS = 900
_SWEEP_SECONDS = 900
_WRITTEN = ("permits_permitevent", "permits_reminder", "audit_entry", "events_event")


@dataclass(slots=True)
class Side:
    """A database with permits, the day it was swept last, and what each round gave, by kind of sweep."""

    permits: int
    database: ConnectionInfo
    on: date
    seconds: dict[str, list[float]] = field(default_factory=dict)
    copied: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of the limit."""
    by_clock: dict[str, list[float]] = field(default_factory=dict)
    by_cpu: dict[str, list[float]] = field(default_factory=dict)
    """Microseconds a permit that was suspended or reminded of."""
    done: dict[str, list[int]] = field(default_factory=dict)


def measure(permits: int = PERMITS, rounds: Mapping[str, int] = ROUNDS) -> Iterator[Figure]:
    """Yield the figures of `endorsement`."""
    with durable_ground(may_create_databases=True) as ground:
        prepare_city(ground)
        begun = time.monotonic()
        small, large = (fill(ground, size) for size in (permits // SMALLER_BY, permits))
        yield Figure("fill_seconds", time.monotonic() - begun, "s")
        for kind, days in KINDS.items():
            for turn in range(rounds[kind.partition("_")[0]]):
                for side in (large, small) if turn % 2 else (small, large):
                    _one_sweep(ground, side, kind, days)
    yield from figures(small, large)


def figures(small: Side, large: Side) -> Iterator[Figure]:
    """Yield the seconds beside their limit, then what a permit costs beside what it costs among fewer."""
    for kind in KINDS:
        yield Figure(f"seconds.{kind}", middle(large.seconds[kind]), "s", middle(large.copied[kind]))
        yield Figure(f"permits_swept.{kind}", middle(large.done[kind]), "permits")
    for name, of in (("cost_ratio", "by_clock"), ("cost_ratio.by_cpu", "by_cpu")):
        ratio = max(_ratio(getattr(large, of)[kind], getattr(small, of)[kind]) for kind in KINDS)
        yield Figure(name, ratio, "x", target=TARGET_COST_RATIO, at_least=False)
    for kind in KINDS:
        for way, of in (("", "by_clock"), (".by_cpu", "by_cpu")):
            cost, limit = getattr(large, of)[kind], getattr(small, of)[kind]
            yield Figure(f"us_per_permit.{kind}{way}", middle(cost), "us", middle(limit))


def _ratio(large: list[float], small: list[float]) -> float:
    """Return the median of the rounds' ratios, each of two neighbours in time."""
    return middle([many / few for many, few in zip(large, small, strict=True)])


def fill(ground: Ground, permits: int) -> Side:
    """Copy the prepared database and fill the copy. Its last day swept is the day before the first permits are due."""
    name = f"bench_{permits}"
    with psycopg.connect(replace(ground.database, database="postgres").url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {ground.database.database}")
    database = ground.database.in_database(name)
    superuser = database.as_role(SUPERUSER)
    run_python(
        ground, "-m", "benchmarks.fill_endorsed", str(permits), seconds=_FILL_SECONDS, DATABASE_URL=superuser.url
    )
    return Side(permits, database, legal_day(datetime.now(UTC)) - timedelta(days=1))


def _one_sweep(ground: Ground, side: Side, kind: str, days: int) -> None:
    """Sweep so many days after the last time, as the worker's role, and copy what it wrote once more."""
    side.on += timedelta(days=days)
    of_side = replace(ground, database=side.database)
    before, served = counts(of_side, _WRITTEN), cpu_seconds(ground.database.pid)
    told = _swept(ground, side)
    served = cpu_seconds(ground.database.pid) - served
    done = int(told["suspended"] + told["reminded"])
    if told["suspended"] < side.permits // 365 * days * _FEWEST:
        raise RuntimeError(f"of {side.permits} permits only {told['suspended']} were suspended after {days} days")
    for of, value in (
        (side.seconds, told["seconds"]),
        (side.by_clock, told["seconds"] / done * 1_000_000),
        (side.by_cpu, (told["cpu_seconds"] + served) / done * 1_000_000),
        (side.copied, copy_again(of_side, before)),
    ):
        of.setdefault(kind, []).append(value)
    side.done.setdefault(kind, []).append(done)


def _swept(ground: Ground, side: Side) -> dict[str, float]:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.sweeping", side.on.isoformat()],
        env=environment_of("yzt_worker", {**ground.environment, **side.database.environment}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=_SWEEP_SECONDS,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    told: dict[str, float] = json.loads(result.stdout.splitlines()[-1])
    return told


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that what was started is ended
    for each in measure(int(sys.argv[1]), rounds=dict.fromkeys(ROUNDS, 1)):
        print(each.line, flush=True)
