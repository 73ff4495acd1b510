"""`checks`: the match API over HTTP at 1,000,000 permits beside 10,000, with authentication, history and audit.

At the end a file of rows is sent: `rows_per_second`, from sending until its last row is answered, nothing else asked.
"""

import contextlib
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.figures import Figure, middle
from benchmarks.ground import Ground, cpu_seconds, durable_ground, prepare_city, run_python, sealer, web_server, worker
from benchmarks.loading import Load, load
from benchmarks.wire import Connection, WrongAnswer
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.project.database.cluster import SUPERUSER
from yizhengtong.verification.bulk.bounds import MOST_WAITING, PROMISED

SMALL, LARGE = 10_000, 1_000_000
TARGET_PER_SECOND, TARGET_P95_MS, TARGET_FLAT = 200.0, 50.0, 1.3
ROUNDS, SECONDS, CONNECTIONS = 3, 10, 4
_WARM_UP_SECONDS = 4
_FILL_SECONDS = 900
_CREATED = 201
_LOOK_SECONDS = 0.2
_LIMITS = json.dumps({"checks": [1_000_000, 60], "checks_of_one": [1_000, 60]})
"""More than one bank may ask in life; charged all the same, as in life."""


@dataclass(slots=True)
class Side:
    """A database of one size, its web server, and what its rounds gave."""

    port: int
    people: Path
    wanted: Mapping[str, Any]
    rounds: list[Load] = field(default_factory=list)

    @property
    def head(self) -> Mapping[str, str]:
        """What a program of the bank sends with each request."""
        return {"Authorization": f"Bearer {self.wanted['secret']}"}

    def check(self, seconds: int) -> Load:
        """Send checks for so many seconds."""
        arguments = [str(self.people), self.wanted["secret"], self.wanted["purpose"]]
        return load(self.port, "checks.lua", "", arguments, connections=CONNECTIONS, seconds=seconds)


def measure() -> Iterator[Figure]:
    """Yield the figures of `checks`."""
    with durable_ground(may_create_databases=True) as plain, contextlib.ExitStack() as stack:
        ground = replace(plain, environment={**plain.environment, "YZT_LIMITS": _LIMITS})
        prepare_city(ground)
        grounds = {size: _filled(ground, size) for size in (SMALL, LARGE)}
        sides, processes = {}, {}
        for size, each in grounds.items():
            port, processes[size] = stack.enter_context(web_server(each, url=each.database.url))
            sides[size] = Side(port, each.home / f"{size}.tsv", json.loads((each.home / f"{size}.json").read_text()))
        empty_port, _ = stack.enter_context(web_server(ground, settings="benchmarks.limits.empty"))
        beside = {"worker": stack.enter_context(worker(grounds[LARGE])),
                  "sealer": stack.enter_context(sealer(grounds[LARGE]))}  # fmt: skip
        for side in sides.values():
            _ensure_right(side)
            side.check(_WARM_UP_SECONDS)
        pids = {"web": processes[LARGE].pid or 0, "database": ground.database.pid}
        pids |= {name: process.pid or 0 for name, process in beside.items()}
        spent: dict[str, list[float]] = {name: [] for name in pids}
        nothing: list[Load] = []
        for _ in range(ROUNDS):
            sides[SMALL].rounds.append(sides[SMALL].check(SECONDS))
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            round_ = sides[LARGE].check(SECONDS)
            sides[LARGE].rounds.append(round_)
            for name, pid in pids.items():
                spent[name].append((cpu_seconds(pid) - before[name]) * 1000 / (round_.per_second * SECONDS))
            nothing.append(load(empty_port, "empty.lua", "/empty", [], connections=CONNECTIONS, seconds=SECONDS))
        rows_per_second = done_per_second(Connection(sides[LARGE].port, sides[LARGE].head), sides[LARGE].wanted)
    yield from figures(sides[SMALL].rounds, sides[LARGE].rounds, nothing)
    for part, milliseconds in spent.items():
        yield Figure(f"cpu_ms_per_check.{part}", middle(milliseconds), "ms")
    yield Figure("rows_per_second", rows_per_second, "1/s", target=MOST_WAITING / PROMISED.total_seconds())


def figures(small: list[Load], large: list[Load], nothing: list[Load]) -> Iterator[Figure]:
    """Yield rate and p95 at LARGE beside an empty view, and how much slower than at SMALL, by the rounds' medians."""
    rate = middle([each.per_second for each in large])
    p95 = middle([each.p95_ms for each in large])
    empty_rate, empty_p95 = middle([each.per_second for each in nothing]), middle([each.p95_ms for each in nothing])
    yield Figure("checks_per_second", rate, "1/s", limit=empty_rate, target=TARGET_PER_SECOND)
    yield Figure("p95_ms", p95, "ms", limit=empty_p95, target=TARGET_P95_MS, at_least=False)
    ratio = middle([few.per_second / many.per_second for few, many in zip(small, large, strict=True)])
    yield Figure("flat_ratio", ratio, "x", target=TARGET_FLAT, at_least=False)


def done_per_second(connection: Connection, wanted: Mapping[str, Any]) -> float:
    """Send all who are known as one file, and return how many rows a second were done. Raises WrongAnswer."""
    columns = ("number", "name", "birth_date")
    lines = [("kind", *columns)]
    lines += [(DocumentKind.HMT_PERMIT, *(one[column] for column in columns)) for one in wanted["known"]]
    begun = time.perf_counter()
    file = connection.upload(
        "/api/partner/bulk", "\n".join(map(",".join, lines)).encode(), purpose=wanted["purpose"]
    ).json()
    while file["state"] == "running":
        if time.perf_counter() - begun > PROMISED.total_seconds():
            raise WrongAnswer(f"{file['done']} of {file['rows']} rows are done")
        time.sleep(_LOOK_SECONDS)
        file = connection.get(f"/api/partner/bulk/{file['id']}").json()
    if file["state"] != "done":
        raise WrongAnswer(file["state"])
    seconds = time.perf_counter() - begun
    results = connection.get(f"/api/partner/bulk/{file['id']}/results").body.decode()
    if results.count(",yes,yes,yes,yes,valid,") != len(wanted["known"]):
        raise WrongAnswer("not every row is answered, or not rightly")
    return len(wanted["known"]) / seconds


def _filled(ground: Ground, permits: int) -> Ground:
    """Return the ground with a copy of its database that holds so many permits."""
    name = f"checks_{permits}"
    with psycopg.connect(replace(ground.database, database="postgres").url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {ground.database.database}")
    database = ground.database.in_database(name)
    path = ground.home / f"{permits}.json"
    run_python(ground, "-m", "benchmarks.fill_checks", str(permits), str(path), seconds=_FILL_SECONDS,
               DATABASE_URL=database.as_role(SUPERUSER).url)  # fmt: skip
    with psycopg.connect(database.as_role(SUPERUSER).url, autocommit=True) as connection:
        connection.execute("CHECKPOINT")  # what filling left to write is not written while checks are measured
    known = json.loads(path.read_text())["known"]
    lines = ["\t".join((one["number"], one["name"], one["birth_date"])) for one in known]
    (ground.home / f"{permits}.tsv").write_text("\n".join(lines) + "\n")
    environment = {**ground.environment, **database.environment, "DATABASE_URL": database.url}
    return replace(ground, database=database, environment=environment)


def _ensure_right(side: Side) -> None:
    """Raise WrongAnswer unless somebody known matches and a wrong name does not: a fast wrong answer is no figure."""
    one = side.wanted["known"][0]
    connection = Connection(side.port, side.head)
    for name, expected in ((one["name"], True), ("无此人", False)):
        body = {"purpose": side.wanted["purpose"], **one, "name": name}
        head = f"Content-Type: application/json\r\nIdempotency-Key: {uuid4()}\r\n"
        answer = connection.exchange("POST", "/api/partner/checks", json.dumps(body).encode(), head)
        if answer.status != _CREATED or answer.json()["is_valid"] is not expected:
            raise WrongAnswer(f"{answer.status} {answer.json().get('code')}")
    connection.close()
