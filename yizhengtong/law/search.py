"""`python -m yizhengtong.law.search 半年`: article → parameter → rule → test, for who asks where the law says so.

Words are looked for in keys, words of the law, notes and names. Rules are functions and table entries of rules.py and
of services that name the key; tests are those whose `row(…)` mark shares a row with the parameter, the closest first.
"""

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from yizhengtong.law.packfile import Located, PackFile
from yizhengtong.law.reading import Library, load
from yizhengtong.law.values import Certainty

ROOT = Path(__file__).resolve().parents[2]
_LIMIT, _LIMIT_OF_ITEM = ".limit", ").limit)"
"""An item names the key of its limit, as it does that of its fee: who asks for it names the item's field."""
_RULE_FILES = ("rules.py", "rules/*.py", "services.py", "services/*.py")
_TESTS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """A place in the packs that matches: `code` is a key of a parameter or the code of an item, point or clause."""

    code: str
    article: str
    words: str
    value: str
    certainty: Certainty
    rows: tuple[str, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Function:
    """A function, or an entry of a table of functions, with its text, the rows it names and the functions it calls."""

    place: str
    name: str
    text: str
    rows: frozenset[str]
    calls: frozenset[str] = frozenset()


def search(library: Library, query: str) -> Iterator[Hit]:
    """Every parameter, item, service point, clause and entitlement that holds `query`, in the order of the packs."""
    wanted = query.casefold()
    for path in sorted(library.files, key=lambda name: (name == "readings.yaml", name.count("/"), name)):
        for hit, text in _hits(library.files[path]):
            if wanted in text.casefold():
                yield hit


def _hits(file: PackFile) -> Iterator[tuple[Hit, str]]:
    for parameter in file.parameters:
        entry = parameter.entry
        source = file.source(entry.source)
        place = f"{_packs()}/{file.path}:{parameter.place.line}"
        value = f"{plain(parameter.value)} ({entry.unit})"
        hit = Hit(parameter.key, str(source), source.words, value, entry.certainty, entry.rows, place)
        yield hit, " ".join((parameter.key, str(source), source.words, entry.note, value))
    for located in file["items"]:
        yield from _conditions(file, located)
    for section in ("points", "clauses", "entitlements", "evidence", "topics"):
        for located in file[section]:
            yield _other(file, located)


def _conditions(file: PackFile, located: Located) -> Iterator[tuple[Hit, str]]:
    """A service item's conditions, each found by its rule, its words and the item's names."""
    item = located.entry
    name = f"{located.name} {item.name.zh_hans} {item.name.zh_hant} {item.name.en}"
    place = f"{_packs()}/{file.path}:{located.place.line}"
    for condition in item.conditions:
        source = file.source(condition.source)
        value = f"a condition of {located.name} {item.name.zh_hans}"
        hit = Hit(condition.rule, str(source), source.words, value, condition.certainty, condition.rows, place)
        yield hit, f"{name} {condition.rule} {source} {source.words}"


def _other(file: PackFile, located: Located) -> tuple[Hit, str]:
    entry = located.entry
    code = str(getattr(entry, "code", None) or getattr(entry, "row", None) or getattr(entry, "id", located.name))
    text = plain(entry.model_dump(by_alias=True, exclude_none=True))
    cited = getattr(entry, "source", None)
    article = str(file.source(cited)) if cited is not None else file.header.name
    rows = tuple(getattr(entry, "rows", ())) + ((entry.row,) if hasattr(entry, "row") else ())
    rows += (entry.id,) if hasattr(entry, "id") else ()
    summary = text if len(text) <= 160 else text[:160] + "…"
    certainty = getattr(entry, "certainty", None) or entry.chosen.certainty
    place = f"{_packs()}/{file.path}:{located.place.line}"
    return Hit(code, article, "", summary, certainty, rows, place), f"{code} {text}"


def plain(value: object) -> str:
    """A value in one line, for people."""
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(exclude_defaults=True))
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {plain(part)}" for name, part in value.items())
    if isinstance(value, tuple | list):
        return "; ".join(plain(part) for part in value)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "not found"}[value]
    return str(value)


@cache
def _packs() -> str:
    return (Path(__file__).parent / "packs").relative_to(ROOT).as_posix()


@cache
def rules() -> tuple[Function, ...]:
    """Every function of the rooms' rules and services, and every entry of their tables of rules."""
    paths = sorted(path for name in _RULE_FILES for path in (ROOT / "yizhengtong").rglob(name))
    return tuple(function for path in paths for function in (*_entries(path), *_functions(path)))


@cache
def tests() -> tuple[Function, ...]:
    """Every marked test of the rooms and of the whole."""
    folders = (ROOT / "yizhengtong", ROOT / "tests")
    paths = (path for folder in folders for path in folder.rglob("test_*.py"))
    found = (function for path in sorted(paths) for function in _functions(path))
    return tuple(function for function in found if function.name.startswith("test") and function.rows)


def _functions(path: Path) -> Iterator[Function]:
    text = path.read_text("utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    lines = text.splitlines()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            body = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            rows = frozenset(row for decorator in node.decorator_list for row in _rows(decorator))
            yield Function(f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node.name, body, rows)


def _entries(path: Path) -> Iterator[Function]:
    """The entries `"name": lambda …` of a file's tables."""
    text = path.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(value, ast.Lambda):
                calls = (each.func for each in ast.walk(value) if isinstance(each, ast.Call))
                names = frozenset(call.id for call in calls if isinstance(call, ast.Name))
                place = f"{path.relative_to(ROOT).as_posix()}:{key.lineno}"
                body = ast.get_source_segment(text, value) or ""
                yield Function(place, str(key.value), body, frozenset(), names)


def _rows(decorator: ast.expr) -> Iterator[str]:
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "row":
            yield from (str(argument.value) for argument in node.args if isinstance(argument, ast.Constant))


def lines(hit: Hit) -> Iterator[str]:
    """What is printed for a hit: the article, the parameter, the rules that name it, the tests that prove its rows."""
    yield f"{hit.article}  {hit.words}".rstrip()
    yield f"  → {hit.code} = {hit.value}  [{hit.certainty}]  {hit.place}"
    for rule in _rules_of(hit):
        yield f"    → rule {rule.name}  {rule.place}"
    own = set(hit.rows)
    close = sorted((test for test in tests() if own & test.rows), key=lambda test: _distance(own, test))
    for test in close[:_TESTS_SHOWN]:
        yield f"    → test {test.name} ({', '.join(sorted(own & test.rows))})  {test.place}"
    if len(close) > _TESTS_SHOWN:
        yield f"    → and {len(close) - _TESTS_SHOWN} more tests of {', '.join(hit.rows)}"


def _rules_of(hit: Hit) -> list[Function]:
    """The rules that name the hit's code, or bear it, with what a table entry calls right behind the entry."""
    found: dict[str, Function] = {}
    for rule in rules():
        is_by_item = hit.code.endswith(_LIMIT) and _LIMIT_OF_ITEM in rule.text
        if f'"{hit.code}"' in rule.text or rule.name == hit.code or is_by_item:
            found[rule.place] = rule
            found.update({each.place: each for each in rules() if each.name in rule.calls | {rule.name}})
    return list(found.values())


def _distance(own: set[str], test: Function) -> tuple[int, bool, int]:
    """Tests of a room's behaviour before those of the packs; those with fewer other rows first."""
    return len(test.rows - own), "/law/" in test.place, -len(test.rows & own)


def main(arguments: list[str]) -> int:
    query = " ".join(arguments).strip()
    if not query:
        sys.stderr.write("Say what to look for, for example: make law Q=半年\n")
        return 2
    found = list(search(load(), query))
    for hit in found:
        sys.stdout.write("\n".join(lines(hit)) + "\n\n")
    sys.stdout.write(f"{len(found)} places hold {query}\n")
    return 0 if found else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
