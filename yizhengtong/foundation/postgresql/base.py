"""The database backend. Django finds it by the module's name."""

import select
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus

from yizhengtong.foundation.postgresql.readers import NOBODY, SAID, SAYING, Reader, saying

_UNKNOWN = Reader("unknown")
_MOST_PREPARED = 400
"""Statements kept planned, some tens of kilobytes each. psycopg's own 100 are fewer than the 165 of one case: plans
were dropped and made again all the time."""
_SAY = f"SELECT {SAYING}"


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks no idle connection whether it lives, and runs no statement for another reader than the one wanted.

    `wanted` is who the request works for. What the server was told holds for the session, or for the transaction in
    which it was told; every cursor compares the two first, and tells the server where they differ.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.wanted = NOBODY
        self._told_session = NOBODY
        self._told_transaction: Reader | None = None
        self._has_savepoints = self._is_told_after_savepoint = self._is_telling = False

    def is_usable(self) -> bool:
        """Whether the next statement will find a server.

        A server that goes away tells so, or its kernel does: the socket becomes readable. While it is silent nothing
        went wrong, and the statement that Django would send first, once a request, is spared.
        """
        if self.connection is None:
            return False
        if self.errors_occurred or self._has_something_to_say():
            return bool(super().is_usable())
        return True

    def _has_something_to_say(self) -> bool:
        connection = self.connection.pgconn
        if not connection.socket or connection.socket < 0:
            return True
        waiting = select.poll()
        waiting.register(connection.socket, select.POLLIN)
        return bool(waiting.poll(0))

    def read_as(self, reader: Reader) -> None:
        """Run what follows for another reader. Costs nothing until the next statement."""
        self.wanted = reader

    def is_transaction_open(self) -> bool:
        """Whether what is told now is told for a transaction."""
        self.ensure_connection()
        return not self.autocommit

    def row_naming_the_reader(self, statement: str, values: Sequence[Any]) -> Sequence[Any] | None:
        """Run a statement whose last columns are readers.SAYING, and return the others; None without a row.

        From then on the connection works for the reader it names: finding out who somebody is tells it in one go.
        """
        with self._telling(), self.cursor() as cursor:
            cursor.execute(statement, values)
            row = cursor.fetchone()
        if row is None:
            return None
        self.wanted = Reader(*row[SAID])
        self._note_told(self.wanted)
        others: Sequence[Any] = row[: SAID.start]
        return others

    def init_connection_state(self) -> None:
        self._told_session = NOBODY
        self._end_transaction()
        self.connection.prepared_max = _MOST_PREPARED
        super().init_connection_state()

    def connect(self) -> None:
        with self._telling():  # a new session works for nobody, and is not ready to be told otherwise before it stands
            super().connect()

    def _cursor(self, name: str | None = None) -> Any:
        self.close_if_health_check_failed()
        self.ensure_connection()
        if not self._is_telling:
            told = self._told_session if self._told_transaction is None else self._told_transaction
            if told != self.wanted and not self._is_failed():
                self._tell(self.wanted)
        with self.wrap_database_errors:
            return self._prepare_cursor(self.create_cursor(name))  # type: ignore[attr-defined]

    def _tell(self, reader: Reader) -> None:
        with self._telling(), self.cursor() as cursor:
            cursor.execute(_SAY, saying(reader, in_transaction=not self.autocommit))
        self._note_told(reader)

    def _note_told(self, reader: Reader) -> None:
        if self.autocommit:
            self._told_session = reader
            return
        self._told_transaction = reader
        self._is_told_after_savepoint = self._has_savepoints

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """While a statement names the reader itself, its cursor does not."""
        before, self._is_telling = self._is_telling, True
        try:
            yield
        finally:
            self._is_telling = before

    def _is_failed(self) -> bool:
        """In a failed transaction nothing can be told, and nothing runs but its rollback."""
        return bool(self.connection.pgconn.transaction_status == TransactionStatus.INERROR)

    def _commit(self) -> Any:
        self._end_transaction()
        return super()._commit()  # type: ignore[misc]

    def _rollback(self) -> Any:
        self._end_transaction()
        return super()._rollback()  # type: ignore[misc]

    def _savepoint(self, sid: str) -> None:
        self._has_savepoints = True
        super()._savepoint(sid)  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        if self._is_told_after_savepoint:
            self._told_transaction = _UNKNOWN  # PostgreSQL took back what was told since; it is told again

    def _end_transaction(self) -> None:
        self._told_transaction = None
        self._has_savepoints = self._is_told_after_savepoint = False
