"""`trust`: what sealing and the audit trail cost a case, beside the same server with both switched off."""

from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.cases import Cases
from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground, durable_ground, web_server, worker
from yizhengtong.project import up

ROUNDS = 5
CONCURRENCY = 4
TARGET_RATIO = 1.5
_CASES = 100
_SECONDS = 8.0
_WARM_UP_CASES = 12


def measure() -> Iterator[Figure]:
    """Yield the figures of `trust`."""
    with durable_ground() as ground:
        bench = Cases(ground)
        bench.prepare(2 * (_WARM_UP_CASES + ROUNDS * _CASES))
        with (
            worker(ground),
            web_server(ground, settings="benchmarks.bare") as (bare_port, _),
            web_server(ground) as (port, _),
        ):
            trusted, bare = [], []
            for each in (bare_port, port):
                bench.load(each, count=_WARM_UP_CASES, concurrency=CONCURRENCY, seconds=60)
            for _ in range(ROUNDS):
                with _sealer(ground):
                    trusted.append(_rate(bench, port))
                bare.append(_rate(bench, bare_port))
    yield Figure("cost_ratio", middle(bare) / middle(trusted), "x", target=TARGET_RATIO, at_least=False)
    yield Figure("cases_per_second.sealed_and_recorded", middle(trusted), "1/s", middle(bare))
    yield Figure("cases_per_second.open_and_unrecorded", middle(bare), "1/s")


def _rate(bench: Cases, port: int) -> float:
    outcome = bench.load(port, count=_CASES, concurrency=CONCURRENCY, seconds=_SECONDS)
    return len(outcome.cases) / outcome.seconds


@contextmanager
def _sealer(ground: Ground) -> Iterator[None]:
    """Run the sealer by the command of `make up`, for the rounds that have a trail."""
    process = up.sealer_process(dict(ground.environment), ground.home)
    process.start()
    try:
        yield
    finally:
        process.stop()
