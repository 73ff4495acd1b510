"""Arguments of background tasks at rest: sealed as they are queued, opened by the worker that takes them.

A task's arguments are written before its row has a number, so they are bound to the table and column only.
"""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from procrastinate import App
from procrastinate.connector import BaseAsyncConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import UniqueViolation
from procrastinate.psycopg_connector import PsycopgConnector

from yizhengtong.foundation.vault.envelope import Place, open_envelope, seal
from yizhengtong.foundation.vault.holdings import AS_JSON, Column, TableHolding, in_json
from yizhengtong.foundation.vault.keyring import OPEN_KEY, keyring

PLACE = Place("procrastinate_jobs", "args", "")
HOLDING = TableHolding(
    "procrastinate_jobs",
    "id",
    "bigint",
    (Column("args", "''", "procrastinate_jobs", envelope=in_json("args"), written=AS_JSON),),
)
_SEALED = "sealed"


def seal_arguments(app: App) -> None:
    """Make the app's tasks sealed; procrastinate calls this when the app is ready."""
    app.connector = app.job_manager.connector = SealedDjangoConnector()


def sealed_arguments(arguments: dict[str, Any]) -> dict[str, str]:
    """Return what lies in the table for some arguments."""
    content = json.dumps(arguments, separators=(",", ":")).encode()
    return {_SEALED: base64.b64encode(seal(content, PLACE)).decode()}


def opened_arguments(stored: Any) -> Any:
    """Return the arguments. Open ones are those that release 0.1.0 queued: taken while key 0 opens."""
    if not isinstance(stored, dict):
        return stored
    if set(stored) != {_SEALED}:
        keyring().opening(OPEN_KEY)
        return stored
    return json.loads(open_envelope(base64.b64decode(stored[_SEALED]), PLACE))


class SealedDjangoConnector(DjangoConnector):
    """Queues through Django's own connection."""

    def _wrap_value(self, value: Any) -> Any:
        return super()._wrap_value(sealed_arguments(value) if isinstance(value, dict) else value)

    def execute_query_one(self, query: Any, **arguments: Any) -> dict[str, Any]:
        return _opened(super().execute_query_one(query, **arguments))

    def execute_query_all(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        with _lock_told_apart():
            return [_opened(row) for row in super().execute_query_all(query, **arguments)]

    def get_worker_connector(self) -> BaseAsyncConnector:
        return PsycopgConnector(json_dumps=_dumps, json_loads=_loads, kwargs=connector_params(self.alias))


@contextmanager
def _lock_told_apart() -> Iterator[None]:
    """Say that a job is queued already where the database withholds the row: from a role that may not read it."""
    try:
        yield
    except AssertionError as misread:  # procrastinate looks for the lock in a detail that is not told
        broken = misread.__context__
        if not isinstance(broken, psycopg.errors.UniqueViolation):
            raise
        raise UniqueViolation(constraint_name=broken.diag.constraint_name, queueing_lock=None) from None


def _opened(row: dict[str, Any]) -> dict[str, Any]:
    if isinstance(row.get("args"), str):  # Django leaves jsonb as text
        row["args"] = json.loads(row["args"])
    return {**row, "args": opened_arguments(row["args"])} if "args" in row else row


def _dumps(value: Any) -> str:
    return json.dumps(sealed_arguments(value) if isinstance(value, dict) else value)


def _loads(text: str | bytes) -> Any:
    return opened_arguments(json.loads(text))
