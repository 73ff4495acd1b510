"""One run over a list of conversions: every line read, looked at, told, and written where it is to be applied.

Cut off anywhere it is begun again with the same list and goes on where it was.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from pathlib import Path

from django.db import IntegrityError

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.lists.lines import Line, hash_of, open_list
from yizhengtong.foundation.lists.telling import Reader, Told
from yizhengtong.foundation.scope import request_scope
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.converting.rows import ListedRow, Wrong, columns_of, read_row
from yizhengtong.permitting.casework.converting.services import (
    Converted,
    begin_list,
    convert_part,
    ensure_may_convert,
    finish_list,
    law_of_conversions,
    rehearse_part,
)
from yizhengtong.permitting.casework.models import ConversionList

LINES_AT_ONCE = 100
_TRIES = 5


@dataclass(slots=True)
class Summary:
    """How many lines ended how."""

    is_applied: bool
    lines: int = 0
    outcomes: Counter[str] = dataclass_field(default_factory=Counter)
    codes: Counter[str] = dataclass_field(default_factory=Counter)
    resumed_after: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be converted, by whom, for which office, and whether to write at all."""

    path: Path
    office: Office
    by: Principal
    on: date
    is_applied: bool = False


def run(request: Request, reader: Reader) -> Summary:
    """Run over a whole list.

    Raises Invalid for a list that cannot be read, Forbidden, NotFound for another's office.
    """
    ensure_may_convert(request.office, request.by)
    law = law_of_conversions(request.office, request.on)
    summary = Summary(request.is_applied)
    with open_list(request.path) as opened:
        columns = columns_of(opened.headings)
        batch = _begin(request, summary)
        lines = (line for line in opened.lines if line[0] > summary.resumed_after)
        for part in _parts(lines):
            with request_scope():
                _do(part, columns, law, request, batch, summary, reader)
            reader.progress(part[-1][0])
        if batch is not None:
            finish_list(run=batch, by=request.by)
    return summary


def _begin(request: Request, summary: Summary) -> ConversionList | None:
    if not request.is_applied:
        record_act("casework.rehearse_list", by=request.by, on=("office", request.office.pk), person_id=None)
        return None
    batch = begin_list(office=request.office, list_hash=hash_of(request.path), by=request.by)
    summary.resumed_after = batch.position
    return batch


def _do(
    part: Sequence[Line],
    columns: Sequence[str],
    law: Law,
    request: Request,
    batch: ConversionList | None,
    summary: Summary,
    reader: Reader,
) -> None:
    read = {line: read_row(columns, cells, law, request.on) for line, cells in part}
    rows = [(line, row) for line, row in read.items() if isinstance(row, ListedRow)]
    done = _convert(request, batch, rows, part[-1][0])
    wrong = {line: row for line, row in read.items() if not isinstance(row, ListedRow)} | done.wrong
    for line in read:
        outcome, told = _ending(line, done, wrong)
        summary.lines += 1
        summary.outcomes[outcome] += 1
        for each in told or [Wrong("", "")]:
            summary.codes[each.code] += bool(each.code)
            reader.tell(Told(line, outcome, each.field, each.code))


def _ending(line: int, done: Converted, wrong: dict[int, list[Wrong]]) -> tuple[str, list[Wrong]]:
    if line in wrong:
        return "refused", wrong[line]
    if line in done.to_officer:
        return "to_officer", [Wrong("", code) for code in done.to_officer[line]]
    return ("known", [Wrong("", "casework.row_known")]) if line in done.known else ("converted", [])


def _convert(
    request: Request, batch: ConversionList | None, rows: list[tuple[int, ListedRow]], last_line: int
) -> Converted:
    """Do a part; again where somebody else opened a case for one of its persons between looking and writing."""
    if batch is None:
        return rehearse_part(rows, office=request.office, on=request.on)
    for _ in range(_TRIES - 1):
        try:
            return convert_part(run=batch, rows=rows, last_line=last_line, on=request.on, by=request.by)
        except IntegrityError:
            continue
    return convert_part(run=batch, rows=rows, last_line=last_line, on=request.on, by=request.by)


def _parts(lines: Iterator[Line]) -> Iterator[list[Line]]:
    part: list[Line] = []
    for line in lines:
        part.append(line)
        if len(part) == LINES_AT_ONCE:
            yield part
            part = []
    if part:
        yield part
