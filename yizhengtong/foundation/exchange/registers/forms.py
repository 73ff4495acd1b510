"""Facts of registers as they are written: in JSON, and in lists of authorities. Read strictly. No Django."""

import re
import types
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from yizhengtong.foundation.exchange.registers.contract import FACTS, Fact, Kind, Told

LONGEST_TEXT = 200
_MOST = 100_000
_REGION = re.compile(r"\d{6}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TRUTH = {"true": True, "1": True, "是": True, "false": False, "0": False, "否": False}


class Wrong(ValueError):
    """A fact that is not to the form. `fact` names it; what it held is told nowhere."""

    def __init__(self, fact: str) -> None:
        super().__init__("a fact is not to the form")
        self.fact = fact


def written(told: Told) -> dict[str, Any]:
    """Return facts as JSON values, days as ISO text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def read(kind: Kind, stored: object, asked: tuple[str, ...]) -> Told:
    """Return the facts of one entry from JSON values. Raises Wrong for a fact that is missing, wrong or not asked."""
    if not isinstance(stored, dict) or set(stored) != set(asked):
        raise Wrong("")
    return {name: _checked(kind, name, stored[name]) for name in asked}


def read_cells(kind: Kind, cells: Mapping[str, str]) -> Fact:
    """Return the fact of one line of a list: text by name; an empty cell is none. Raises Wrong."""
    shape, values = FACTS[kind], dict[str, Any]()
    for each in fields(shape):
        values[each.name] = _checked(kind, each.name, _from_text(kind, each.name, cells.get(each.name, "").strip()))
    return shape(**values)


def told_of(fact: Fact, asked: tuple[str, ...]) -> Told:
    """Return of a fact what was asked for."""
    return {name: getattr(fact, name) for name in asked}


def _from_text(kind: Kind, name: str, text: str) -> object:
    if not text:
        return None
    types_ = _types(kind)[name]
    if bool in types_:
        return _TRUTH.get(text.casefold(), text)
    if int in types_:
        return int(text) if text.isascii() and text.isdigit() and len(text) < len(str(_MOST)) else text
    return text


def _checked(kind: Kind, name: str, value: object) -> Any:
    """Return one fact as its type. Raises Wrong."""
    allowed = _types(kind)[name]
    if value is None:
        if type(None) in allowed:
            return None
        raise Wrong(name)
    for each in allowed:
        check = _CHECKS.get(each)
        found = check(value) if check else (value if value in get_args(each) else None)
        if found is not None:
            return _place(name, found)
    raise Wrong(name)


def _place(name: str, value: Any) -> Any:
    if name == "region" and not _REGION.fullmatch(value):
        raise Wrong(name)
    return value


def _day(value: object) -> date | None:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable() else None


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < _MOST else None


def _truth(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


_CHECKS: Mapping[Any, Callable[[object], Any]] = {date: _day, str: _text, int: _count, bool: _truth}


@cache
def _types(kind: Kind) -> Mapping[str, tuple[Any, ...]]:
    """Return the types that each fact of a kind may have."""
    found = get_type_hints(FACTS[kind])
    return {name: _alternatives(hint) for name, hint in found.items()}


def _alternatives(hint: Any) -> tuple[Any, ...]:
    if get_origin(hint) in {Union, types.UnionType}:
        return get_args(hint)
    if get_origin(hint) is Literal or isinstance(hint, type):
        return (hint,)
    raise TypeError("a fact has a type that is not read here")
