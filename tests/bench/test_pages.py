"""What the first page's figure is made of: everything the page loads, as it goes over the wire."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.pages import first_page_bytes

PAGE = (
    b'<link rel="stylesheet" href="/a.css"><script src="/b.js" defer></script>'
    b'<img alt="" src="/c.png"><a href="/not-loaded">more</a><link rel="stylesheet" href="/a.css">'
)
SIZES = {"/": PAGE, "/a.css": b"a" * 1000, "/b.js": b"b" * 300, "/c.png": b"c" * 50}


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = SIZES[self.path]
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the name that the base class gives it
        pass


@pytest.fixture
def port() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_first_look_weighs_the_page_and_each_thing_it_loads_once(port: int) -> None:
    bodies = sum(map(len, SIZES.values()))
    weighed = first_page_bytes(port)
    assert bodies < weighed < bodies + 4 * 300
