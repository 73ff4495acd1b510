"""What may stand in a log line: codes, numbers, kinds of errors, shapes of statements. Everything else is withheld.

The rule is what is let through, not what is looked for: a name cannot be recognised, a code can.
"""

import enum
import re
from types import TracebackType

WITHHELD = "(withheld)"
_CODE = re.compile(r"[A-Za-z_](?:[A-Za-z_]|[0-9](?![0-9]{3})|[./:-](?=[A-Za-z_0-9])){0,79}")
"""A word, or words joined by dots and the like, ASCII only, never with four digits in a row."""
_LONG_NUMBER = re.compile(r"[0-9]{4}")
_STRING = re.compile(r"[eE]?'(?:[^']|'')*'|\$([A-Za-z_]*)\$.*?\$\1\$", re.DOTALL)
_NUMBER = re.compile(r"(?<![\w$%])-?\d+(?:\.\d+)?\b")
_LIST = re.compile(r"\(\s*(?:\?|%s|\$\d+)(?:\s*,\s*(?:\?|%s|\$\d+))+\s*\)")
_SPACE = re.compile(r"\s+")
_LONGEST_SHAPE = 400
_LARGEST_NUMBER = 10**6  # milliseconds, counts, line numbers; a longer one may be somebody's
_MOST_FRAMES = 12
_OURS = "yizhengtong"


def shown(value: object) -> object:
    """Return a value as it may be logged: numbers below a million, codes and classes as they are."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, int | float):
        return value if abs(value) < _LARGEST_NUMBER else WITHHELD
    if isinstance(value, type):
        return value.__qualname__
    return value if isinstance(value, str) and _CODE.fullmatch(value) else WITHHELD


def template(message: object) -> str:
    """Return a message before its values were put in, if it looks like one; else that it is withheld."""
    text = message if isinstance(message, str) else ""
    plain = text.isascii() and len(text) <= _LONGEST_SHAPE and not _LONG_NUMBER.search(text)
    return _SPACE.sub(" ", text).strip() if text and plain else WITHHELD


def statement_shape(statement: object) -> str:
    """Return an SQL statement without its values: literals as `?`, lists of values as one, at most 400 characters."""
    text = statement.decode(errors="replace") if isinstance(statement, bytes) else str(statement)
    text = _NUMBER.sub("?", _STRING.sub("?", text))
    text = _SPACE.sub(" ", _LIST.sub("(?, …)", text)).strip()
    return text if len(text) <= _LONGEST_SHAPE else f"{text[: _LONGEST_SHAPE - 1]}…"


class MessageWithheld(Exception):
    """Stands for an error wherever its words could be shown: any formatter may print it, ours look behind it."""

    def __init__(self, error: BaseException) -> None:
        super().__init__("message withheld")
        self.error = error


def error_facts(error: BaseException) -> dict[str, object]:
    """Return what may be told of an error: kinds, causes, SQLSTATE, constraint, places in the code; never its words.

    PostgreSQL's DETAIL and many messages of Python quote what somebody sent.
    """
    if isinstance(error, MessageWithheld):
        error = error.error
    chain = list(_chain(error))
    facts: dict[str, object] = {"error": [type(each).__qualname__ for each in chain]}
    codes = [code for each in chain if (code := _code_of(each))]
    if codes:
        facts["code"] = shown(codes[0])
    for each in chain:
        facts |= _of_database(each)
    facts["trace"] = places(error.__traceback__)
    return facts


def places(trace: TracebackType | None) -> list[str]:
    """Return the innermost places of a traceback as `module:line function`, the last one last."""
    found = []
    while trace is not None:
        frame = trace.tb_frame
        name = frame.f_globals.get("__name__", "?")
        found.append(f"{name}:{trace.tb_lineno} {frame.f_code.co_name}")
        trace = trace.tb_next
    ours = [place for place in found[:-_MOST_FRAMES] if place.startswith(_OURS)]
    return [*ours[-_MOST_FRAMES:], *found[-_MOST_FRAMES:]]


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return found


def _code_of(error: BaseException) -> str:
    """Return the stable code of an error of ours; of others nothing, theirs may be anything."""
    code = getattr(error, "code", None)
    return code if type(error).__module__.startswith(_OURS) and isinstance(code, str) else ""


def _of_database(error: BaseException) -> dict[str, object]:
    """Return SQLSTATE and constraint of psycopg's errors, which name no value."""
    state = getattr(error, "sqlstate", None)
    if not isinstance(state, str) or not re.fullmatch(r"[0-9A-Z]{5}", state):
        return {}
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    return {"sqlstate": state, **({"constraint": shown(constraint)} if constraint else {})}
