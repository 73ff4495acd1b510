"""A real platform with the demonstration city: Granian on a free port, a worker, a database of its own."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from unittest import mock
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks.ground import free_port
from tests.journeys.beside import OperatorBeside
from tests.support.migrated import copy_migrated
from tests.support.processes import ended_afterwards, web_command
from tests.support.waiting import PATIENCE_SECONDS
from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.database import PROCESS_ROLES, environment_of, url_variable
from yizhengtong.project.demonstration import receiving
from yizhengtong.project.demonstration.city import Demonstration
from yizhengtong.project.demonstration.journeys import Journeys, steps
from yizhengtong.project.demonstration.narration import Narrator

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, "-m", "yizhengtong.project.manage"]
SECONDS = 300


@dataclass(slots=True)
class Running:
    """The server that runs: its port, the database behind it, its settings, what the journeys told."""

    port: int
    database: str
    environment: dict[str, str] = field(repr=False)
    journeys: Journeys = field(repr=False)
    told: list[str] = field(repr=False)


@contextmanager
def serving(home: Path) -> Iterator[Running]:
    """Serve a prepared platform with this home while the block lasts."""
    name = f"journeys_{uuid4().hex[:12]}"
    address = os.environ["DATABASE_URL"]
    copy_migrated(name)
    database = make_conninfo(address, dbname=name)
    environment = {**os.environ, "DATABASE_URL": database, "YZT_HOME": str(home)}
    for own in map(url_variable, PROCESS_ROLES):
        if own in environment:  # else the server has one role for everything
            environment[own] = make_conninfo(environment[own], dbname=name)
    environment.pop("YZT_PRODUCTION", None)
    try:
        yield from _serve(home, database, environment)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _serve(home: Path, database: str, environment: dict[str, str]) -> Iterator[Running]:
    port = free_port()
    environment["YZT_ADDRESS"] = f"http://127.0.0.1:{port}"
    subprocess.run([*MANAGE, "demonstrate", "--prepare"], cwd=ROOT, env=environment, check=True, timeout=SECONDS)
    worker = [*MANAGE, "procrastinate", "worker", "--concurrency", "2"]
    with (
        _patient(),
        _child(web_command(port), "yzt_web", home, environment) as process,
        _child(worker, "yzt_worker", home, environment),
    ):
        wait_for_answer(port, process)
        operator = OperatorBeside(home, environment_of("yzt_worker", environment))
        try:
            yield _running(port, home, database, environment_of("yzt_web", environment), operator)
        finally:
            operator.close()


@contextmanager
def _patient() -> Iterator[None]:
    """Let journeys wait long: here the tail of events waits for the transactions of other tests on the server."""
    with (
        mock.patch.object(steps, "WAIT_SECONDS", PATIENCE_SECONDS),
        mock.patch.object(receiving, "SECONDS", PATIENCE_SECONDS),
    ):
        yield


@contextmanager
def _child(
    command: list[str], role: str, home: Path, environment: dict[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run one process of the deployment under its own role."""
    with (home / f"{role}.log").open("wb") as log:
        own = environment_of(role, environment)
        process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=log)
    with ended_afterwards(process):
        yield process


def _running(port: int, home: Path, database: str, environment: dict[str, str], operator: OperatorBeside) -> Running:
    told: list[str] = []
    journeys = Journeys(
        port=port,
        city=Demonstration(**_read(home / "demonstration.json")),
        today=_today(),
        narrator=Narrator(told.append),
        operator=operator,
    )
    return Running(port, database, environment, journeys, told)


def wait_for_answer(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once a web server answers. Raises AssertionError where it ended or gives no answer."""
    pause = threading.Event()
    for _ in range(SECONDS * 20):
        assert process.poll() is None, "the web server ended; see yzt_web.log in its home"
        try:
            with urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                assert answer.status == 200
                return
        except (URLError, ConnectionError):
            pause.wait(0.05)
    raise AssertionError("the web server gives no answer")


def _read(path: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads(path.read_text())
    return content


def _today() -> date:
    return legal_day(timezone.now())
