"""Registers for tests: files in a folder, and the same files behind the reference server."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from threading import Thread
from typing import Any

from yizhengtong.foundation.exchange.keys import PublicKey, new_signing_key, public_key
from yizhengtong.foundation.exchange.registers.contract import Fact, Kind, Number, Question, Register
from yizhengtong.foundation.exchange.registers.files import FileRegister, write_register
from yizhengtong.foundation.exchange.registers.reference import ReferenceServer
from yizhengtong.foundation.exchange.registers.remote import RemoteRegister
from yizhengtong.kernel.numbers import DocumentKind, synthetic

AS_OF = date(2026, 9, 17)
ON = date(2026, 9, 18)
STALE_DAYS = 7
KEY = new_signing_key()


def number(seed: int) -> Number:
    return Number(DocumentKind.RESIDENT_ID, synthetic.resident_id(seed, "511302", date(1980, 5, 6), "M"))


def question(kind: Kind, *seeds: int, on: date = ON, **more: Any) -> Question:
    return Question(kind, tuple(number(seed) for seed in seeds), on, "floating.first_issue", **more)


def a_file(folder: Path, kind: Kind, rows: Iterable[tuple[int, Fact]], *, as_of: date = AS_OF) -> FileRegister:
    """Write a register of persons by seed and return it."""
    written = [(number(seed), fact) for seed, fact in rows]
    write_register(folder, kind, written, as_of=as_of, register="test-register")
    return FileRegister(folder, kind, stale_after_days=STALE_DAYS)


def our_keys() -> dict[str, PublicKey]:
    return {KEY.id: public_key(KEY.public_jwk())}


@contextmanager
def served(*registers: FileRegister) -> Iterator[ReferenceServer]:
    """Serve registers on this machine until the test is over."""
    by_kind: dict[Kind, Register] = {register.kind: register for register in registers}
    server = ReferenceServer(0, by_kind, our_keys())
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def remote(url: str, kind: Kind, *, timeout_seconds: float = 30.0) -> RemoteRegister:
    return RemoteRegister(url, kind, KEY, timeout_seconds=timeout_seconds)
