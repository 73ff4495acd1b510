"""Taking a list that an authority hands over into the folder: every line checked, all of it or nothing.

CSV in UTF-8, GB18030 or UTF-16, or Excel, with headings `number`, perhaps `number_kind`, and the facts of the kind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from yizhengtong.foundation.exchange.registers import forms
from yizhengtong.foundation.exchange.registers.contract import Fact, Kind, Number, names_of
from yizhengtong.foundation.exchange.registers.files import Manifest, write_register
from yizhengtong.foundation.lists.cells import written
from yizhengtong.foundation.lists.lines import open_list
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, parse

NUMBER, NUMBER_KIND = "number", "number_kind"
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class WrongLine:
    """A line that is not taken: where, why, and which fact. It holds nothing of the line."""

    line: int
    code: str
    fact: str = ""


class WrongLines(Exception):
    """A list with wrong lines: nothing of it was taken. At most MOST_TOLD are told; `count` is of all."""

    def __init__(self, count: int, lines: Sequence[WrongLine]) -> None:
        super().__init__("a list has wrong lines")
        self.count, self.lines = count, tuple(lines)


def load_register(folder: Path, kind: Kind, path: Path, *, as_of: date, register: str) -> Manifest:
    """Put a list in place of the register before. Raises WrongLines; Invalid for a list that cannot be read or lacks
    a heading (`registers.heading_missing`); ValueError for a register's code that is none."""
    with open_list(path) as found:
        headings = list(found.headings)
        _check_headings(kind, headings)
        rows, wrong = list[tuple[Number, Fact]](), list[WrongLine]()
        for line, cells in found.lines:
            row = _read(kind, line, dict(zip(headings, map(written, cells), strict=False)))
            if isinstance(row, WrongLine):
                wrong.append(row)
            else:
                rows.append(row)
    if wrong:
        raise WrongLines(len(wrong), wrong[:MOST_TOLD])
    return write_register(folder, kind, rows, as_of=as_of, register=register)


def _check_headings(kind: Kind, headings: Sequence[str]) -> None:
    """A name or a telephone has no place here, not even unread."""
    wanted = (NUMBER, *names_of(kind))
    missing = [heading for heading in wanted if heading not in headings]
    if missing:
        raise Invalid("registers.heading_missing", heading=missing[0])
    if {heading for heading in headings if heading} - {*wanted, NUMBER_KIND} or len(set(headings)) != len(headings):
        raise Invalid("registers.heading_not_wanted")


def _read(kind: Kind, line: int, cells: Mapping[str, str]) -> tuple[Number, Fact] | WrongLine:
    try:
        number_kind = DocumentKind(cells.get(NUMBER_KIND) or DocumentKind.RESIDENT_ID)
        number = Number(number_kind, parse(number_kind, cells.get(NUMBER, "")).text)
        return number, forms.read_cells(kind, cells)
    except forms.Wrong as wrong:
        return WrongLine(line, "registers.fact_wrong", wrong.fact)
    except (Invalid, ValueError):
        return WrongLine(line, "registers.number_wrong")
