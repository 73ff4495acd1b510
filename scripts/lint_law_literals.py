"""Finds numbers of the law in code: rules and services take them from a pack's parameters.

Looked at: rules.py and services.py of every room above the law, and the modules of packages called rules or services;
the foundation below it knows no law: its numbers are of protocols and machines. Reported:
numbers other than 0, 1 and -1, dates and durations written out, and words that state a quantity or an article. There
is no comment that allows one: a number that belongs in no pack gets a name in another module.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from tracked import ROOT, committed_files

_ROOMS = ("rules", "services")
_HARMLESS = (0, 1)
_DURATIONS = {"timedelta", "relativedelta"}
_DATES = {"date", "datetime", "time"}
_CONVERSIONS = {"int", "float", "Decimal", "Fraction"}
_CHINESE_NUMBER = "[0-9０-９一二两三四五六七八九十百千半]+"
_UNITS = "个?(?:工作日|小时|分钟|周岁|月|年|天|日|周|岁|元|次|份|张)"
_QUANTITY = re.compile(
    rf"{_CHINESE_NUMBER}\s*{_UNITS}"
    rf"|第{_CHINESE_NUMBER}[条款项]"
    r"|\b(?:\d+|half an?|one|two|three|five|six|ten|twenty)[ -]+(?:working |calendar )?(?:hour|day|week|month|year)s?\b"
    r"|\b\d{4}-\d{2}-\d{2}\b",
    re.IGNORECASE,
)


def is_looked_at(path: Path) -> bool:
    """Whether a file holds rules or use-cases; tests may write down what the law says."""
    inside = path.parts
    if "foundation" in inside:
        return False
    return path.suffix == ".py" and "tests" not in inside and (path.stem in _ROOMS or bool(set(_ROOMS) & set(inside)))


def literals_in(source: str) -> list[tuple[int, str]]:
    """Return line and text of every literal that belongs in a pack, by line. Raises SyntaxError."""
    tree = ast.parse(source)
    docstrings = set(_docstrings(tree))
    found = {}
    for node in ast.walk(tree):
        text = _what_is_wrong(node, docstrings)
        if text:
            place: tuple[int, int] = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
            found[place] = text
    return [(line, text) for (line, _), text in sorted(found.items())]


def main(paths: Iterable[Path]) -> int:
    """Print every finding as file:line and return 1 when there is one."""
    findings = 0
    for path in paths:
        relative = path.relative_to(ROOT)
        if relative.parts[0] != "yizhengtong" or not is_looked_at(relative):
            continue
        for line, text in literals_in(path.read_text(encoding="utf-8")):
            findings += 1
            print(f"{relative}:{line}: {text} belongs in a pack under yizhengtong/law/packs")
    return int(findings > 0)


def _what_is_wrong(node: ast.AST, docstrings: set[int]) -> str:
    if isinstance(node, ast.Constant):
        return "" if id(node) in docstrings else _wrong_constant(node.value)
    if isinstance(node, ast.Call):
        return _wrong_call(node)
    return ""


def _wrong_constant(value: object) -> str:
    if isinstance(value, str):
        return repr(value) if _QUANTITY.search(value) else ""
    if isinstance(value, int | float) and not isinstance(value, bool) and value not in _HARMLESS:
        return repr(value)
    return ""


def _wrong_call(call: ast.Call) -> str:
    """A date of fixed numbers is law; so is a duration, but for one day, which turns an end into the next start."""
    name = _last_name(call.func)
    numbers = [part for part in (*call.args, *(word.value for word in call.keywords)) if _is_number(part)]
    if name in _DATES and numbers:
        return ast.unparse(call)
    if name in _CONVERSIONS and any(map(_is_written_number, call.args)):
        return ast.unparse(call)
    if name in _DURATIONS and numbers and ast.unparse(call).removeprefix("datetime.") != "timedelta(days=1)":
        return ast.unparse(call)
    return ""


def _is_number(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_number(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)


def _is_written_number(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value not in {"0", "1"}


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _docstrings(tree: ast.AST) -> Iterator[int]:
    """Yield the identity of each docstring, and of strings that stand alone under a field as its description."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                yield id(statement.value)


if __name__ == "__main__":
    sys.exit(main(committed_files()))
