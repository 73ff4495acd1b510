"""Reading many rows fast: the lines that COPY sends, as they come. psycopg only."""

from collections.abc import Iterator
from typing import Any

from psycopg import Connection, OperationalError, ProgrammingError
from psycopg.pq import ExecStatus

from yizhengtong.foundation.audit.canonical import SESSION

Row = tuple[Any, ...]


def open_session(connection: "Connection[Row]") -> None:
    """Make a session write the canonical form, and find links by their index however the statistics look."""
    connection.execute(SESSION.encode())


def copied(connection: "Connection[Row]", select: str) -> Iterator[bytes]:
    """Yield the lines of `COPY (select) TO STDOUT`, without their newlines, in the connection's open transaction.

    Asks libpq itself: psycopg's own iteration costs more than the hashing. Raises psycopg.OperationalError.
    """
    pgconn = connection.pgconn
    result = pgconn.exec_(f"COPY ({select}) TO STDOUT".encode())
    if result.status != ExecStatus.COPY_OUT:
        raise OperationalError(result.error_message.decode(errors="replace"))
    while True:
        length, line = pgconn.get_copy_data(0)
        if length < 0:
            break
        yield bytes(line)[:-1]
    while (end := pgconn.get_result()) is not None:
        if end.status != ExecStatus.COMMAND_OK:
            raise OperationalError(end.error_message.decode(errors="replace"))


def single(connection: "Connection[Row]", statement: str, *parameters: Any) -> Row:
    """Return the row of a statement that always has one. Raises psycopg.ProgrammingError when it has none."""
    row = one(connection, statement, *parameters)
    if row is None:
        raise ProgrammingError("the statement gave no row")
    return row


def one(connection: "Connection[Row]", statement: str, *parameters: Any) -> Row | None:
    """Return the first row of a statement, None where there is none."""
    return connection.execute(statement.encode(), parameters).fetchone()
