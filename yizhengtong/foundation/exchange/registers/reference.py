"""A small server that fulfils docs/contracts/registers.md: for tests, demonstrations, and whoever builds their own.

Put before it a proxy that speaks TLS, or let it serve this machine. It checks signature and digest, takes no question
twice, and answers from any register. No Django of its own.
"""

import json
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import time
from typing import Any
from urllib.parse import urlsplit

from yizhengtong.foundation.exchange.keys import PublicKey
from yizhengtong.foundation.exchange.registers.contract import Kind, Register, Result
from yizhengtong.foundation.exchange.registers.messages import MEDIA_TYPE, answer_body, read_question
from yizhengtong.foundation.exchange.signatures import (
    HOLDS_SECONDS,
    SKEW_SECONDS,
    Message,
    NotSigned,
    is_digest_of,
    target_uri,
    verify,
)

MOST_BYTES = 16 * 1024
_SECONDS_A_REQUEST = 10.0
_LONGEST_LENGTH = 9


class Refused(Exception):
    """A request that is not taken: a status and a stable code."""

    def __init__(self, status: HTTPStatus, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class ReferenceServer(ThreadingHTTPServer):
    """Answers for `registers` below `url`: the kind is the last part of the address. `say` gets a line for each."""

    daemon_threads = True

    def __init__(
        self,
        port: int,
        registers: Mapping[Kind, Register],
        keys: Mapping[str, PublicKey],
        *,
        url: str = "",
        say: Callable[[str], object] = lambda _line: None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.registers, self.keys, self.say = registers, keys, say
        self.url = (url or f"http://127.0.0.1:{self.server_address[1]}").rstrip("/")
        self._seen: dict[str, float] = {}
        self._lock = threading.Lock()

    def address_of(self, kind: Kind) -> str:
        """Return the address at which a kind is asked."""
        return f"{self.url}/{kind}"

    def is_new(self, signature: str) -> bool:
        """Whether a signature was not seen while it holds."""
        now = time()
        with self._lock:
            self._seen = {each: until for each, until in self._seen.items() if until > now}
            if signature in self._seen:
                return False
            self._seen[signature] = now + HOLDS_SECONDS + 2 * SKEW_SECONDS
            return True

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 its signature
        """Say that a connection broke, without the traceback that http.server prints."""
        self.say("a connection broke")


class _Handler(BaseHTTPRequestHandler):
    server: ReferenceServer
    timeout = _SECONDS_A_REQUEST
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "register", ""

    def do_POST(self) -> None:
        self.close_connection = True
        try:
            content = self._answered()
        except Refused as refused:
            self.server.say(f"refused {refused.status.value} {refused.code}")
            self._answer(refused.status, json.dumps({"code": refused.code}).encode())
            return
        self._answer(HTTPStatus.OK, content)

    def _answered(self) -> bytes:
        kind, body = self._kind(), self._body()
        self._check(kind, body)
        try:
            identity, question = read_question(body)
        except ValueError:
            raise Refused(HTTPStatus.BAD_REQUEST, "registers.not_a_question") from None
        if question.kind != kind:
            raise Refused(HTTPStatus.BAD_REQUEST, "registers.other_kind")
        answer = self.server.registers[kind].ask(question)
        self.server.say(f"{answer.result} {kind}")
        if answer.result == Result.UNAVAILABLE:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "registers.unavailable")
        return answer_body(identity, answer)

    def _kind(self) -> Kind:
        last = self.path.rpartition("/")[2]
        if last not in self.server.registers or self.path != urlsplit(self.server.address_of(Kind(last))).path:
            raise Refused(HTTPStatus.NOT_FOUND, "registers.not_here")
        return Kind(last)

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not length.isascii() or not length.isdigit():
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "registers.length_needed")
        if len(length) > _LONGEST_LENGTH or int(length) > MOST_BYTES:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "registers.too_large")
        return self.rfile.read(int(length))

    def _check(self, kind: Kind, body: bytes) -> None:
        headers = {name.lower(): ", ".join(self.headers.get_all(name, [])) for name in self.headers}
        if headers.get("content-type") != MEDIA_TYPE:
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "registers.media_type")
        try:
            verify(Message("POST", target_uri(self.server.address_of(kind)), headers), self.server.keys, now=time())
        except NotSigned as why:
            raise Refused(HTTPStatus.UNAUTHORIZED, why.code) from None
        if not is_digest_of(headers["content-digest"], body):
            raise Refused(HTTPStatus.UNAUTHORIZED, "exchange.digest_wrong")
        if not self.server.is_new(headers["signature"]):
            raise Refused(HTTPStatus.CONFLICT, "registers.asked_already")

    def _refuse_method(self) -> None:
        self.close_connection = True
        self._answer(HTTPStatus.METHOD_NOT_ALLOWED, b'{"code": "registers.by_post"}')

    do_GET = do_HEAD = do_PUT = do_PATCH = do_DELETE = _refuse_method  # noqa: N815 the names http.server looks for

    def _answer(self, status: HTTPStatus, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", MEDIA_TYPE)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 its signature
        """Say nothing by itself: addresses and headers belong in no log."""
