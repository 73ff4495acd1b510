"""The receiver as a server: `http.server` with bounds on time and size. Behind a proxy that speaks TLS, or on this
machine; the address that is signed is the one the proxy is reached under.
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from yizhengtong.foundation.exchange.envelopes import MOST_BYTES
from yizhengtong.foundation.exchange.receiver.store import Taken
from yizhengtong.foundation.exchange.receiver.taking import Receiver, Refused, Request

_SECONDS_A_REQUEST = 10.0
_LONGEST_LENGTH = 9


class ReceivingServer(ThreadingHTTPServer):
    """Serves one receiver on 127.0.0.1. `say` gets a line for each event: ids and types, never its data."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, receiver: Receiver, say: Callable[[str], object], *, host: str = "127.0.0.1") -> None:
        super().__init__((host, port), _Handler)
        self.receiver, self.say = receiver, say
        self.path = urlsplit(receiver.url).path

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 its signature
        """Say that a connection broke, without the traceback that http.server prints."""
        self.say("a connection broke")


class _Handler(BaseHTTPRequestHandler):
    server: ReceivingServer
    timeout = _SECONDS_A_REQUEST
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "receiver", ""

    def do_POST(self) -> None:
        self.close_connection = True
        try:
            taken, event = self.server.receiver.take(self._request())
        except Refused as refused:
            self.server.say(f"refused {refused.status} {refused.code}")
            self._answer(refused.status, refused.problem, "application/problem+json")
            return
        self.server.say(f"{taken} {event['type']} {event['id']} {event.get('sequence', '')}")
        self._answer(201 if taken == Taken.NEW else 200, {"id": event["id"], "taken": taken}, "application/json")

    def _refuse_method(self) -> None:
        self.close_connection = True
        refused = Refused(405, "exchange.method_not_allowed")
        self._answer(refused.status, refused.problem, "application/problem+json")

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = _refuse_method  # noqa: N815 the names http.server looks for

    def _request(self) -> Request:
        names = {name.lower() for name in self.headers}
        headers = {name: ", ".join(self.headers.get_all(name, [])) for name in names}
        if self.path != self.server.path:
            raise Refused(404, "exchange.not_here")
        length = headers.get("content-length", "")
        if "transfer-encoding" in headers or not length.isascii() or not length.isdigit():
            raise Refused(411, "exchange.length_needed")
        if len(length) > _LONGEST_LENGTH or int(length) > MOST_BYTES:
            raise Refused(413, "exchange.too_large")
        body = self.rfile.read(int(length))
        if len(body) != int(length):
            raise Refused(400, "exchange.digest_wrong")
        return Request("POST", self.path, headers, body)

    def _answer(self, status: int, document: dict[str, object], content_type: str) -> None:
        content = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        if status == 503:
            self.send_header("Retry-After", "5")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 its signature
        """Say nothing by itself: addresses and headers belong in no log."""
