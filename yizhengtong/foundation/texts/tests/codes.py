"""The codes that product code speaks, found in its syntax tree."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[3]
CALLS = {
    **dict.fromkeys(("Problem", "Invalid", "Forbidden", "NotFound", "Conflict", "Stale", "Finding", "say"), 0),
    "FieldError": 1,
}
"""What takes a code, and as which argument."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A code where it stands; `pattern` ends with `*` where it goes on with something computed."""

    pattern: str
    call: str
    place: str


def product_files() -> list[Path]:
    """Return every module of the house but tests and migrations."""
    apart = {"tests", "migrations"}
    return sorted(path for path in HOUSE.rglob("*.py") if not apart & set(path.relative_to(HOUSE).parts))


@cache
def spoken_codes() -> list[Spoken]:
    """Return every code given to a Problem, FieldError, Finding or `say`, also through a name of the same function."""
    return [spoken for path in product_files() for spoken in _of_file(path)]


def _of_file(path: Path) -> Iterator[Spoken]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    scopes = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Module))]
    for scope in scopes:
        named = _assigned(scope)
        for node in _own(scope):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                at = CALLS[node.func.id]
                if len(node.args) > at:
                    place = f"{path.relative_to(HOUSE)}:{node.lineno}"
                    for pattern in _patterns(node.args[at], named):
                        yield Spoken(pattern, node.func.id, place)


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """Walk a scope without the functions inside it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _own(child)


def _assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    named: dict[str, list[ast.expr]] = {}
    for node in _own(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            named.setdefault(node.targets[0].id, []).append(node.value)
    return named


def _patterns(value: ast.expr, named: dict[str, list[ast.expr]]) -> Iterator[str]:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value
    elif isinstance(value, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "*" for part in value.values]
        yield "".join(str(part) for part in parts)
    elif isinstance(value, ast.IfExp):
        yield from _patterns(value.body, named)
        yield from _patterns(value.orelse, named)
    elif isinstance(value, ast.Name):
        for assigned in named.get(value.id, []):
            yield from _patterns(assigned, {})
