"""Requests of Django's test client under the role of the web server, while tests arrange and look as the owner."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.signals import request_finished, request_started
from django.db import connection

from yizhengtong.foundation.postgresql.readers import NOBODY, Reader, ReaderConnection, reader_connection

WEB = "yzt_web"


@contextmanager
def requests_as_web() -> Iterator[None]:
    """Take the web's role on when a request begins, and give it back when it ends."""
    request_started.connect(_take_on, weak=False)
    request_finished.connect(_give_back, weak=False)
    try:
        yield
    finally:
        request_started.disconnect(_take_on)
        request_finished.disconnect(_give_back)


@contextmanager
def as_web(reader: Reader = NOBODY, role: str = WEB) -> Iterator[ReaderConnection]:
    """Run a few statements under a process role, for one reader."""
    say(f"SET ROLE {role}")
    reader_connection().read_as(reader)
    try:
        yield reader_connection()
    finally:
        reader_connection().read_as(NOBODY)
        say("RESET ROLE")


def _take_on(**_: Any) -> None:
    say(f"SET ROLE {WEB}")


def _give_back(**_: Any) -> None:
    say("RESET ROLE")


def say(statement: str) -> None:
    """Run a statement past Django, so that tests which count statements do not count it."""
    connection.ensure_connection()
    connection.connection.execute(statement)
