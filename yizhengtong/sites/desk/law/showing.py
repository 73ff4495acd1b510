"""Entries of the packs in words: values, sources, certainty, days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yizhengtong.foundation.pages.reader import Reader
from yizhengtong.foundation.texts import base_of
from yizhengtong.kernel.findings import Source
from yizhengtong.law.packfile import Located, PackFile
from yizhengtong.law.parameter import Parameter, ServiceItem


@dataclass(frozen=True, slots=True)
class Entry:
    """A parameter or item of a pack as it is shown. `state`: now, later, over."""

    code: str
    value: str
    unit: str
    article: str
    words: str
    certainty: str
    since: date | None
    last_day: date | None
    state: str = "now"
    note: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which entries of a pack begin or cease to hold."""

    day: date
    begins: tuple[str, ...]
    ends: tuple[str, ...]


def entries_of(file: PackFile, reader: Reader, today: date) -> list[Entry]:
    """Return all dated entries of a file: parameters, then items, in their order there."""
    found = [
        Entry(
            code=each.key,
            value=plain(each.value, reader),
            unit=each.entry.unit,
            **_cited(file.source(each.entry.source), each.entry.certainty),
            **_days(each.entry.since, each.entry.until, today),
            note=each.entry.note,
            line=each.place.line,
        )
        for each in file.parameters
    ]
    return found + [_item(file, each, reader, today) for each in file["items"]]


def _item(file: PackFile, located: Located, reader: Reader, today: date) -> Entry:
    entry = located.entry
    value = {
        "conditions": [each.rule for each in entry.conditions],
        "documents": [each.name.in_language(base_of(reader.language)) for each in entry.documents],
    }
    return Entry(
        code=located.name,
        value=f"{entry.name.in_language(base_of(reader.language))}: {plain(value, reader)}",
        unit="",
        **_cited(file.source(entry.source), entry.certainty),
        **_days(entry.since, entry.until, today),
        line=located.place.line,
    )


def _cited(source: Source, certainty: str) -> dict[str, Any]:
    return {"article": str(source), "words": source.words, "certainty": certainty}


def _days(since: date, until: date | None, today: date) -> dict[str, Any]:
    state = "later" if since > today else "over" if until is not None and until <= today else "now"
    return {"since": since, "last_day": until - timedelta(days=1) if until else None, "state": state}


def side_of(entry: Parameter | ServiceItem | None, reader: Reader) -> Entry | None:
    """Return one side of a difference."""
    if entry is None:
        return None
    shared = {**_cited(entry.source, entry.certainty), **_days(entry.since, entry.until, entry.since)}
    if isinstance(entry, Parameter):
        return Entry(entry.key, plain(entry.value, reader), entry.unit, **shared)
    language = base_of(reader.language)
    parts = {
        "conditions": [each.rule for each in entry.conditions],
        "documents": [each.name.in_language(language) for each in entry.documents],
        "captures": entry.captures,
    }
    return Entry(entry.code, plain(parts, reader), "", **shared)


def changes_of(file: PackFile) -> list[Change]:
    """Return the days on which a file's entries begin or end, the latest first."""
    days: dict[date, tuple[list[str], list[str]]] = {}
    for code, since, until in _dated(file):
        days.setdefault(since, ([], []))[0].append(code)
        if until is not None:
            days.setdefault(until, ([], []))[1].append(code)
    return [Change(day, tuple(begins), tuple(ends)) for day, (begins, ends) in sorted(days.items(), reverse=True)]


def _dated(file: PackFile) -> Iterator[tuple[str, date, date | None]]:
    for parameter in file.parameters:
        yield parameter.key, parameter.entry.since, parameter.entry.until
    for item in file["items"]:
        yield item.name, item.entry.since, item.entry.until


def plain(value: object, reader: Reader) -> str:
    """Return a value in one line, in the reader's words for yes, no and not found."""
    if value is None or isinstance(value, bool):
        return reader.say({True: "desk.law.yes", False: "desk.law.no", None: "desk.law.not_found"}[value])
    if hasattr(value, "model_dump"):
        return plain(value.model_dump(exclude_defaults=True), reader)
    if isinstance(value, Mapping):
        return _joined((f"{name}: {plain(part, reader)}" for name, part in value.items()), ", ")
    if isinstance(value, tuple | list):
        return _joined((plain(part, reader) for part in value), "; ")
    return str(value)


def _joined(parts: Iterable[str], by: str) -> str:
    return by.join(parts)
