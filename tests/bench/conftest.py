"""A small server on 127.0.0.1 that answers as ours does: with a length, or in chunks."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/refused"):
            self._whole(409, b'{"code": "casework.slot_full", "detail": "words"}')
        elif self.path == "/chunked":
            self._chunked((b'{"n": ', b"1}"))
        else:
            self._whole(200, b"{}")

    def do_POST(self) -> None:
        received = self.rfile.read(int(self.headers["Content-Length"]))
        self._whole(201, b'{"length": %d}' % len(received))

    def _whole(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"7"')
        self.send_header("X-Bench-Queries", "3")
        self.end_headers()
        self.wfile.write(body)

    def _chunked(self, parts: tuple[bytes, ...]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (*parts, b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the base class gives it
        pass


@pytest.fixture
def answering_port() -> Iterator[int]:
    """The port of a server that answers everything at once."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
