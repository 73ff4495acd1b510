"""Looking for malware: the contract, clamd behind it, and a fake that knows one harmless test pattern.

Fails closed: what could not be scanned is never called clean (services.py keeps or refuses it).
"""

import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Verdict(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNSCANNABLE = "unscannable"


UNAVAILABLE, TOO_LARGE, FAILED = "unavailable", "too_large", "failed"
SCANNED_AT_ONCE = 100
"""Waiting documents that one background call looks at: as many as fit a short transaction."""


@dataclass(frozen=True, slots=True)
class ScanResult:
    """`signature` names what an infected content matched.

    `reason` of an unscannable one: `unavailable` (try again later), `too_large`, `failed`.
    """

    verdict: Verdict
    signature: str = ""
    reason: str = ""


class Scanner(Protocol):
    """Judges a content. Never raises: what goes wrong is `unscannable`."""

    @property
    def name(self) -> str: ...
    def scan(self, content: bytes) -> ScanResult: ...


def scanner() -> Scanner:
    """Return clamd at `settings.YZT_CLAMD` (`host:port` or a socket's path), or the fake when that is None."""
    if settings.YZT_CLAMD:
        return ClamdScanner(settings.YZT_CLAMD)
    if settings.YZT_PRODUCTION:
        raise ImproperlyConfigured("YZT_CLAMD: production scans uploads with clamd, not with the development fake")
    return SignatureScanner()


class SignatureScanner:
    """Development's scanner: knows only the EICAR test pattern. Production refuses it."""

    name = "fake"
    # In pieces, so that a virus scanner does not take this source for the pattern itself.
    pattern = b"".join([b"X5O!P%@AP[4\\PZX54(P^)7CC)7}", b"$EICAR-STANDARD-", b"ANTIVIRUS-TEST-FILE!", b"$H+H*"])

    def scan(self, content: bytes) -> ScanResult:
        if self.pattern in content:
            return ScanResult(Verdict.INFECTED, signature="Eicar-Test-Signature")
        return ScanResult(Verdict.CLEAN)


class ClamdScanner:
    """ClamAV's daemon by its INSTREAM command (clamd(8)).

    The daemon's StreamMaxLength, MaxFileSize and MaxScanSize must be above `Limits.max_bytes` and `AlertExceedsMax`
    should be `yes`: what clamd skips for its size it otherwise calls clean.
    """

    name = "clamd"
    chunk_bytes = 64 * 1024

    def __init__(self, address: str, *, timeout_seconds: float = 10.0) -> None:
        self.address = address
        self.timeout_seconds = timeout_seconds

    def scan(self, content: bytes) -> ScanResult:
        try:
            with self._connect() as connection:
                self._send(connection, content)
                return _judged(self._reply(connection))
        except (OSError, ValueError):  # fails closed: a daemon that is away or slow has found nothing clean
            return ScanResult(Verdict.UNSCANNABLE, reason=UNAVAILABLE)

    def _connect(self) -> socket.socket:
        if "/" in self.address:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.timeout_seconds)
            try:
                connection.connect(self.address)
            except OSError:
                connection.close()
                raise
            return connection
        host, _, port = self.address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=self.timeout_seconds)

    def _send(self, connection: socket.socket, content: bytes) -> None:
        try:
            connection.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), self.chunk_bytes):
                chunk = content[start : start + self.chunk_bytes]
                connection.sendall(struct.pack(">I", len(chunk)) + chunk)
            connection.sendall(struct.pack(">I", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # clamd hangs up at its size limit, having said so: the reply tells

    def _reply(self, connection: socket.socket) -> bytes:
        reply, deadline = b"", time.monotonic() + self.timeout_seconds
        while not reply.endswith(b"\0") and len(reply) < 4096 and time.monotonic() < deadline:
            part = connection.recv(4096)
            if not part:
                break
            reply += part
        return reply


def _judged(reply: bytes) -> ScanResult:
    answer = reply.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
    if not reply.endswith(b"\0"):
        return ScanResult(Verdict.UNSCANNABLE, reason=UNAVAILABLE)
    if answer == "OK":
        return ScanResult(Verdict.CLEAN)
    if answer.startswith("Heuristics.Limits.Exceeded") or "size limit exceeded" in answer:
        return ScanResult(Verdict.UNSCANNABLE, reason=TOO_LARGE)
    if answer.endswith(" FOUND"):
        return ScanResult(Verdict.INFECTED, signature=answer.removesuffix(" FOUND"))
    return ScanResult(Verdict.UNSCANNABLE, reason=FAILED)
