"""Lists of reports: CSV or the first sheet of a workbook, row by row; what is wrong with a row is said of that row."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.lists.cells import EMPTY, Cell, day_written, is_blank, number_written, written
from yizhengtong.foundation.lists.lines import open_list
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.registry.residence.models import Reporter
from yizhengtong.registry.residence.reporting import MOST_ROWS, Said, Taken, report_stays, wrong_fields

HEADINGS: Mapping[str, Sequence[str]] = {
    "about": ("事项", "about"),
    "name": ("姓名", "name"),
    "number": ("公民身份号码", "身份证号", "身份证号码", "number"),
    "region": ("区划代码", "县（市、区）代码", "region"),
    "address": ("居住地址", "地址", "address"),
    "happened_on": ("日期", "发生日期", "happened_on"),
    "known_on": ("知悉日期", "known_on"),
}
"""Fields of a row and the headings that name them; the last one may be missing."""

_ABOUT = {
    "入住": "start",
    "起租": "start",
    "录用": "start",
    "离开": "end",
    "退租": "end",
    "离职": "end",
    "变更": "change",
}
_NEEDED = tuple(name for name in HEADINGS if name != "known_on")


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a line: taken, or the errors of its fields. `line` is its number in the file."""

    line: int
    taken: Taken | None
    errors: tuple[FieldError, ...] = ()


@use_case
def report_list(*, reporter: Reporter, content: bytes, on: date, by: Principal) -> list[Row]:
    """Take every right row of a list and say what is wrong with each other one. The same list again changes nothing.

    Raises Invalid `importing.list_*`, `residence.headings_missing`, `residence.too_many_rows`.
    """
    read = _rows_of(content)
    judged = [(line, said, [*errors, *(wrong_fields(said, on) if said else ())]) for line, said, errors in read]
    right = [said for _, said, errors in judged if said is not None and not errors]
    taken = iter(report_stays(reporter=reporter, rows=right, on=on, by=by))
    return [Row(line, None, tuple(errors)) if errors else Row(line, next(taken)) for line, _, errors in judged]


def _rows_of(content: bytes) -> list[tuple[int, Said | None, list[FieldError]]]:
    """Read the list from a file that is gone afterwards: nothing of it is kept but its rows."""
    with tempfile.NamedTemporaryFile(prefix="reports-") as file:
        file.write(content)
        file.flush()
        with open_list(Path(file.name)) as opened:
            columns = _columns(opened.headings)
            rows: list[tuple[int, Said | None, list[FieldError]]] = []
            for line, cells in opened.lines:
                if len(rows) == MOST_ROWS:
                    raise Invalid("residence.too_many_rows", most=MOST_ROWS)
                rows.append((line, *_read(columns, cells)))
    return rows


def _columns(headings: Sequence[str]) -> Mapping[str, int]:
    found = {name: at for name, known in HEADINGS.items() for at, said in enumerate(headings) if said in known}
    missing = [HEADINGS[name][0] for name in _NEEDED if name not in found]
    if missing:
        raise Invalid("residence.headings_missing", headings="、".join(missing))
    return found


def _read(columns: Mapping[str, int], cells: Sequence[Cell]) -> tuple[Said | None, list[FieldError]]:
    def cell(name: str) -> Cell:
        at = columns.get(name)
        return cells[at] if at is not None and at < len(cells) else EMPTY

    errors: list[FieldError] = []
    texts = {"number": ""}
    try:
        texts["number"] = number_written(cell("number"))
    except Invalid as refused:
        errors.append(FieldError("number", refused.code))
    days = {name: _day(name, cell(name), errors) for name in ("happened_on", "known_on")}
    if errors or days["happened_on"] is None:
        return None, errors or [FieldError("happened_on", "residence.day_missing")]
    about = written(cell("about"))
    said = Said(about=_ABOUT.get(about, about), name=written(cell("name")), number=texts["number"],
                region=written(cell("region")), address=written(cell("address")),
                happened_on=days["happened_on"])  # fmt: skip
    return replace(said, known_on=days["known_on"]), []


def _day(name: str, cell: Cell, errors: list[FieldError]) -> date | None:
    if is_blank(cell):
        return None
    try:
        return day_written(cell)
    except Invalid as refused:
        errors.append(FieldError(name, refused.code))
        return None
