"""One run over a list: every line read and compared, told in the report, and written where it is to be applied.

A run that is cut off anywhere is begun again with the same list and goes on where it was: a part of a list and the
note how far it is done are one transaction.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.lists.cells import Cell
from yizhengtong.foundation.lists.lines import Line, List, hash_of, open_list
from yizhengtong.foundation.lists.telling import Reader, Told
from yizhengtong.foundation.scope import request_scope
from yizhengtong.permitting.importing.checking import against_the_law
from yizhengtong.permitting.importing.duplicates import Keys, Known, index_birth_dates, known_like, strongest
from yizhengtong.permitting.importing.mapping import Columns, Field
from yizhengtong.permitting.importing.models import Batch, Reason, Row
from yizhengtong.permitting.importing.records import Record, Trouble, read_record
from yizhengtong.permitting.importing.services import Imported, Part, begin_batch, finish_batch, import_part
from yizhengtong.permitting.importing.writing import row_index

LINES_AT_ONCE = 500
_TRIES = 5
_MOST_KNOWN_LINES = 5


@dataclass(slots=True)
class Summary:
    """How many lines ended how, and how often each code was told."""

    is_applied: bool
    lines: int = 0
    outcomes: Counter[str] = dataclass_field(default_factory=Counter)
    codes: Counter[str] = dataclass_field(default_factory=Counter)
    unused_columns: Sequence[str] = ()
    resumed_after: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be imported, by whom, for which office, and whether to write at all."""

    path: Path
    columns: Columns
    office: Office
    by: Principal
    on: date
    is_applied: bool = False


def run(request: Request, reader: Reader) -> Summary:
    """Read a whole list. Raises Invalid for a list that cannot be read, Forbidden, NotFound for another's office."""
    ensure_officer_of(request.office.path, request.by)
    ensure_role(request.by, Role.REGISTRAR)
    summary = Summary(request.is_applied)
    telling = _Telling(reader, summary)
    with open_list(request.path) as opened, request_scope():
        fields = request.columns.fields(opened.headings)
        summary.unused_columns = _unused(opened, fields)
        index_birth_dates()
        if request.is_applied:
            _apply(request, opened, fields, telling)
        else:
            _rehearse(request, opened, fields, telling)
    return summary


class _Telling:
    """Counts what it passes on."""

    def __init__(self, reader: Reader, summary: Summary) -> None:
        self._reader, self.summary = reader, summary

    def __call__(self, line: int, outcome: str, trouble: Trouble | None = None) -> None:
        if trouble is None:
            self._reader.tell(Told(line, outcome))
            return
        self.summary.codes[trouble.code] += 1
        self._reader.tell(Told(line, outcome, trouble.field, trouble.code, trouble.facts))

    def close(self, line: int, outcome: str, troubles: Sequence[Trouble]) -> None:
        """Tell a line to its end: how it ended, or all that there is to say of it."""
        self.summary.lines += 1
        self.summary.outcomes[outcome] += 1
        for trouble in troubles or (None,):
            self(line, outcome, trouble)

    def progress(self, line: int) -> None:
        self._reader.progress(line)


_Read = tuple[int, Record | None, list[Trouble]]


def _apply(request: Request, opened: List, fields: Sequence[Field | None], telling: _Telling) -> None:
    batch = begin_batch(
        office=request.office,
        list_hash=sha256(f"{hash_of(request.path)} {request.columns.hash}".encode()).hexdigest(),
        name_hash=sha256(request.path.name.encode()).hexdigest(),
        by=request.by,
    )
    telling.summary.resumed_after = batch.position
    lines = (line for line in opened.lines if line[0] > batch.position)
    for part in _parts(lines):
        read = _read_all(part, fields, request)
        outcome = _import(request, batch, read, part[-1][0])
        for line, record, troubles in read:
            _close(telling, line, record, troubles, outcome)
        telling.progress(part[-1][0])
    finish_batch(batch=batch, by=request.by)


def _import(request: Request, batch: Batch, read: Sequence[_Read], last_line: int) -> Imported:
    """Import a part; again where somebody it holds was registered by another between looking and writing."""
    records = [(line, record) for line, record, _ in read if record is not None]
    for _ in range(_TRIES - 1):
        try:
            return import_part(batch=batch, part=Part(records, last_line), on=request.on, by=request.by)
        except IntegrityError:
            continue
    return import_part(batch=batch, part=Part(records, last_line), on=request.on, by=request.by)


def _close(telling: _Telling, line: int, record: Record | None, troubles: list[Trouble], outcome: Imported) -> None:
    if record is None:
        telling.close(line, "refused", troubles)
    elif line in outcome.waiting:
        like = Trouble("name", f"importing.like_{outcome.waiting[line]}", is_warning=True)
        telling.close(line, "waiting", [*troubles, like])
    else:
        telling.close(line, "imported" if line in outcome.imported else "known", troubles)


def _rehearse(request: Request, opened: List, fields: Sequence[Field | None], telling: _Telling) -> None:
    """Say what an import would do: the same reading and comparing, and nothing written but that it was looked at."""
    record_act("importing.dry_run", by=request.by, on=("office", request.office.pk), person_id=None)
    before: Known[int] = Known()
    indexes: dict[bytes, int] = {}
    for part in _parts(opened.lines):
        read = _read_all(part, fields, request)
        records = {line: record for line, record, _ in read if record is not None}
        keys = {line: Keys.of(record) for line, record in records.items()}
        known = known_like(list(keys.values()))
        rows = {line: row_index(record) for line, record in records.items()}
        done = Row.objects.filter(row_index__in=list(rows.values())).values_list("row_index", flat=True)
        indexes |= {bytes(index): 0 for index in done}
        for line, record, troubles in read:
            if record is None:
                telling.close(line, "refused", troubles)
            elif rows[line] in indexes:
                telling.close(line, "known", troubles)
            else:
                indexes[rows[line]] = line
                like = _like(known.like(keys[line]), before.like(keys[line]))
                telling.close(line, "waiting" if like else "ready", [*troubles, *like])
                if not like:
                    before.add(keys[line], line)
        telling.progress(part[-1][0])


def _like(persons: Mapping[UUID, Reason], lines: Mapping[int, Reason]) -> list[Trouble]:
    """Return what a line is like: somebody of the registry, or lines before it in the list."""
    found = []
    if persons:
        found.append(Trouble("name", f"importing.like_{strongest(persons)}", is_warning=True))
    if lines:
        facts = {"lines": ", ".join(map(str, sorted(lines)[:_MOST_KNOWN_LINES]))}
        found.append(Trouble("name", f"importing.line_{strongest(lines)}", is_warning=True, facts=facts))
    return found


def _read_all(part: Sequence[Line], fields: Sequence[Field | None], request: Request) -> list[_Read]:
    return [_read_line(line, cells, fields, request) for line, cells in part]


def _read_line(line: int, cells: Sequence[Cell], fields: Sequence[Field | None], request: Request) -> _Read:
    if any(cell.text.strip() or cell.number is not None or cell.day for cell in cells[len(fields) :]):
        return line, None, [Trouble("", "importing.more_cells_than_headings")]
    named = {name: cell for name, cell in zip(fields, cells, strict=False) if name is not None}
    record, troubles = read_record(named, request.columns, area=request.office.region, today=request.on)
    if record is not None:
        troubles += against_the_law(record)
    return line, record, troubles


def _parts(lines: Iterator[Line]) -> Iterator[list[Line]]:
    part: list[Line] = []
    for line in lines:
        part.append(line)
        if len(part) == LINES_AT_ONCE:
            yield part
            part = []
    if part:
        yield part


def _unused(opened: List, fields: Sequence[Field | None]) -> list[str]:
    pairs = zip(opened.headings, fields, strict=True)
    return [heading for heading, name in pairs if name is None and heading]
