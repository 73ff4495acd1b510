"""What the rows of a file say, and everything that is wrong with them at once, by row and column."""

import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from yizhengtong.foundation.lists.cells import EMPTY, Cell, day_written, is_blank, number_written, written
from yizhengtong.foundation.lists.lines import List, open_list
from yizhengtong.kernel.errors import FieldError, Invalid, Problem
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.verification.bulk.bounds import LARGEST_BYTES, LONGEST_REFERENCE, MOST_ROWS, MOST_TOLD
from yizhengtong.verification.checks.finding import MATCHED

HEADINGS: Mapping[str, Sequence[str]] = {
    "kind": ("证件类型", "證件類型", "kind"),
    "number": ("证件号码", "證件號碼", "number"),
    "name": ("姓名", "name"),
    "birth_date": ("出生日期", "birth_date"),
    "reference": ("自编号", "自編號", "reference"),
}
"""Fields of a row and the headings that name them; the last two may be missing."""
NEEDED = ("kind", "number", "name")
KINDS: Mapping[str, DocumentKind] = {
    "港澳台居民居住证": DocumentKind.HMT_PERMIT,
    "港澳台居民居住證": DocumentKind.HMT_PERMIT,
    "居住证": DocumentKind.HMT_PERMIT,
    "居住證": DocumentKind.HMT_PERMIT,
    "港澳居民来往内地通行证": DocumentKind.HRP,
    "港澳居民來往內地通行證": DocumentKind.HRP,
    "回乡证": DocumentKind.HRP,
    "回鄉證": DocumentKind.HRP,
    "台湾居民来往大陆通行证": DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    "台灣居民來往大陸通行證": DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    "台胞证": DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    "台胞證": DocumentKind.MTP_TAIWAN_FIVE_YEAR,
    **{kind.value: kind for kind in MATCHED},
}
"""What a cell may call a document: its name in either script, or the code of the match by number."""
T = TypeVar("T")
_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs"})


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `line`: its number in the file, from 2 on. `reference`: a word of the sender's own, sent back."""

    line: int
    kind: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    birth_date: date | None = field(default=None, repr=False)
    reference: str = field(default="", repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return the row as it is kept, sealed."""
        return asdict(self) | {"birth_date": self.birth_date.isoformat() if self.birth_date else None}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Row":
        """Return the row that was kept."""
        born = kept["birth_date"]
        return cls(**{**kept, "birth_date": date.fromisoformat(born) if born else None})


def rows_of(content: bytes, *, compared: Sequence[str], on: date) -> list[Row]:
    """Return every row of a file, CSV or Excel. `compared`: the fields that the purpose lets be compared.

    Raises Invalid: `bulk.file_too_large`, `bulk.too_many_rows`, `bulk.no_rows`, `bulk.headings_wrong`, those of
    `open_list`, and `bulk.rows_wrong` with each wrong cell as `rows.LINE.COLUMN`.
    """
    if len(content) > LARGEST_BYTES:
        raise Invalid("bulk.file_too_large", most_bytes=LARGEST_BYTES)
    with tempfile.NamedTemporaryFile(prefix="bulk-") as file:  # gone afterwards: nothing is kept but the rows, sealed
        file.write(content)
        file.flush()
        with open_list(Path(file.name)) as opened:
            rows, wrong = _read_all(opened, compared, on)
    if wrong:
        raise Invalid("bulk.rows_wrong", errors=wrong[:MOST_TOLD], wrong=len(wrong))
    if not rows:
        raise Invalid("bulk.no_rows")
    return rows


def _read_all(opened: List, compared: Sequence[str], on: date) -> tuple[list[Row], list[FieldError]]:
    columns = _columns(opened.headings, compared)
    rows: list[Row] = []
    wrong: list[FieldError] = []
    for count, (line, cells) in enumerate(opened.lines):
        if count == MOST_ROWS:
            raise Invalid("bulk.too_many_rows", most=MOST_ROWS)
        row = _read(line, {name: cells[at] for name, at in columns.items() if at < len(cells)}, on)
        rows += [row] if isinstance(row, Row) else []
        wrong += [] if isinstance(row, Row) else row
    return rows, wrong


def _columns(headings: Sequence[str], compared: Sequence[str]) -> Mapping[str, int]:
    """Return where each field stands. A column that nobody knows or may compare is refused: it would be data sent for
    nothing."""
    known = {_folded(word): name for name, words in HEADINGS.items() for word in words}
    found = [known.get(_folded(heading), "") for heading in headings]
    wrong = [FieldError(name, "bulk.column_missing") for name in NEEDED if name not in found]
    for at, name in enumerate(found):
        if not name and headings[at]:
            wrong.append(FieldError(f"column_{at + 1}", "bulk.column_unknown"))
        elif name == "birth_date" and name not in compared:
            wrong.append(FieldError(name, "bulk.column_not_for_purpose"))
        elif name and found.index(name) != at:
            wrong.append(FieldError(name, "bulk.column_twice"))
    if wrong:
        raise Invalid("bulk.headings_wrong", errors=wrong)
    return {name: at for at, name in enumerate(found) if name}


def _read(line: int, cells: Mapping[str, Cell], on: date) -> Row | list[FieldError]:
    """Return what a row says, or all that is wrong with it."""
    wrong: dict[str, str] = {name: "bulk.cell_missing" for name in NEEDED if is_blank(cells.get(name, EMPTY))}
    kind = KINDS.get(written(cells.get("kind", EMPTY)))
    if kind is None:
        wrong.setdefault("kind", "bulk.kind_unknown")
    number = _told(wrong, "number", lambda: _number(cells.get("number", EMPTY), kind, on))
    born = _told(wrong, "birth_date", lambda: _birth(cells.get("birth_date", EMPTY), on))
    texts = {name: written(cells.get(name, EMPTY)) for name in ("name", "reference")}
    for name, longest in (("name", LONGEST_NAME), ("reference", LONGEST_REFERENCE)):
        if len(texts[name]) > longest:
            wrong.setdefault(name, "bulk.cell_too_long")
        if any(unicodedata.category(letter) in _UNPRINTABLE for letter in texts[name]):
            wrong.setdefault(name, "bulk.cell_unprintable")
    if wrong or kind is None:
        return [FieldError(f"rows.{line}.{name}", code) for name, code in wrong.items()]
    return Row(line, kind.value, number or "", texts["name"], born, texts["reference"])


def _told(wrong: dict[str, str], name: str, read: Callable[[], T]) -> T | None:
    """Return what is read, or note why it is not."""
    try:
        return read()
    except Problem as problem:
        wrong.setdefault(name, problem.code)
        return None


def _number(cell: Cell, kind: DocumentKind | None, on: date) -> str:
    text = number_written(cell)
    return text if kind is None or not text else parse(kind, text, as_of=on).text


def _birth(cell: Cell, on: date) -> date | None:
    if is_blank(cell):
        return None
    born = day_written(cell)
    if born > on:
        raise Invalid("bulk.born_later")
    return born


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
