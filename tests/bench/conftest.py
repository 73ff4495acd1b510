"""A small server on 127.0.0.1 that answers as ours does: with a length, or in chunks."""

from collections.abc import Iterator

import pytest

from tests.bench.answering import Answering, answering


class _Answers(Answering):
    def get(self) -> None:
        if self.path.startswith("/refused"):
            self._whole(409, b'{"code": "casework.slot_full", "detail": "words"}')
        elif self.path == "/chunked":
            self._chunked((b'{"n": ', b"1}"))
        else:
            self._whole(200, b"{}")

    def post(self) -> None:
        self._whole(201, b'{"length": %d}' % len(self.received()))

    def _whole(self, status: int, body: bytes) -> None:
        self.send(body, status, ETag='"7"', X_Bench_Queries="3")

    def _chunked(self, parts: tuple[bytes, ...]) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (*parts, b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(part), part))


@pytest.fixture
def answering_port() -> Iterator[int]:
    """The port of a server that answers everything at once."""
    with answering(_Answers) as port:
        yield port
