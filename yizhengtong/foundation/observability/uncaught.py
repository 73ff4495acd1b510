"""Errors that nobody catches, in the log like all others: Python's own traceback shows their words."""

import logging
import sys
import threading
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)


def log_what_nobody_catches() -> None:
    """Log the ends of the process and of its threads by kind and place. For programs that run on, not for commands."""
    sys.excepthook = _on_end
    threading.excepthook = _on_end_of_thread
    sys.unraisablehook = _on_unraisable


def _on_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    log.critical("observability.process_failed", exc_info=(kind, error, trace))


def _on_end_of_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and told.exc_type is not SystemExit:
        log.critical("observability.thread_failed", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))


def _on_unraisable(told: Any) -> None:
    if told.exc_value is not None:
        log.error("observability.ignored", exc_info=(told.exc_type, told.exc_value, told.exc_traceback))
