"""`queue`: the officers' queue and search at 1,000,000 cases beside 10,000, of which a tenth is open."""

import contextlib
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import psycopg

from benchmarks.figures import Figure, middle, percentile
from benchmarks.ground import ROOT, Ground, prepare_city, reading_ground, run_python, web_server
from benchmarks.wire import Connection
from yizhengtong.project.database import ConnectionInfo, environment_of

SMALL, LARGE = 10_000, 1_000_000
TARGET_P95_RATIO = 2.0
ROUNDS = 3
_SAMPLES = 60
_WARM_UP = 5
_FILL_SECONDS = 900
WEB = "yzt_web"
_READERS = """
    SELECT DISTINCT usename FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
_UNBOUND = """
    SELECT 'casework_case' FROM pg_class WHERE oid = 'casework_case'::regclass AND NOT relrowsecurity
    UNION ALL
    SELECT rolname FROM pg_roles WHERE rolname = %s AND (rolsuper OR rolbypassrls)
"""


@dataclass(frozen=True, slots=True)
class Filled:
    """A database with cases in it, and what benchmarks.fill says to look for."""

    ground: Ground
    database: ConnectionInfo
    file: str
    wanted: Mapping[str, Any]


Samples = dict[str, list[list[float]]]
"""Milliseconds of each round by kind."""


def measure() -> Iterator[Figure]:
    """Yield the figures of `queue`."""
    with reading_ground() as ground, contextlib.ExitStack() as stack:
        prepare_city(ground)
        begun = time.monotonic()
        filled = {size: fill(ground, size) for size in (SMALL, LARGE)}
        yield Figure("fill_seconds", time.monotonic() - begun, "s")
        yield Figure("database_bytes", _size_of(filled[LARGE].database), "bytes")
        ports = {
            size: stack.enter_context(web_server(ground, url=each.database.url))[0] for size, each in filled.items()
        }
        samples: dict[int, Samples] = {SMALL: {}, LARGE: {}}
        for _ in range(ROUNDS):
            for size, each in filled.items():
                _add(samples[size], "query", _read_inside(each))
                _add(samples[size], "http", read_over_http(ports[size], each.wanted))
        for each in filled.values():
            ensure_bound(each.database)
    yield from figures(samples[SMALL], samples[LARGE])


def figures(small: Samples, large: Samples) -> Iterator[Figure]:
    """Yield the worst ratio first, then each kind: the median of the rounds' 95th percentiles beside that at SMALL."""
    each = [Figure(f"p95_ms.{kind}", _p95(large[kind]), "ms", limit=_p95(small[kind])) for kind in sorted(large)]
    worst = max(each, key=lambda figure: figure.ratio or 0)
    yield Figure("p95_ratio", worst.ratio or 0, "ratio", target=TARGET_P95_RATIO, at_least=False)
    yield from each


def fill(ground: Ground, cases: int) -> Filled:
    """Copy the prepared database and fill the copy."""
    name = f"bench_{cases}"
    with psycopg.connect(replace(ground.database, database="postgres").url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {ground.database.database}")
    database = ground.database.in_database(name)
    path = ground.home / f"{name}.json"
    run_python(ground, "-m", "benchmarks.fill", str(cases), str(path), seconds=_FILL_SECONDS, DATABASE_URL=database.url)
    return Filled(ground, database, str(path), json.loads(path.read_text()))


def ensure_bound(database: ConnectionInfo) -> None:
    """Raise RuntimeError unless who reads this database now is the web's role alone, bound by row policies."""
    with psycopg.connect(database.url) as connection:
        readers = {name for (name,) in connection.execute(_READERS).fetchall()}
        unbound = connection.execute(_UNBOUND, [WEB]).fetchall()
    if readers != {WEB} or unbound:
        raise RuntimeError(f"read by {sorted(readers)}; not bound: {unbound}")


def read_over_http(port: int, wanted: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return milliseconds by kind of reading, over one connection."""
    city = Connection(port, {"X-Session-Token": wanted["session"]})
    point = Connection(port, {"X-Session-Token": wanted["clerk_session"]})
    cursor = city.get("/api/staff/queue").json()["next"]
    taken: dict[str, list[float]] = {}
    for turn in range(_SAMPLES + _WARM_UP):
        name, number = random.choice(wanted["names"]), random.choice(wanted["numbers"])
        for kind, connection, query in (
            ("first_page", city, ""),
            ("first_page_of_a_point", point, ""),
            ("next_page", city, f"?cursor={cursor}"),
            ("one_state", city, "?state=accepted"),
            ("search_full_name", city, f"?search={quote(name)}"),
            ("search_two_characters", city, f"?search={quote(name[:2])}"),
            ("search_number", city, f"?search={number}"),
        ):
            answer = connection.get(f"/api/staff/queue{query}")
            if turn >= _WARM_UP:
                taken.setdefault(kind, []).append(answer.milliseconds)
    city.close()
    point.close()
    return taken


def _read_inside(filled: Filled) -> dict[str, list[float]]:
    result = subprocess.run(
        [sys.executable, "-m", "benchmarks.reader", filled.file, str(_SAMPLES)],
        env=environment_of(WEB, {**filled.ground.environment, **filled.database.environment}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(result.stderr[-2000:])
    taken: dict[str, list[float]] = json.loads(result.stdout)
    return taken


def _add(samples: Samples, way: str, taken: Mapping[str, list[float]]) -> None:
    for kind, milliseconds in taken.items():
        samples.setdefault(f"{way}.{kind}", []).append(milliseconds)


def _p95(rounds: list[list[float]]) -> float:
    return middle([percentile(milliseconds, 0.95) for milliseconds in rounds])


def _size_of(database: ConnectionInfo) -> float:
    with psycopg.connect(database.url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0])
