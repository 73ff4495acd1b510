"""What one cell of a list says: text, a number, a day. Widths, apostrophes and spaces aside, nothing is repaired.

A spreadsheet keeps 15 digits of a number. A document number of 18 that was stored as a number has lost its last three
for good: it is refused, since filling them in would make up somebody's number.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from yizhengtong.kernel.errors import Invalid

EXACT_DIGITS = 15
_APOSTROPHES = "'\u2018\u2019\uff07`"
_AS_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,3}")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_DAY_BEFORE_YEAR = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{2}[-/.]\d{1,2}[-/.]\d{1,2}")
_CHINESE_DAY = re.compile(
    "([〇零○一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)
_CHINESE_DIGITS = {letter: value for value, letter in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}
WITHOUT_END = frozenset({"长期", "長期", "永久", "长期有效", "無期限", "无期限"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as its file holds it: text, or a number or a day where a spreadsheet says so."""

    text: str = ""
    number: int | float | None = None
    day: date | None = None


EMPTY = Cell()


def cell_of(value: object) -> Cell:
    """Return the cell of a value that a spreadsheet gave. Truth values and errors are their text."""
    if value is None:
        return EMPTY
    if isinstance(value, datetime):
        return Cell(day=value.date()) if value.time() == datetime.min.time() else Cell(text=value.isoformat(" "))
    if isinstance(value, date):
        return Cell(day=value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Cell(number=value)
    return Cell(text=str(value))


def written(cell: Cell) -> str:
    """Return a cell's text without the apostrophe, the formula or the spaces around it, for names and addresses."""
    if cell.day is not None:
        return cell.day.isoformat()
    if cell.number is not None:
        whole = isinstance(cell.number, int) or cell.number.is_integer()
        return str(int(cell.number)) if whole and abs(cell.number) < 10**EXACT_DIGITS else repr(cell.number)
    text = cell.text.strip()
    formula = _AS_FORMULA.fullmatch(text)
    text = formula[1] if formula else text
    return (text[1:] if text[:1] and text[0] in _APOSTROPHES else text).strip()


def is_blank(cell: Cell) -> bool:
    return not written(cell)


def number_written(cell: Cell) -> str:
    """Return a document number's text, half-width. Raises Invalid `importing.digits_lost`."""
    if cell.number is not None and abs(cell.number) >= 10**EXACT_DIGITS:
        raise Invalid("importing.digits_lost")
    text = unicodedata.normalize("NFKC", written(cell))
    if _SCIENTIFIC.fullmatch(text):
        raise Invalid("importing.digits_lost")
    return text


def day_written(cell: Cell, *, may_be_without_end: bool = False) -> date:
    """Return a day: year first, in figures or Chinese figures, of any width.

    Raises Invalid `importing.day_ambiguous`, `importing.day_stored_as_number` or `importing.day_unreadable`.
    """
    if cell.day is not None:
        return cell.day
    text = "".join(unicodedata.normalize("NFKC", written(cell)).split("\u3000"))
    if may_be_without_end and text in WITHOUT_END:
        return date.max
    match = _DAY.fullmatch(text) or _EIGHT_DIGITS.fullmatch(text)
    if match:
        return _day(*(int(part) for part in match.groups()))
    chinese = _CHINESE_DAY.fullmatch(text)
    if chinese:
        return _day(_year(chinese[1]), _below_hundred(chinese[2]), _below_hundred(chinese[3]))
    if _DAY_BEFORE_YEAR.fullmatch(text):
        raise Invalid("importing.day_ambiguous")
    raise Invalid("importing.day_stored_as_number" if cell.number is not None else "importing.day_unreadable")


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Invalid("importing.day_unreadable") from None


def _year(letters: str) -> int:
    return int("".join(str(_CHINESE_DIGITS[letter]) for letter in letters))


def _below_hundred(letters: str) -> int:
    """Return 三, 十, 十二, 二十, 二十三 as figures; what is none of these becomes 0, which no calendar has."""
    tens, ten, ones = letters.rpartition("十")
    if not ten:
        return _CHINESE_DIGITS.get(ones, 0)
    return 10 * _CHINESE_DIGITS.get(tens or "一", 0) + (_CHINESE_DIGITS.get(ones, 0) if ones else 0)
