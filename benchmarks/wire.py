"""A light HTTP/1.1 client over one kept connection, so that little of the machine goes to making the load.

Only for the platform's own server on 127.0.0.1.
"""

import json
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_TIMEOUT_SECONDS = 30
_LINE_END, _HEADER_END = b"\r\n", b"\r\n\r\n"
_FIRST_FAILURE = 400


class WrongAnswer(Exception):
    """An answer that no bench expects; the text holds the status and the stable code, nothing personal."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, header names in lower case, body, and how long it took from the first byte sent, in milliseconds."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    milliseconds: float

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")


class Connection:
    """One kept connection. Not shared between threads."""

    def __init__(self, port: int, headers: Mapping[str, str] | None = None) -> None:
        self._port = port
        self.speak_for(headers or {})
        self._socket: socket.socket | None = None
        self._rest = b""

    def speak_for(self, headers: Mapping[str, str]) -> None:
        """Send these headers with every request from now on."""
        self._head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def get(self, path: str) -> Answer:
        return self.exchange("GET", path, b"", "")

    def post(self, path: str, payload: object = None, *, etag: str = "") -> Answer:
        return self._send("POST", path, payload, etag)

    def patch(self, path: str, payload: object, *, etag: str) -> Answer:
        return self._send("PATCH", path, payload, etag)

    def upload(self, path: str, content: bytes, **fields: str) -> Answer:
        boundary = uuid.uuid4().hex
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        ]
        parts.append(
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="paper.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body = "".join(parts).encode() + content + f"\r\n--{boundary}--\r\n".encode()
        head = f"Content-Type: multipart/form-data; boundary={boundary}\r\nIdempotency-Key: {uuid.uuid4()}\r\n"
        return self.exchange("POST", path, body, head)

    def exchange(self, method: str, path: str, body: bytes, head: str) -> Answer:
        """Send one request and read its answer. Raises WrongAnswer for 400 and above, OSError."""
        length = f"Content-Length: {len(body)}\r\n" if method != "GET" else ""
        request = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n{self._head}{head}{length}\r\n"
        connection = self._socket or self._connect()
        begun = time.perf_counter()
        connection.sendall(request.encode() + body)
        status, headers, content = self._read()
        milliseconds = (time.perf_counter() - begun) * 1000
        if status >= _FIRST_FAILURE:
            raise WrongAnswer(f"{method} {path.partition('?')[0]}: {status} {_code(content)}")
        return Answer(status, headers, content, milliseconds)

    def _send(self, method: str, path: str, payload: object, etag: str) -> Answer:
        head = f"Idempotency-Key: {uuid.uuid4()}\r\n" if method == "POST" else ""
        if etag:
            head += f"If-Match: {etag}\r\n"
        if payload is None:
            return self.exchange(method, path, b"", head)
        return self.exchange(method, path, json.dumps(payload).encode(), f"{head}Content-Type: application/json\r\n")

    def _connect(self) -> socket.socket:
        self._socket = socket.create_connection(("127.0.0.1", self._port), _TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = b""
        return self._socket

    def _read(self) -> tuple[int, dict[str, str], bytes]:
        first, *lines = self._until(_HEADER_END).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if "chunked" in headers.get("transfer-encoding", ""):
            content = b"".join(self._chunks())
        else:
            content = self._exactly(int(headers.get("content-length", "0")))
        return int(first.split(" ", 2)[1]), headers, content

    def _chunks(self) -> Iterator[bytes]:
        while size := int(self._until(_LINE_END), 16):
            yield self._exactly(size + len(_LINE_END))[:size]
        self._until(_LINE_END)

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._rest:
            self._rest += self._receive()
        found, _, self._rest = self._rest.partition(mark)
        return found

    def _exactly(self, length: int) -> bytes:
        while len(self._rest) < length:
            self._rest += self._receive()
        found, self._rest = self._rest[:length], self._rest[length:]
        return found

    def _receive(self) -> bytes:
        if self._socket is None:
            raise ConnectionError("the connection is closed")
        arrived = self._socket.recv(65536)
        if not arrived:
            self.close()
            raise ConnectionError("the server closed the connection")
        return arrived


def _code(content: bytes) -> str:
    try:
        problem = json.loads(content)
        errors = [error.get("code") for error in problem.get("errors", [])]
        return f"{problem.get('code')} {errors or ''}"
    except (ValueError, AttributeError):
        return "without a problem document"
