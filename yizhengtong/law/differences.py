"""What differs between two editions, or between two days of one: values, conditions, papers, each with its article."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from yizhengtong.law.law import Law
from yizhengtong.law.packfile import PackFile
from yizhengtong.law.parameter import Parameter, ServiceItem
from yizhengtong.law.reading import Library


@dataclass(frozen=True, slots=True)
class Difference:
    """A key or item that differs. `before`, `after`: None where it is not set. `what`: parameter or item."""

    what: str
    code: str
    before: Parameter | ServiceItem | None
    after: Parameter | ServiceItem | None


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of the packs that differs between two editions, and the days on which its own entries begin or end."""

    path: str
    before: PackFile | None
    after: PackFile | None


def differences(before: Law | None, after: Law | None) -> list[Difference]:
    """Return what differs between two laws, parameters first; a law that does not hold sets nothing."""
    found = list(_between("parameter", _parameters(before), _parameters(after)))
    found += _between("item", before.items if before else {}, after.items if after else {})
    return found


def _parameters(law: Law | None) -> Mapping[str, Parameter]:
    return law.parameters if law else {}


def _between(
    what: str, before: Mapping[str, Parameter] | Mapping[str, ServiceItem], after: Mapping[str, object]
) -> Iterator[Difference]:
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code), after.get(code)
        if _compared(old) != _compared(new):
            yield Difference(what, code, old, new)  # type: ignore[arg-type]


def _compared(entry: object) -> object:
    """Return what of an entry counts: not the line it stands on, nor the file."""
    if isinstance(entry, Parameter):
        return entry.value, entry.unit, entry.source, entry.certainty, entry.since, entry.until
    if isinstance(entry, ServiceItem):
        return (
            entry.name, entry.permit_kind, entry.outcome, entry.grounds, entry.form, entry.fee, entry.conditions,
            entry.documents, entry.captures, entry.steps, entry.source, entry.since, entry.until, entry.limit,
        )  # fmt: skip
    return entry


def changed_files(before: Library, after: Library) -> list[ChangedFile]:
    """Return the files that differ, in the order of their paths."""
    paths = sorted(before.files.keys() | after.files.keys())
    pairs = ((path, before.files.get(path), after.files.get(path)) for path in paths)
    return [
        ChangedFile(path, old, new)
        for path, old, new in pairs
        if (old.sha256 if old else None) != (new.sha256 if new else None)
    ]


def places_of(files: list[ChangedFile]) -> list[tuple[str, str]]:
    """Return region and subject of each changed file once; of a calendar or a register its region with no subject."""
    headers = [(file.after or file.before).header for file in files if file.after or file.before]  # type: ignore[union-attr]
    return sorted({(header.region, header.subject) for header in headers})


def days_of(file: PackFile) -> list[date]:
    """Return the days on which something in a file begins or ceases to hold, in order."""
    entries = [each.entry for each in file.parameters] + [each.entry for each in file["items"]]
    return sorted({entry.since for entry in entries} | {entry.until for entry in entries if entry.until is not None})


def new_days(files: list[ChangedFile]) -> list[date]:
    """Return the days that only the later texts know: from when a draft makes a difference."""
    found: set[date] = set()
    for file in files:
        known = set(days_of(file.before)) if file.before else set()
        found |= set(days_of(file.after) if file.after else ()) - known
    return sorted(found)
