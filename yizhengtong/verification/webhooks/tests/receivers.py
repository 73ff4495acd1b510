"""Receivers on this machine: a party's server that checks what it is sent as docs/webhooks.md says, or misbehaves."""

import base64
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from django.utils import timezone

from yizhengtong.verification.webhooks.bounds import TOLERANCE

Misbehaviour = Callable[[BaseHTTPRequestHandler, dict[str, Any]], bool]
_PATIENCE_SECONDS = 30


class Receiver:
    """What came: `told` holds each notice once, `attempts` every request. `misbehave` may answer instead of it."""

    def __init__(self) -> None:
        self.secret = ""
        self.url = ""
        self.told: list[dict[str, Any]] = []
        self.attempts: list[tuple[str, int, bytes]] = []
        self.paths: list[str] = []
        self.refused: list[str] = []
        self.misbehave: Misbehaviour | None = None
        self.came = threading.Event()
        self._seen: set[str] = set()

    @property
    def states(self) -> list[str]:
        return [each["data"]["state"] for each in self.told if each["type"] == "permit.state_changed"]

    def take(self, notice_id: str, at: str, signature: str, body: bytes) -> tuple[int, dict[str, str]]:
        """Check a request and return status and answer. A notice that was seen is acknowledged and not taken again."""
        problem = self.problem(notice_id, at, signature, body)
        if problem:
            self.refused.append(problem)
            return 401, {}
        said = json.loads(body)
        if said["type"] == "webhook.challenge":
            return 200, {"proof": hmac.new(self._key(), said["data"]["challenge"].encode(), sha256).hexdigest()}
        if notice_id not in self._seen:
            self._seen.add(notice_id)
            self.told.append(said)
        return 204, {}

    def problem(self, notice_id: str, at: str, signature: str, body: bytes) -> str:
        """Return why a request is not to be believed; empty where it is."""
        if abs(timezone.now().timestamp() - int(at)) > TOLERANCE.total_seconds():
            return "stale"
        wanted = hmac.new(self._key(), f"{notice_id}.{at}.".encode() + body, sha256).digest()
        given = [each.removeprefix("v1,") for each in signature.split()]
        return "" if any(hmac.compare_digest(base64.b64decode(each), wanted) for each in given) else "signature"

    def _key(self) -> bytes:
        return base64.b64decode(self.secret.removeprefix("whsec_"))


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Serve a receiver for a while."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            notice_id, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
            receiver.attempts.append((notice_id, int(at), body))
            receiver.paths.append(self.path)
            receiver.came.set()
            if receiver.misbehave is not None and receiver.misbehave(self, json.loads(body)):
                return
            status, answer = receiver.take(notice_id, at, self.headers["webhook-signature"], body)
            reply(self, status, json.dumps(answer).encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    """Answer a request."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    if status != 204:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body if status != 204 else b"")


def answering(status: int, body: bytes = b"", **headers: str) -> Misbehaviour:
    """Return what answers everything so."""

    def misbehave(handler: BaseHTTPRequestHandler, _said: dict[str, Any]) -> bool:
        reply(handler, status, body, **headers)
        return True

    return misbehave


def waiting_for(other: Receiver) -> Misbehaviour:
    """Return what answers only when another receiver was told something: who waits for it to end waits in vain."""

    def misbehave(handler: BaseHTTPRequestHandler, _said: dict[str, Any]) -> bool:
        reply(handler, 204 if other.came.wait(_PATIENCE_SECONDS) else 500)
        return True

    return misbehave
