"""`trust`: what sealing and the audit trail cost a case, beside the same server with both switched off."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg

from benchmarks.cases import Cases
from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground, cpu_seconds, durable_ground, web_server, worker
from benchmarks.ground import sealer as sealing
from yizhengtong.project.supervision import Process

ROUNDS = 6
CONCURRENCY = 4
TARGET_RATIO = 1.5
_CASES = 60
_SECONDS = 6.0
_WARM_UP_CASES = 12
_SEALED_SECONDS = 60.0


@dataclass(slots=True)
class Side:
    """One of the two servers, and what its rounds gave: cases a second, CPU milliseconds a case."""

    port: int
    web: Process
    rates: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def measure() -> Iterator[Figure]:
    """Yield the figures of `trust`."""
    with durable_ground() as ground:
        bench = Cases(ground)
        bench.prepare(2 * (_WARM_UP_CASES + ROUNDS * _CASES))
        with (
            worker(ground),
            web_server(ground, settings="benchmarks.bare") as bare_server,
            web_server(ground) as server,
            sealing(ground) as sealer,
        ):
            trusted, bare = Side(*server), Side(*bare_server)
            for side in (bare, trusted):
                bench.load(side.port, count=_WARM_UP_CASES, concurrency=CONCURRENCY, seconds=60)
            _wait_until_sealed(ground)
            for turn in range(ROUNDS):
                for side in (trusted, bare) if turn % 2 else (bare, trusted):
                    _one_round(bench, side, sealer)
    yield from figures(trusted, bare)


def figures(trusted: Side, bare: Side) -> Iterator[Figure]:
    """Yield the median of the rounds' ratios, each of two neighbours in time, then what they were made of."""
    ratios = [without / sealed for sealed, without in zip(trusted.rates, bare.rates, strict=True)]
    by_cpu = [sealed / without for sealed, without in zip(trusted.cpu_ms, bare.cpu_ms, strict=True)]
    yield Figure("cost_ratio", middle(ratios), "x", target=TARGET_RATIO, at_least=False)
    yield Figure("cost_ratio.by_cpu", middle(by_cpu), "x", target=TARGET_RATIO, at_least=False)
    for name, side in (("sealed_and_recorded", trusted), ("open_and_unrecorded", bare)):
        yield Figure(f"cases_per_second.{name}", middle(side.rates), "1/s")
        yield Figure(f"cpu_ms_per_case.{name}", middle(side.cpu_ms), "ms")


def _one_round(bench: Cases, side: Side, sealer: Process) -> None:
    """Send cases to one side. Its CPU is that of web, database and sealer until the last entry is in the chain."""
    processes = [bench.ground.database.pid, side.web.pid or 0, sealer.pid or 0]
    before = sum(map(cpu_seconds, processes))
    outcome = bench.load(side.port, count=_CASES, concurrency=CONCURRENCY, seconds=_SECONDS)
    _wait_until_sealed(bench.ground)
    spent = sum(map(cpu_seconds, processes)) - before
    side.rates.append(len(outcome.cases) / outcome.seconds)
    side.cpu_ms.append(spent * 1000 / len(outcome.cases))


def _wait_until_sealed(ground: Ground) -> None:
    """Return when no entry waits for the sealer, so that no round pays for another. Raises RuntimeError."""
    until = time.monotonic() + _SEALED_SECONDS
    with psycopg.connect(ground.database.url, autocommit=True) as connection:
        while time.monotonic() < until:
            row = connection.execute(_WAITING).fetchone()
            if row == (0,):
                return
            time.sleep(0.1)
    raise RuntimeError("the sealer does not keep up")


_WAITING = "SELECT (SELECT count(*) FROM audit_entry) - (SELECT count(*) FROM audit_link)"
