"""A real server for the journeys: Granian on a free port, over a database of its own, ended by its process id."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import pytest
from django.utils import timezone
from psycopg import sql
from psycopg.conninfo import make_conninfo

from yizhengtong.kernel.dates import legal_day
from yizhengtong.project.database import environment_of, url_variable
from yizhengtong.project.demonstration.city import Demonstration
from yizhengtong.project.demonstration.journeys import Journeys
from yizhengtong.project.demonstration.narration import Narrator

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, "-m", "yizhengtong.project.manage"]
SECONDS = 300


@dataclass(slots=True)
class Running:
    """The server that runs: its port, the database behind it, what the journeys told."""

    port: int
    database: str
    journeys: Journeys = field(repr=False)
    told: list[str] = field(repr=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A prepared database and a web server over it, for all journeys of the run."""
    home = tmp_path_factory.mktemp("home")
    name = f"journeys_{uuid4().hex[:12]}"
    address = os.environ["DATABASE_URL"]
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    database = make_conninfo(address, dbname=name)
    environment = {**os.environ, "DATABASE_URL": database, "YZT_HOME": str(home)}
    web = url_variable("yzt_web")
    if web in environment:  # else the server has one role for everything
        environment[web] = make_conninfo(environment[web], dbname=name)
    environment.pop("YZT_PRODUCTION", None)
    try:
        yield from _serve(home, database, environment)
    finally:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _serve(home: Path, database: str, environment: dict[str, str]) -> Iterator[Running]:
    subprocess.run([*MANAGE, "demonstrate", "--prepare"], cwd=ROOT, env=environment, check=True, timeout=SECONDS)
    port = _free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
               "--workers", "1", "--blocking-threads", "2", "--no-ws", "--log-level", "warning",
               "yizhengtong.project.wsgi:application"]  # fmt: skip
    with (home / "web.log").open("wb") as log:
        own = environment_of("yzt_web", environment)
        process = subprocess.Popen(command, cwd=ROOT, env=own, stdout=log, stderr=log)
    try:
        _wait_for(port, process)
        told: list[str] = []
        city = Demonstration(**_read(home / "demonstration.json"))
        yield Running(
            port, database, Journeys(port=port, city=city, today=_today(), narrator=Narrator(told.append)), told
        )
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(15)


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    pause = threading.Event()
    for _ in range(SECONDS * 20):
        assert process.poll() is None, "the web server ended; see web.log in its home"
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
