"""Taking a list of travel documents into the folder: every line checked, all of it or nothing.

CSV or Excel with the headings of HEADINGS and no others; `latin_name` may be empty.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from yizhengtong.foundation.exchange.registers.files import Manifest
from yizhengtong.foundation.exchange.registers.loading import MOST_TOLD, WrongLine, WrongLines
from yizhengtong.foundation.lists.cells import written
from yizhengtong.foundation.lists.lines import open_list
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.registry.people.queries import TRAVEL_KINDS
from yizhengtong.registry.people.writings import comparable
from yizhengtong.verification.checks.travel.files import Document, write_list

HEADINGS = ("number_kind", "number", "name", "latin_name", "birth_date")


def load_list(folder: Path, path: Path, *, as_of: date, register: str) -> Manifest:
    """Put a list in place of the one before. Raises WrongLines; Invalid for a list that cannot be read or has other
    headings (`registers.heading_missing`, `.heading_not_wanted`); ValueError for a register's code that is none."""
    documents, wrong = list[Document](), list[WrongLine]()
    with open_list(path) as found:
        missing = [heading for heading in HEADINGS if heading not in found.headings]
        if missing:
            raise Invalid("registers.heading_missing", heading=missing[0])
        if len([heading for heading in found.headings if heading]) != len(HEADINGS):
            raise Invalid("registers.heading_not_wanted")
        for line, cells in found.lines:
            read = _read(line, dict(zip(found.headings, map(written, cells), strict=False)))
            if isinstance(read, WrongLine):
                wrong.append(read)
            else:
                documents.append(read)
    if wrong:
        raise WrongLines(len(wrong), wrong[:MOST_TOLD])
    return write_list(folder, documents, as_of=as_of, register=register)


def _read(line: int, cells: Mapping[str, str]) -> Document | WrongLine:
    try:
        kind = DocumentKind(cells.get("number_kind", ""))
        number = parse(kind, cells.get("number", "")).text
    except (Invalid, ValueError):
        return WrongLine(line, "registers.number_wrong")
    if kind not in TRAVEL_KINDS:
        return WrongLine(line, "registers.number_wrong")
    name, latin_name = cells.get("name", "").strip(), cells.get("latin_name", "").strip()
    if not comparable(name) or len(name) > LONGEST_NAME or len(latin_name) > LONGEST_NAME:
        return WrongLine(line, "registers.fact_wrong", "name")
    try:
        return Document(kind, number, name, latin_name, date.fromisoformat(cells.get("birth_date", "").strip()))
    except ValueError:
        return WrongLine(line, "registers.fact_wrong", "birth_date")
