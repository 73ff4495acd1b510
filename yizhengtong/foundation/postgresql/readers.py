"""Who reads: what a connection tells PostgreSQL's row policies of the one it works for (docs/adr/0026).

The settings `yzt.reader`, `yzt.actor`, `yzt.office` and `yzt.asked` name the reader. A connection works for nobody
until somebody is found out, and for nobody again when a request begins or ends.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol, cast
from uuid import UUID

from django.core.signals import request_finished, request_started
from django.db import connection, connections


class ReaderKind(StrEnum):
    """Whose rows: a resident's own, a reporter's reports, an office's, those of one permit asked for, none."""

    RESIDENT = "resident"
    REPORTER = "reporter"
    STAFF = "staff"
    PARTNER = "partner"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Reader:
    """`actor`: key of the account or relying party. `office`: path of an officer's. `asked`: a number's blind index."""

    kind: str = ReaderKind.NOBODY
    actor: str = ""
    office: str = ""
    asked: str = ""


NOBODY = Reader()
SETTINGS = ("yzt.reader", "yzt.actor", "yzt.office", "yzt.asked")
_NOTHING = "''"
SAID = slice(-len(SETTINGS) - 1, -1)
"""Where among a row's columns the reader stands."""


class ReaderConnection(Protocol):
    """What our database backend adds to Django's connection."""

    wanted: Reader

    def read_as(self, reader: Reader) -> None: ...
    def row_naming_the_reader(self, statement: str, values: Sequence[Any]) -> Sequence[Any] | None: ...
    def is_transaction_open(self) -> bool: ...


def saying(reader: Reader, *, in_transaction: bool) -> list[Any]:
    """Return what SAYING takes. In a transaction a reader is named until it ends, else until another one is."""
    values = (reader.kind, reader.actor, reader.office, reader.asked)
    return [*(each for value in values for each in (value, in_transaction)), in_transaction]


def naming(kind: str, actor: str = _NOTHING, *, office: str = _NOTHING, asked: str = _NOTHING) -> str:
    """Return the last columns of a statement that finds out who reads, and names the reader; `is_local` gives what they
    take. Each part is SQL: columns, or quoted words of ours.

    What the policies' functions have found out for the former reader (`yzt.known`), such as whom one may act for, is
    asked anew.
    """
    told = zip((*SETTINGS, "yzt.known"), (kind, actor, office, asked, _NOTHING), strict=True)
    return ", ".join(f"set_config('{name}', {value}, %s)" for name, value in told)


SAYING = naming("%s", "%s", office="%s", asked="%s")
"""The last columns of a statement that names a reader who is known; `saying` gives what they take."""


def is_local() -> list[bool]:
    """Return what `naming` takes: whether the reader is named for this transaction only."""
    return [reader_connection().is_transaction_open()] * (len(SETTINGS) + 1)


def reader_connection() -> ReaderConnection:
    """Return this thread's connection."""
    return cast(ReaderConnection, connection)


def read_as_nobody() -> None:
    """Work for nobody from now on: no personal row is found."""
    reader_connection().read_as(NOBODY)


def read_as_partner(party_id: UUID) -> None:
    """Work for a relying party from now on, until the request ends."""
    reader_connection().read_as(Reader(ReaderKind.PARTNER, str(party_id)))


@contextmanager
def reading_as_partner(party_id: UUID) -> Iterator[None]:
    """Work for a relying party within, whoever reads (a member, a holder, a wallet); then for them again."""
    connection = reader_connection()
    before = connection.wanted
    if (before.kind, before.actor) == (ReaderKind.PARTNER, str(party_id)):
        yield
        return
    read_as_partner(party_id)
    try:
        yield
    finally:
        connection.read_as(before)


def asking(index: bytes) -> None:
    """Name the blind index of the number that a relying party was shown: it finds no other permit."""
    wanted = reader_connection().wanted
    if wanted.kind == ReaderKind.PARTNER:
        reader_connection().read_as(replace(wanted, asked=index.hex()))


def _forget(**_: Any) -> None:
    for each in connections.all(initialized_only=True):
        if hasattr(each, "read_as"):
            each.read_as(NOBODY)


request_started.connect(_forget, dispatch_uid="yzt.readers.started")
request_finished.connect(_forget, dispatch_uid="yzt.readers.finished")
