"""The platform for tests: a list in a folder, and the same list behind a server that keeps to the contract."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import time
from typing import Any

from yizhengtong.foundation.exchange.keys import new_signing_key, public_key
from yizhengtong.foundation.exchange.signatures import Message, is_digest_of, target_uri, verify
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.verification.checks.travel.contract import Platform, Question, Result
from yizhengtong.verification.checks.travel.files import Document, FilePlatform, write_list
from yizhengtong.verification.checks.travel.messages import answer_body, read_question
from yizhengtong.verification.checks.travel.remote import RemotePlatform

AS_OF, ON, STALE_DAYS = date(2026, 9, 17), date(2026, 9, 18), 7
KEY = new_signing_key()
CHAN = Document(DocumentKind.HRP, "H12345674", "陳大文", "CHAN TAI MAN", date(1990, 1, 2))
LIN = Document(DocumentKind.MTP_TAIWAN_FIVE_YEAR, "12345674", "林𠮷安", "", date(1980, 5, 6))
Reply = Callable[[bytes], tuple[int, bytes]]


def question(**changes: Any) -> Question:
    asked: dict[str, Any] = {
        "kind": CHAN.kind, "number": CHAN.number, "name": CHAN.name, "birth_date": CHAN.birth_date, "on": ON,
        "purpose": "bank",
    }  # fmt: skip
    return Question(**(asked | changes))


def a_list(folder: Path, *documents: Document, as_of: date = AS_OF) -> FilePlatform:
    write_list(folder, documents or (CHAN, LIN), as_of=as_of, register="test-platform")
    return FilePlatform(folder, stale_after_days=STALE_DAYS)


class Elsewhere(ThreadingHTTPServer):
    """Somebody else's service, who answers as told and keeps what came."""

    daemon_threads = True

    def __init__(self, reply: Reply) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply, self.came = reply, list[tuple[str, str, bytes]]()
        self.url = f"http://127.0.0.1:{self.server_address[1]}/documents"


class _Handler(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        verify(
            Message("POST", target_uri(self.server.url), headers), {KEY.id: public_key(KEY.public_jwk())}, now=time()
        )
        assert is_digest_of(headers["content-digest"], body)
        self.server.came.append((self.path, str(self.headers), body))
        status, content = self.server.reply(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 its signature
        pass


@contextmanager
def elsewhere(reply: Reply) -> Iterator[Elsewhere]:
    server = Elsewhere(reply)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answering_from(platform: Platform) -> Reply:
    """Return what answers by docs/contracts/travel-documents.md."""

    def reply(body: bytes) -> tuple[int, bytes]:
        identity, asked = read_question(body)
        answer = platform.ask(asked)
        return (503, b"{}") if answer.result == Result.UNAVAILABLE else (200, answer_body(identity, answer))

    return reply


def remote(url: str) -> RemotePlatform:
    return RemotePlatform(url, KEY, timeout_seconds=30)
