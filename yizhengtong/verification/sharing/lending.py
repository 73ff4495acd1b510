"""For whom the connection reads while somebody shows a secret: for one moment, for the one row it names.

The second line behind the services (docs/adr/0026): nobody finds more than the row whose keyed hash they name, and what
a code tells is read with the eyes of who made it. A guardian whose time is over sees nothing, and so does the code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from yizhengtong.foundation.postgresql.readers import Reader, ReaderKind, reader_connection


@contextmanager
def naming(secret_hash: bytes) -> Iterator[None]:
    """Read for nobody, who names a secret."""
    with _reading(Reader(ReaderKind.NOBODY, asked=secret_hash.hex())):
        yield


@contextmanager
def in_the_name_of(account_id: UUID) -> Iterator[None]:
    """Read what an account may."""
    with _reading(Reader(ReaderKind.RESIDENT, str(account_id))):
        yield


@contextmanager
def _reading(reader: Reader) -> Iterator[None]:
    before = reader_connection().wanted
    reader_connection().read_as(reader)
    try:
        yield
    finally:
        reader_connection().read_as(before)
