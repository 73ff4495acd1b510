"""Packs with one value changed at a time: a marked test must fail for each, or the value is proven by nobody."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, get_args

import yaml

from yizhengtong.law import floating, values
from yizhengtong.law.errors import ErrorList
from yizhengtong.law.keys import MoveMode, PhotoMode, PointKind
from yizhengtong.law.packfile import PackFile, read_pack_file
from yizhengtong.law.validation import validate

Path = tuple[str | int, ...]
_NAMED: tuple[tuple[str, ...], ...] = tuple(
    get_args(choices)
    for choices in (
        PhotoMode,
        MoveMode,
        PointKind,
        values.Travel,
        values.FormStep,
        values.Delivery,
        values.Role,
        values.ReaderDocument,
        values.VoidGround,
        values.CardItem,
        values.SettlementDocument,
        values.Claim,
        floating.ApplicationStep,
        floating.CardFeature,
        floating.CardPrint,
        floating.Channel,
        floating.CountsFrom,
        floating.Crossing,
        floating.DataItem,
        floating.EndGround,
        floating.EndorsementCountsFrom,
        floating.ExemptGroup,
        floating.Indicator,
        floating.RegistrationChannel,
        floating.Voucher,
    )
)
_CHOICES: tuple[tuple[str, ...], ...] = (
    *_NAMED,
    ("workday", "day", "month", "year"),
    ("months", "days"),
    ("county", "city", "province", "nation"),
    ("any", "registered"),
    ("free", "card_cost"),
    ("acceptance", "receipt", "notice", "request"),
    ("issued", "notified", "signed", "filed", "corrected"),
    ("none", "yearly"),
    ("long_term", "shortest_necessary"),
    ("restart", "exclude_gap"),
    ("internal_promise", "statutory"),
    ("online", "ticket_on_site"),
    ("guardian", "near_relative"),
    ("remote_area", "prefecture_rules"),
    ("police_station", "service_hall"),
    ("minor", "elderly"),
)
_SKIPPED = frozenset({"rows", "note", "source", "certainty", "marks", "from", "until", "deviation", "override", "row"})
_SECTIONS = ("parameters", "items", "points", "clauses", "entitlements", "grants", "years")


@dataclass(frozen=True, slots=True)
class Mutation:
    """One changed value. `key`: a parameter's key, or section, entry and leaf; `rows`: those the entry cites.

    `is_refused`: the reader or the validator refuses the changed packs, which counts as caught.
    """

    key: str
    path: str
    mutated_text: str
    rows: tuple[str, ...]
    was: str
    becomes: str
    is_refused: bool


def mutations(library_texts: Mapping[str, str]) -> list[Mutation]:
    """Each parameter, item condition and document, service point, duty, entitlement and calendar year, changed once
    per value it holds: numbers one more, flags flipped, choices replaced, lists shortened, words lengthened."""
    errors = ErrorList()
    files = {path: read_pack_file(path, text, errors) for path, text in library_texts.items()}
    errors.raise_if_any()
    found: list[Mutation] = []
    for path, text in library_texts.items():
        for key, rows, node, replacement in _changes(text):
            changed = _replaced(text, node, replacement)
            refused = _is_refused(files, path, changed)
            was = text[node.start_mark.index : node.end_mark.index].strip()
            found.append(Mutation(key, path, changed, rows, was, replacement, refused))
    return found


def _is_refused(files: Mapping[str, PackFile | None], path: str, changed: str) -> bool:
    errors = ErrorList()
    read = {**files, path: read_pack_file(path, changed, errors)}
    validate([file for file in read.values() if file is not None], errors)
    return bool(errors.errors)


def _changes(text: str) -> Iterator[tuple[str, tuple[str, ...], yaml.Node, str]]:
    for section, node in _pairs(_composed(text)):
        if section in _SECTIONS:
            for name, entry in _entries(section, node):
                rows = _rows(entry)
                yield from ((key, own or rows, leaf, new) for key, own, leaf, new in _leaves(name, entry, section))


def _pairs(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    return [(key.value, child) for key, child in node.value] if isinstance(node, yaml.MappingNode) else []


def _entries(section: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node]]:
    if section == "parameters":
        for key, entries in _pairs(node):
            yield from ((key, entry) for entry in entries.value)
    elif section == "items":
        yield from _pairs(node)
    else:
        for index, entry in enumerate(node.value):
            identity = {key: child.value for key, child in _pairs(entry)}
            name = next((identity[each] for each in ("row", "code", "clause", "year") if each in identity), str(index))
            yield f"{section}.{name}", entry


def _rows(entry: yaml.Node) -> tuple[str, ...]:
    named = dict(_pairs(entry))
    cited = tuple(each.value for each in named["rows"].value) if "rows" in named else ()
    return (named["row"].value, *cited) if "row" in named else cited


def _leaves(name: str, entry: yaml.Node, section: str) -> Iterator[tuple[str, tuple[str, ...], yaml.Node, str]]:
    for field, node in _pairs(entry):
        if field in _SKIPPED or (section == "parameters" and field != "value"):
            continue
        if section == "items" and field in ("conditions", "documents", "steps"):
            yield from _listed(f"{name}.{field}", node)
        else:
            key = name if section == "parameters" else f"{name}.{field}"
            yield from ((leaf, (), child, new) for leaf, child, new in _leaf(key, node))


def _listed(name: str, node: yaml.Node) -> Iterator[tuple[str, tuple[str, ...], yaml.Node, str]]:
    """An item's conditions, documents or steps: each left out once, and each kind of evidence of a document."""
    for index, entry in enumerate(node.value):
        named = dict(_pairs(entry))
        identity = next(named[each].value for each in ("rule", "code", "step") if each in named)
        rest = [_plain(each) for place, each in enumerate(node.value) if place != index]
        yield f"{name}.{identity}", _rows(entry), node, _flow(rest)
        for field in ("any_of", "when", "role"):
            if field in named:
                leaves = _leaf(f"{name}.{identity}.{field}", named[field])
                yield from ((leaf, _rows(entry), child, new) for leaf, child, new in leaves)


def _leaf(key: str, node: yaml.Node) -> Iterator[tuple[str, yaml.Node, str]]:
    if isinstance(node, yaml.MappingNode):
        for field, child in _pairs(node):
            yield from _leaf(f"{key}#{field}", child)
    elif isinstance(node, yaml.SequenceNode):
        if node.value:
            yield key, node, _flow([_plain(each) for each in node.value[:-1]])
        for index, child in enumerate(node.value):
            if isinstance(child, yaml.MappingNode):
                yield from _leaf(f"{key}#{index}", child)
    else:
        changed = _changed(_plain(node))
        if changed is not None:
            yield key, node, _flow(changed)


def _changed(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return _another(value)
    return None


def _another(value: str) -> str:
    for choices in _CHOICES:
        if value in choices:
            return choices[(choices.index(value) + 1) % len(choices)]
    if value[-1:].isdigit():
        return value[:-1] + str((int(value[-1]) + 1) % 10)
    return value + "甲"


def _plain(node: yaml.Node) -> Any:
    return yaml.safe_load(yaml.serialize(node, Dumper=yaml.SafeDumper))


def _composed(text: str) -> yaml.Node:
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    if node is None:
        raise ValueError("an empty text holds no values")
    return node


def _flow(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_undated).replace('"\\u0000', "").replace('\\u0000"', "")


def _undated(value: object) -> str:
    if isinstance(value, date):
        return f"\x00{value.isoformat()}\x00"
    raise TypeError(type(value).__name__)


def _replaced(text: str, node: yaml.Node, replacement: str) -> str:
    """A block's end mark stands before the next token: the white space before that is kept."""
    start, end = node.start_mark.index, node.end_mark.index
    old = text[start:end]
    kept = old[len(old.rstrip()) :]
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        line = text.rfind("\n", 0, start) + 1
        start = text.rfind(":", 0, start) + 1 if text[line:start].strip(" -") == "" else start
        return f"{text[:start]} {replacement}{kept}{text[end:]}"
    return text[:start] + replacement + kept + text[end:]
