"""Log lines as JSON, one object a line, for people and programs: the same shape from every program of the platform.

Our own messages are a code and `key=%s` pairs; values that are no code and no small number are withheld. Messages of
libraries are shown before their values are put in; one that came put together is shown by its place in the code.
"""

import json
import logging
from datetime import UTC, datetime

from yizhengtong.foundation.observability.context import is_request_id, request_id
from yizhengtong.foundation.observability.scrubbing import WITHHELD, error_facts, shown, statement_shape, template

_OURS = "yizhengtong"
_FIELDS = (
    "route", "method", "status", "milliseconds", "statements", "actor", "task", "action", "attempts", "status_code",
    "worker", "program", "rows",
)  # fmt: skip
"""What may come by `extra`, from whomever: everything else is left out."""
_SPOKEN = frozenset({"_granian"})
"""Libraries whose put-together messages are known: addresses and process numbers of our own server."""


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {
            "time": at.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "event": event_of(record),
        }
        identity = getattr(record, "request_id", "") or request_id.get()
        if is_request_id(identity):
            line["request_id"] = identity
        line |= fields_of(record)
        if record.exc_info and record.exc_info[1] is not None:
            line |= error_facts(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, default=str)


def event_of(record: logging.LogRecord) -> str:
    """Return what the line is about."""
    if record.name.partition(".")[0] == _OURS:
        return _own_event(record)
    if record.args or (record.name in _SPOKEN and not record.exc_info):
        return template(record.msg) if record.args else str(record.msg)
    return f"{record.name}:{record.funcName}:{record.lineno}"


def _own_event(record: logging.LogRecord) -> str:
    arguments = record.args if isinstance(record.args, tuple) else ()
    words = template(record.msg)
    try:
        return words % tuple(shown(value) for value in arguments) if arguments else words
    except (TypeError, ValueError):  # %d with something withheld
        return words


def fields_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the fields of the record that may be told."""
    found = {name: _field(name, getattr(record, name)) for name in _FIELDS if hasattr(record, name)}
    if hasattr(record, "statement") and record.name.startswith(_OURS):
        found["statement"] = statement_shape(record.statement)
    job = getattr(record, "job", None)
    if isinstance(job, dict):  # procrastinate's: its name is ours, its arguments are somebody's
        found["task"] = shown(job.get("task_name"))
    return {name: value for name, value in found.items() if value != WITHHELD}


def _field(name: str, value: object) -> object:
    if name == "route" and isinstance(value, str):
        return value if value.isascii() else WITHHELD  # a template of ours, with its <names>
    return shown(value)
