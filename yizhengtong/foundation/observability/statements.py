"""Every statement counted and timed, for whoever asks; slow ones logged by their shape, without their values."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """Statements since the tally began; `route` names the work in the log of slow ones."""

    route: Callable[[], str]
    statements: int = 0
    slow: int = 0
    seconds: float = 0.0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


@contextmanager
def counted(route: Callable[[], str]) -> Iterator[Tally]:
    """Count the statements of this line of work."""
    tally = Tally(route)
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def watch_connections() -> None:
    """Have every connection that is opened from now on count and time its statements."""
    connection_created.connect(_watch, dispatch_uid="observability.statements")


def _watch(connection: Any, **_signal: Any) -> None:
    if _measured not in connection.execute_wrappers:
        connection.execute_wrappers.append(_measured)


def _measured(execute: Callable[..., Any], statement: Any, parameters: Any, many: bool, context: Any) -> Any:
    begun = time.perf_counter()
    try:
        return execute(statement, parameters, many, context)
    finally:
        _note(statement, time.perf_counter() - begun)


def _note(statement: Any, seconds: float) -> None:
    tally = _tally.get()
    is_slow = seconds * 1000 >= settings.YZT_SLOW_STATEMENT_MS
    if tally is not None:
        tally.statements += 1
        tally.seconds += seconds
        tally.slow += is_slow
    if is_slow:
        route = tally.route() if tally else ""
        told = {"milliseconds": round(seconds * 1000, 1), "statement": statement, "route": route}
        log.warning("observability.slow_statement", extra=told)
