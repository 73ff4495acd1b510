"""Identity services to test against: npm's oidc-provider, and a service that gives tickets, by its contract."""

import hmac
import json
import os
import shutil
import socket
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from yizhengtong.foundation.accounts.identity.tickets import signature

FOLDER = Path(__file__).with_name("stand_in")
SECRET = "a-secret-of-the-stand-in-that-is-long-enough"
BACK = "http://testserver/sign-in/real-name/province/back"
MING = {
    "user": "ming",
    "name": "王小明",
    "birth_date": "1990-05-01",
    "document_kind": "hrp",
    "document_number": "H12345678",
    "level": "L3",
}


@contextmanager
def openid_provider() -> Iterator[str]:
    """Run oidc-provider; gives its issuer. Without node or its packages the test is left out, in CI it fails."""
    node = shutil.which("node")
    if node is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        words = "oidc-provider is missing: python3 scripts/setup.py identity"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    port = _free_port()
    command = [node, "provider.js", str(port), BACK]
    process = subprocess.Popen(command, cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "listening" in line:
                break
        else:
            pytest.fail("oidc-provider did not start")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def answer_of(address: str) -> dict[str, str]:
    """Go to an identity service as a browser would, and return the query with which it sends the browser back."""
    opener = urllib.request.build_opener(_Stop, urllib.request.HTTPCookieProcessor(CookieJar()))
    for _ in range(10):
        try:
            opener.open(address, timeout=10).read()
        except urllib.error.HTTPError as moved:
            found = moved.headers.get("Location", "")
            parts = urlsplit(found)
            if not found:
                raise
            if found.startswith(BACK):
                return {name: values[0] for name, values in parse_qs(parts.query).items()}
            address = found if parts.scheme else f"{address.split('/', 3)[0]}//{urlsplit(address).netloc}{found}"
    raise AssertionError("the service does not send anybody back")


class _Stop(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        return None


class TicketHouse(ThreadingHTTPServer):
    """A service by docs/contracts/identity-tickets.md. `person`: who signs in there; tickets and tokens open once."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.person: dict[str, Any] = dict(MING)
        self.open: dict[str, str] = {}
        self.number = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def give(self, kind: str, goto: str) -> str:
        """Give a ticket or a token for where the browser is to go."""
        self.number += 1
        self.open[f"{kind}-{self.number}"] = goto
        return f"{kind}-{self.number}"


class _Handler(BaseHTTPRequestHandler):
    server: TicketHouse

    def do_GET(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        goto = query["goto"][0]
        self.send_response(302)
        self.send_header("Location", f"{goto}&ticket={self.server.give('ticket', goto)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        right = signature(SECRET.encode(), self.headers["X-Time"], self.path, body)
        if self.headers["X-Client"] != "client-es" or not hmac.compare_digest(right, self.headers["X-Signature"]):
            return self._say(401, {})
        sent = json.loads(body)
        shown = sent.get("ticket") or sent.get("token")
        if shown not in self.server.open:
            return self._say(410, {})
        goto = self.server.open.pop(shown)
        if self.path == "/token":
            return self._say(200, {"token": self.server.give("token", goto), "goto": goto})
        return self._say(200, self.server.person)

    def _say(self, status: int, told: dict[str, Any]) -> None:
        body = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def ticket_house() -> Iterator[TicketHouse]:
    """Run a service that gives tickets."""
    server = TicketHouse()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
