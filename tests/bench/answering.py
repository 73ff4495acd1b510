"""Small servers on 127.0.0.1 that answer the benches in place of ours."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answering(BaseHTTPRequestHandler):
    """Keeps its connections and logs nothing; who inherits answers in `get` and `post`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.get()

    def do_POST(self) -> None:
        self.post()

    def get(self) -> None:
        self.send(b"", 405)

    def post(self) -> None:
        self.send(b"", 405)

    def received(self) -> bytes:
        """Return the body of the request."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def send(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Answer with a length. Headers are named as Python names things."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the base class gives it
        pass


@contextmanager
def answering(handler: type[Answering]) -> Iterator[int]:
    """Serve, and yield the port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
