"""An agent without devices: what it reads is made up, the way it answers is not (docs/contracts/devices.md).

A document lies on its reader unless a file `no-document` lies in its folder; every finger has a picture of its own.
"""

import base64
import json
import struct
import zlib
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from yizhengtong.kernel.numbers import DocumentKind, synthetic
from yizhengtong.permitting.casework.devices.contract import FINGERS, HEADER, READER, SCANNER, VERSION

_MOST_BYTES = 4096
_SIDE = 300
_DPI = 500
_SEED = 76_000


class Simulator(ThreadingHTTPServer):
    """Listens on the loopback address only. `origin`: whose pages may ask. `seed`: whose document lies there."""

    daemon_threads = True

    def __init__(self, *, origin: str, port: int, folder: Path | None = None, seed: int = _SEED) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.origin, self.folder, self.seed = origin, folder, seed

    @property
    def port(self) -> int:
        """The port it listens on, drawn by the system where 0 was asked for."""
        return int(self.server_address[1])

    def document(self) -> Mapping[str, Any]:
        """Return the synthetic document on the reader."""
        return {
            "kind": str(DocumentKind.HRP),
            "number": synthetic.hrp(self.seed, "HK"),
            "name": "陈䶮",
            "latin_name": "CHAN, YAN",
            "birth_date": "1990-03-15",
            "sex": "F",
            "region": "HK",
            "valid_until": "2031-09-18",
        }

    @property
    def has_document(self) -> bool:
        """Whether a document lies on the reader."""
        return self.folder is None or not (self.folder / "no-document").exists()


class _Handler(BaseHTTPRequestHandler):
    server: Simulator
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self) -> None:
        """Answer the browser's question whether a page may ask at all."""
        self.send_response(HTTPStatus.NO_CONTENT)
        if self._is_ours():
            self.send_header("Access-Control-Allow-Origin", self.server.origin)
            self.send_header("Access-Control-Allow-Methods", "GET, POST")
            self.send_header("Access-Control-Allow-Headers", f"Content-Type, {HEADER}")
            self.send_header("Access-Control-Allow-Private-Network", "true")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Say which devices there are."""
        if not self._is_asked_properly():
            return self._refuse(HTTPStatus.FORBIDDEN, "not_asked_properly")
        if self.path != "/v1/devices":
            return self._refuse(HTTPStatus.NOT_FOUND, "not_asked_properly")
        names = {READER: "Simulated document reader", SCANNER: "Simulated fingerprint scanner"}
        devices = [{"kind": kind, "name": name, "is_ready": True} for kind, name in names.items()]
        return self._answer({"contract": VERSION, "devices": devices})

    def do_POST(self) -> None:
        """Read a document or a finger."""
        length = self.headers.get("Content-Length") or "0"
        if not self._is_asked_properly() or not (length.isascii() and length.isdigit()):
            self.close_connection = True  # what was sent is left unread
            return self._refuse(HTTPStatus.FORBIDDEN, "not_asked_properly")
        body = self.rfile.read(min(int(length), _MOST_BYTES))
        if self.path == "/v1/documents":
            if self.server.has_document:
                return self._answer(self.server.document())
            return self._refuse(HTTPStatus.CONFLICT, "no_document")
        if self.path == "/v1/fingerprints":
            return self._finger(body)
        return self._refuse(HTTPStatus.NOT_FOUND, "not_asked_properly")

    def _finger(self, body: bytes) -> None:
        try:
            finger = json.loads(body)["finger"]
        except (ValueError, KeyError, TypeError):
            finger = ""
        if finger not in FINGERS:
            return self._refuse(HTTPStatus.UNPROCESSABLE_ENTITY, "not_asked_properly")
        image = base64.b64encode(_picture(FINGERS.index(finger))).decode()
        return self._answer({"finger": finger, "image": image, "resolution_dpi": _DPI, "quality": 87})

    def _is_ours(self) -> bool:
        return self.headers.get("Origin") == self.server.origin

    def _is_asked_properly(self) -> bool:
        """Whether a page of the platform asks, on purpose, and under this machine's own name."""
        hosts = {f"127.0.0.1:{self.server.port}", f"localhost:{self.server.port}"}
        return self._is_ours() and self.headers.get(HEADER) == str(VERSION) and self.headers.get("Host") in hosts

    def _refuse(self, status: HTTPStatus, code: str) -> None:
        self._answer({"code": code}, status)

    def _answer(self, said: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(said, ensure_ascii=False).encode()
        self.send_response(status)
        if self._is_ours():
            self.send_header("Access-Control-Allow-Origin", self.server.origin)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Write nothing down: what is read here is somebody's."""


def _picture(number: int) -> bytes:
    """Return a grey PNG of ridges, another one for each finger."""
    rows = b"".join(b"\x00" + bytes(_shade(x, y, number) for x in range(_SIDE)) for y in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _shade(x: int, y: int, number: int) -> int:
    middle = _SIDE // 2
    distance = ((x - middle) ** 2 + (y - middle - 6 * number) ** 2) // (60 + number)
    return 40 if distance % 12 < 6 else 220


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
