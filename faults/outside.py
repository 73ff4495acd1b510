"""What stands outside the platform: a data platform, an SMS gateway, a mail server.

Each keeps what comes on the disk before it acknowledges. Now and then one keeps it and the acknowledgement is lost.
"""

import contextlib
import hashlib
import hmac
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from benchmarks.ground import free_port
from faults.lines import Lines, read_lines
from yizhengtong.foundation.exchange.keys import public_keys
from yizhengtong.foundation.exchange.receiver.serving import ReceivingServer
from yizhengtong.foundation.exchange.receiver.store import Store, Taken
from yizhengtong.foundation.exchange.receiver.taking import Receiver, Request

DESTINATION = "faults"
_KEY = "the key of the fault run"
_LOST_ANSWERS = 0.04
_FRESH_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Came:
    """An event as the data platform has it: which, in whose partition, how often it came. In the order of arrival."""

    id: str
    partition: str
    times: int


@dataclass(frozen=True, slots=True)
class Received:
    """Everything that stands on the disks outside. `messages`: how often each delivery came, by 32 digits of its id."""

    events: tuple[Came, ...] = ()
    messages: Mapping[str, int] = field(default_factory=dict)


class Outside:
    """The three servers on 127.0.0.1, and the files in `folder` that they keep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.push_port, self.mail_port = free_port(), free_port()
        self._chance = random.Random()
        self._lines = Lines(folder / "messages")
        self._known: set[str] = set()
        self._gateway = _serve_gateway(self)
        self._mail = Controller(_Mailbox(self), hostname="127.0.0.1", port=self.mail_port)
        self._mail.start()
        self._receiver: ReceivingServer | None = None

    @property
    def push_url(self) -> str:
        return f"http://127.0.0.1:{self.push_port}/events"

    @property
    def settings(self) -> dict[str, str]:
        """Return what the platform must be told: where SMS and mail go, and that no hour of the day is quiet."""
        return {
            "YZT_SMS_GATEWAY": f"http://127.0.0.1:{self._gateway.server_address[1]}/v1",
            "YZT_SMS_GATEWAY_KEY": _KEY,
            "YZT_SMTP_SERVER": f"127.0.0.1:{self.mail_port}",
            "YZT_SMTP_SECURITY": "none",
            "YZT_SMTP_SENDER": "platform@example.org",
            "YZT_MESSAGES_QUIET": '["00:00", "00:00"]',
            "YZT_MESSAGES_A_DAY": "0",
        }

    def receive_events(self, keys: str) -> None:
        """Begin to receive events signed with the keys of a JSON Web Key Set."""
        store = Store(self.folder / "events.sqlite")
        receiver = _Forgetful(self, url=self.push_url, keys=public_keys(keys), store=store, now=time.time)
        self._receiver = ReceivingServer(self.push_port, receiver, lambda _line: None)
        _in_background(self._receiver)

    def keep(self, key: str) -> bool:
        """Keep that a message came; on the disk when this returns. Returns whether it is to be acknowledged."""
        self._lines.write({"key": key})
        self._known.add(key)
        return self.answers()

    def knows(self, key: str) -> bool:
        return key in self._known

    def answers(self) -> bool:
        """Say whether this acknowledgement reaches the platform."""
        return self._chance.random() >= _LOST_ANSWERS

    def stop(self) -> None:
        self._mail.stop()
        for server in (self._gateway, self._receiver):
            if server is not None:
                server.shutdown()
                server.server_close()
        self._lines.close()


@contextlib.contextmanager
def outside(folder: Path) -> Iterator[Outside]:
    """Yield the servers outside, and stop them."""
    servers = Outside(folder)
    try:
        yield servers
    finally:
        servers.stop()


def read_received(folder: Path) -> Received:
    """Return what stands in the files. Raises ValueError for a damaged line."""
    messages = Counter(record["key"] for record in read_lines(folder / "messages"))
    path = folder / "events.sqlite"
    if not path.exists():
        return Received((), messages)
    store = Store(path)
    try:
        return Received(tuple(Came(each.id, each.partition_key, each.came) for each in store.events()), messages)
    finally:
        store.close()


class _Forgetful(Receiver):
    """Keeps every event, and now and then the connection breaks before it says so."""

    def __init__(self, around: Outside, **named: Any) -> None:
        super().__init__(**named)
        self._around = around

    def take(self, request: Request) -> tuple[Taken, dict[str, Any]]:
        taken = super().take(request)
        if not self._around.answers():
            raise ConnectionAbortedError
        return taken


class _Mailbox:
    """A mail server: the Message-ID's left part is the delivery's key."""

    def __init__(self, around: Outside) -> None:
        self._around = around

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name for it
        message = message_from_bytes(envelope.content)
        if not self._around.keep(message["Message-ID"].strip("<>").partition("@")[0]):
            server.transport.abort()
        return "250 OK"


class _GatewayServer(ThreadingHTTPServer):
    daemon_threads = True
    around: Outside

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: the platform at the other end is killed all the time."""


class _Gateway(BaseHTTPRequestHandler):
    """docs/contracts/sms-gateway.md, from the other side."""

    server: _GatewayServer
    timeout = 10.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._is_signed(body):
            self._answer(401)
        elif self.server.around.keep(json.loads(body)["key"]):
            self._answer(202)

    def do_GET(self) -> None:
        if not self._is_signed(b""):
            self._answer(401)
        else:
            self._answer(200 if self.server.around.knows(self.path.rpartition("/")[2]) else 404)

    def _is_signed(self, body: bytes) -> bool:
        timestamp, path = self.headers["X-Yzt-Timestamp"], self.path.removeprefix("/v1")
        lines = "\n".join([timestamp, self.command, path, hashlib.sha256(body).hexdigest()])
        expected = hmac.new(_KEY.encode(), lines.encode(), hashlib.sha256).hexdigest()
        is_fresh = abs(time.time() - int(timestamp)) <= _FRESH_SECONDS
        return is_fresh and hmac.compare_digest(expected, self.headers["X-Yzt-Signature"])

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 its signature
        """Say nothing by itself."""


def _serve_gateway(around: Outside) -> _GatewayServer:
    server = _GatewayServer(("127.0.0.1", 0), _Gateway)
    server.around = around
    _in_background(server)
    return server


def _in_background(server: ThreadingHTTPServer) -> None:
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
