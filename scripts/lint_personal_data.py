"""Finds personal data on their way into logs and exception texts: ids may be logged, what a person is may not.

Looked at: arguments of calls on `log`, `logger` and `logging`, and what is formatted into a raised exception.
The lint knows names, not values: it asks that a variable that holds a phone is called so. The message of a log call
must be written out, its values apart: the formatter withholds those that are no codes (docs/adr/0031).
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tracked import ROOT, committed_files

_LOGGERS = re.compile(r"^_?(log|logger|logging)$", re.IGNORECASE)
_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_ALWAYS = re.compile(
    r"^(.*_)?(phone|mobile|address|email|birth_date|birthday|photo|fingerprints?|password|secret|answers"
    r"|full_name|family_name|given_name|person_name|holder_name|applicant_name|guardian_name"
    r"|(document|identity|id|permit|travel_permit|passport|person)_number)$"
)
_IN_LOGS = re.compile(r"^(name|names|number|numbers)$")
_PEOPLE = re.compile(r"^(.*_)?(person|holder|applicant|guardian|child|proxy|resident|officer|landlord|user|member)$")


def personal_data_in(source: str) -> list[tuple[int, str]]:
    """Return line and expression of everything personal that is logged or raised. Raises SyntaxError."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _is_log_call(node):
            parts: Iterable[ast.expr] = [*node.args, *(word.value for word in node.keywords)]
            personal = {*_personal(parts, is_log=True), *_personal_keys(node)}
            found.update(personal or _message_put_together(node))
        elif isinstance(node, ast.Raise) and node.exc is not None:
            found.update(_personal(_texts(node.exc), is_log=False))
    return sorted(found)


def main(paths: Iterable[Path]) -> int:
    """Print every finding as file:line and return 1 when there is one."""
    findings = 0
    for path in paths:
        relative = path.relative_to(ROOT)
        if path.suffix != ".py" or relative.parts[0] not in {"yizhengtong", "gateway"} or "tests" in relative.parts:
            continue
        for line, expression in personal_data_in(path.read_text(encoding="utf-8")):
            findings += 1
            print(f"{relative}:{line}: {expression} is personal data in a log or an exception; use an id")
    return int(findings > 0)


def _is_log_call(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _LEVELS:
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return bool(_LOGGERS.match(name))


def _personal(parts: Iterable[ast.expr], *, is_log: bool) -> Iterator[tuple[int, str]]:
    for part in parts:
        for node in ast.walk(part):
            if isinstance(node, ast.Attribute | ast.Name) and _is_personal(node, is_log=is_log):
                yield node.lineno, ast.unparse(node)


def _is_personal(node: ast.Attribute | ast.Name, *, is_log: bool) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id
    if _ALWAYS.match(name):
        return True
    if not _IN_LOGS.match(name):
        return False
    return is_log or (isinstance(node, ast.Attribute) and bool(_PEOPLE.match(ast.unparse(node.value).split(".")[-1])))


def _personal_keys(call: ast.Call) -> Iterator[tuple[int, str]]:
    """Yield keys of dictionaries and keywords handed to a log that announce personal data."""
    for word in call.keywords:
        if word.arg and (_ALWAYS.match(word.arg) or _IN_LOGS.match(word.arg)):
            yield call.lineno, f"{word.arg}="
        for node in ast.walk(word.value):
            for key in node.keys if isinstance(node, ast.Dict) else []:
                if isinstance(key, ast.Constant) and isinstance(key.value, str) and _ALWAYS.match(key.value):
                    yield key.lineno, repr(key.value)


def _message_put_together(call: ast.Call) -> Iterator[tuple[int, str]]:
    """Yield a message that is not written out: one with its values in it cannot be told from a value."""
    place = 1 if isinstance(call.func, ast.Attribute) and call.func.attr == "log" else 0
    message = call.args[place] if len(call.args) > place else None
    if message is not None and not (isinstance(message, ast.Constant) and isinstance(message.value, str)):
        yield call.lineno, ast.unparse(message)


def _texts(raised: ast.expr) -> Iterator[ast.expr]:
    """Yield what goes into the words of an exception: f-strings, formats, and facts given by keyword."""
    for node in ast.walk(raised):
        if isinstance(node, ast.FormattedValue):
            yield node.value
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            yield node.right
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield from (*node.args, *(word.value for word in node.keywords))
    if isinstance(raised, ast.Call):
        yield from (word.value for word in raised.keywords if word.arg not in {"errors", None})


if __name__ == "__main__":
    sys.exit(main(committed_files()))
