"""A data platform for the demonstration: `bin/yzt exchange receive` as a child, its keys, what it acknowledged.

It runs while the journeys do; before and after, its destination is paused, and what happens is collected for it.
"""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from yizhengtong.foundation.exchange.receiver.store import Kept, Store
from yizhengtong.project.children import spawn
from yizhengtong.project.demonstration.client import Client
from yizhengtong.project.demonstration.operating import Operator

DESTINATIONS = "/api/staff/exchange/destinations"
NAME = "省大数据平台（演示）"
BASIS = "国务院令第716号 art. 12; 庆政办发〔2023〕43号 二.2"
SECONDS = 90.0
"""How long it may take until it listens, and until it was sent something. A second; a busy machine may stand still."""

_PAUSE_SECONDS = 0.05
_CODE = "demo"


class DataPlatform:
    """A receiver that is started, and the destination that leads to it."""

    def __init__(self, code: str, url: str, store: Path, supervisor: Client, child: "subprocess.Popen[bytes]") -> None:
        self.code, self.url = code, url
        self._store, self._supervisor, self._child = store, supervisor, child

    def resume(self) -> None:
        """Have what waits sent, once the receiver listens. Raises TimeoutError when it does not begin to."""
        _wait_for(self.url, self._child)
        self._supervisor.post(f"{DESTINATIONS}/{self.code}/resume")

    def events_of(self, subject: str) -> list[Kept]:
        """Return what was received about a permit, in order."""
        kept = Store(self._store)
        try:
            return [event for event in kept.events() if event.subject == subject]
        finally:
            kept.close()

    def wait_for(self, subject: str, kind: str) -> list[Kept]:
        """Return what was received about a permit once an event of a kind is among it. Raises TimeoutError."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            found = self.events_of(subject)
            if any(event.type == f"cn.yizhengtong.permit.{kind}.v1" for event in found):
                return found
            time.sleep(_PAUSE_SECONDS)
        raise TimeoutError(f"no {kind} was received within {SECONDS:.0f} s")


@contextlib.contextmanager
def receiving(operator: Operator, supervisor: Client) -> Iterator[DataPlatform]:
    """Name the platform, hand it our keys and start it; pause its destination in the end.

    `supervisor`: of the top office.
    """
    code, url = _destination(supervisor)
    folder = operator.home / "data-platform"
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "keys.json").write_text(operator.run("exchange", "keys", code))
    child = _start(folder, url)
    try:
        yield DataPlatform(code, url, folder / "events.sqlite", supervisor, child)
    finally:
        with contextlib.suppress(Exception):  # the server may be gone; what waits is then tried again until it is back
            supervisor.post(f"{DESTINATIONS}/{code}/pause")
        child.terminate()
        child.wait(10)


def _destination(supervisor: Client) -> tuple[str, str]:
    """Return code and address of the destination of an earlier run whose port is still free, else of a new one."""
    known: list[dict[str, Any]] = supervisor.get(DESTINATIONS)
    for each in known:
        if each["code"].startswith(f"{_CODE}-") and _is_free(int(urlsplit(each["url"]).port or 0)):
            return each["code"], each["url"]
    port = _free_port()
    made = {"code": f"{_CODE}-{port}", "name": NAME, "url": f"http://127.0.0.1:{port}/events", "legal_basis": BASIS}
    answer = supervisor.post(DESTINATIONS, made)
    return answer["code"], answer["url"]


def _start(folder: Path, url: str) -> "subprocess.Popen[bytes]":
    command = [
        sys.executable, "-m", "yizhengtong.project.manage", "exchange", "receive", "--port", str(urlsplit(url).port),
        "--keys", str(folder / "keys.json"), "--store", str(folder / "events.sqlite"),
    ]  # fmt: skip
    with (folder / "receiver.log").open("ab") as log:
        return spawn(command, env=os.environ, stdout=log, stderr=log)


def _wait_for(url: str, child: "subprocess.Popen[bytes]") -> None:
    until, port = time.monotonic() + SECONDS, int(urlsplit(url).port or 0)
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(_PAUSE_SECONDS)
    raise TimeoutError("the data platform does not listen; see data-platform/receiver.log")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
