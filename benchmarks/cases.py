"""`cases`: whole cases a second, and how long each kind of request takes, on two cores with all that takes part."""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, middle, percentile
from benchmarks.flow import KINDS
from benchmarks.ground import (
    ROOT,
    Ground,
    cpu_seconds,
    durable_ground,
    machine_seconds,
    prepare_city,
    run_python,
    web_server,
    worker,
)
from benchmarks.limits.writes import fixed_ids, make_persons, pgbench_script, run_pgbench
from benchmarks.load import Outcome, Plan
from benchmarks.pictures import drawn_pictures, scanned_pictures, write_pictures

ROUNDS = 3
CONCURRENCIES = (2, 4, 6, 8)
TARGET_CASES_PER_SECOND = 10.0
TARGET_P95_MS = 100.0
_MOST_CASES = 100
_ROUND_SECONDS = 8.0
_WARM_UP_CASES = 12
_COUNTED_CASES = 3
_PGBENCH_CASES = 80
_EMPTY_REQUESTS = 1500
_EMPTY_SECONDS = 3.0
_SCANNED_CASES = 40
_RESIDENTS = _WARM_UP_CASES + _COUNTED_CASES + ROUNDS * len(CONCURRENCIES) * _MOST_CASES + _SCANNED_CASES


@dataclass(slots=True)
class Point:
    """What the rounds at one concurrency gave."""

    cases_per_second: list[float] = field(default_factory=list)
    requests_per_second: list[float] = field(default_factory=list)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    cpu_ms: dict[str, list[float]] = field(default_factory=dict)
    others_share: list[float] = field(default_factory=list)

    @property
    def worst_p95(self) -> float:
        """Return the slowest kind's 95th percentile over all rounds, in milliseconds."""
        return max(percentile(samples, 0.95) for samples in self.milliseconds.values())


class Cases:
    """One run of the bench on a ground of its own."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.known = ground.home / "known.json"
        self.drawn = write_pictures(drawn_pictures(), ground.home / "drawn")
        self.scanned = write_pictures(scanned_pictures(), ground.home / "scanned")
        self._next = 0

    def prepare(self, residents: int) -> None:
        """Make the city, so many residents, and everybody's sessions."""
        prepare_city(self.ground)
        run_python(self.ground, "-m", "benchmarks.prepare", str(residents), str(self.known))

    def load(self, port: int, *, count: int, concurrency: int, pictures: Path | None = None, **plan: Any) -> Outcome:
        """Send so many cases, or reads of `path`. Raises RuntimeError when one of them had a problem."""
        whole = Plan(
            port=port,
            known=str(self.known),
            pictures=str(pictures or self.drawn),
            first=self._next,
            count=count,
            concurrency=concurrency,
            seconds=plan.pop("seconds", _ROUND_SECONDS),
            **plan,
        )
        if not whole.path:
            self._next += count
        return _generated(self.ground, whole)

    def count_queries(self) -> tuple[Mapping[str, list[float]], str]:
        """Return the queries of each kind of request, and what one case writes."""
        recorded = self.ground.home / "writes.sql"
        environment = {**self.ground.environment, "BENCH_WRITES": str(recorded)}
        ground = Ground(self.ground.home, self.ground.database, environment)
        with web_server(ground, settings="benchmarks.counting") as (port, _):
            outcome = self.load(port, count=_COUNTED_CASES - 1, concurrency=1, seconds=60)
            recorded.unlink()
            self.load(port, count=1, concurrency=1, seconds=60)
        return outcome.queries, recorded.read_text()

    def person_of_counted_case(self) -> str:
        """Return the id of the person whose case was recorded."""
        return str(json.loads(self.known.read_text())["residents"][_COUNTED_CASES - 1]["person"])


def measure() -> Iterator[Figure]:
    """Yield the figures of `cases`."""
    with durable_ground() as ground:
        bench = Cases(ground)
        bench.prepare(_RESIDENTS)
        queries, recorded = bench.count_queries()
        script = _write_script(bench, recorded)
        with (
            worker(ground) as background,
            web_server(ground, settings="benchmarks.limits.empty") as (empty_port, _),
            web_server(ground) as (port, web),
        ):
            spent = {
                "web": lambda: cpu_seconds(web.pid or 0),
                "database": lambda: cpu_seconds(ground.database.pid),
                "worker": lambda: cpu_seconds(background.pid or 0),
            }
            bench.load(port, count=_WARM_UP_CASES, concurrency=4, seconds=60)
            points = {concurrency: Point() for concurrency in CONCURRENCIES}
            empty = {concurrency: Point() for concurrency in CONCURRENCIES}
            written: dict[int, list[float]] = {concurrency: [] for concurrency in CONCURRENCIES}
            for _ in range(ROUNDS):
                for concurrency in CONCURRENCIES:
                    _one_round(bench, port, concurrency, points[concurrency], spent)
                    _one_empty_round(bench, empty_port, concurrency, empty[concurrency])
                    written[concurrency].append(_one_written_round(ground, script, concurrency))
            scanned = bench.load(port, count=_SCANNED_CASES, concurrency=2, pictures=bench.scanned)
    best = best_concurrency(points)
    yield from _figures(best, points, empty, {each: middle(rates) for each, rates in written.items()}, queries)
    yield Figure("cases_per_second.scanned_papers", len(scanned.cases) / scanned.seconds, "1/s")
    yield Figure("upload_bytes_per_case.scanned_papers", scanned_pictures().bytes_a_case, "bytes")


def best_concurrency(points: Mapping[int, Point]) -> int:
    """Return the concurrency with most cases a second among those that keep every kind's p95, else the quickest one."""
    kept = [each for each, point in points.items() if point.worst_p95 <= TARGET_P95_MS]
    if kept:
        return max(kept, key=lambda each: middle(points[each].cases_per_second))
    return min(points, key=lambda each: points[each].worst_p95)


def _one_round(
    bench: Cases, port: int, concurrency: int, point: Point, spent: Mapping[str, Callable[[], float]]
) -> None:
    before = {name: read() for name, read in spent.items()}
    used_before, had_before = machine_seconds()
    outcome = bench.load(port, count=_MOST_CASES, concurrency=concurrency)
    cases = len(outcome.cases)
    used = {name: read() - before[name] for name, read in spent.items()} | {"generator": outcome.cpu_seconds}
    used_by_all, had = machine_seconds()
    point.others_share.append((used_by_all - used_before - sum(used.values())) / (had - had_before) * 100)
    for name, seconds in used.items():
        point.cpu_ms.setdefault(name, []).append(seconds * 1000 / cases)
    point.cases_per_second.append(cases / outcome.seconds)
    point.requests_per_second.append(sum(map(len, outcome.milliseconds.values())) / outcome.seconds)
    for kind, samples in outcome.milliseconds.items():
        point.milliseconds.setdefault(kind, []).extend(samples)


def _one_empty_round(bench: Cases, port: int, concurrency: int, point: Point) -> None:
    outcome = bench.load(port, count=_EMPTY_REQUESTS, concurrency=concurrency, seconds=_EMPTY_SECONDS, path="/empty")
    samples = outcome.milliseconds["read"]
    point.requests_per_second.append(len(samples) / outcome.seconds)
    point.milliseconds.setdefault("read", []).extend(samples)


def _one_written_round(ground: Ground, script: Path, clients: int) -> float:
    return run_pgbench(ground.database, script, clients=clients, cases_each=_PGBENCH_CASES // clients)


def _write_script(bench: Cases, recorded: str) -> Path:
    url, person = bench.ground.database.url, bench.person_of_counted_case()
    make_persons(url, like=person, number=ROUNDS * len(CONCURRENCIES) * _PGBENCH_CASES + 1)
    script = bench.ground.home / "writes.pgbench"
    script.write_text(pgbench_script(recorded, person=person, fixed=fixed_ids(url)))
    run_pgbench(bench.ground.database, script, clients=1, cases_each=1)
    return script


def _figures(
    best: int,
    points: Mapping[int, Point],
    empty: Mapping[int, Point],
    written: Mapping[int, float],
    queries: Mapping[str, list[float]],
) -> Iterator[Figure]:
    point, empty_point = points[best], empty[best]
    requests = middle(point.requests_per_second) / middle(point.cases_per_second)
    empty_p95 = percentile(empty_point.milliseconds["read"], 0.95)
    yield Figure(
        "cases_per_second",
        middle(point.cases_per_second),
        "1/s",
        limit=written[best],
        target=TARGET_CASES_PER_SECOND,
    )
    yield Figure("p95_ms", point.worst_p95, "ms", limit=empty_p95, target=TARGET_P95_MS, at_least=False)
    yield Figure(
        "requests_per_second", middle(point.requests_per_second), "1/s", limit=middle(empty_point.requests_per_second)
    )
    yield Figure("concurrency", best, "cases")
    for concurrency, each in points.items():
        yield Figure(f"cases_per_second.at_{concurrency}", middle(each.cases_per_second), "1/s", written[concurrency])
        floor = percentile(empty[concurrency].milliseconds["read"], 0.95)
        yield Figure(f"p95_ms.at_{concurrency}", each.worst_p95, "ms", floor)
    for kind in KINDS:
        samples = point.milliseconds[kind]
        yield Figure(f"p50_ms.{kind}", percentile(samples, 0.5), "ms")
        yield Figure(f"p95_ms.{kind}", percentile(samples, 0.95), "ms", empty_p95, TARGET_P95_MS, at_least=False)
    yield Figure("requests_per_case", requests, "requests")
    yield Figure("upload_bytes_per_case", drawn_pictures().bytes_a_case, "bytes")
    yield Figure("queries_per_case", sum(map(sum, queries.values())) / (_COUNTED_CASES - 1), "queries")
    for kind in KINDS:
        yield Figure(f"queries.{kind}", statistics.fmean(queries[kind]), "queries")
    total = sum(middle(values) for values in point.cpu_ms.values())
    for name, values in point.cpu_ms.items():
        yield Figure(f"cpu_ms_per_case.{name}", middle(values), "ms")
    yield Figure("cases_per_second.by_cpu", len(os.sched_getaffinity(0)) * 1000 / total, "1/s")
    yield Figure("others_share", max(0.0, middle(point.others_share)), "%")
    yield Figure("generator_share", middle(point.cpu_ms["generator"]) / total * 100, "%")


def _generated(ground: Ground, plan: Plan) -> Outcome:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.load", json.dumps(asdict(plan))],
        env=ground.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=plan.seconds + 120,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    outcome = Outcome(**json.loads(result.stdout))
    if outcome.problems:
        raise RuntimeError(f"{len(outcome.problems)} cases had a problem, the first: {outcome.problems[0]}")
    return outcome
