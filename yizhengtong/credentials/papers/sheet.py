"""What stands on a paper: a title, parts from top to bottom, who signs. Plain values, drawn by paper.typ.

Chinese as the sources have it; beside it a second line where the reader's language is another. Values are never
translated: a name, an address and a number stand as they are kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from yizhengtong.foundation.texts import day_in_words, say

CHINESE = "zh-Hans"


class PaperFormat(StrEnum):
    """What a paper is given as: PDF, or OFD (GB/T 33190)."""

    PDF = "pdf"
    OFD = "ofd"

    @property
    def media_type(self) -> str:
        return f"application/{self}"


_LABELS = "papers.label_"
Part = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tongue:
    """The reader's language, and the region for 内地 and 大陆."""

    language: str = CHINESE
    region: str = ""

    def words(self, code: str, **facts: object) -> str:
        """Return the Chinese words."""
        return say(code, CHINESE, facts, region=self.region)

    def second(self, code: str, **facts: object) -> str:
        """Return the second line: empty for who reads simplified Chinese, and where both would be the same."""
        if self.language == CHINESE:
            return ""
        words = say(code, self.language, facts, region=self.region)
        return "" if words == self.words(code, **facts) else words

    def label(self, name: str) -> dict[str, str]:
        """Return the label of a field in both lines."""
        return {"label": self.words(_LABELS + name), "second": self.second(_LABELS + name)}


@dataclass(frozen=True, slots=True)
class Sheet:
    """One paper. `kind`, `about` and the person say which; everything else is printed."""

    kind: str
    title: str
    parts: Sequence[Part] = field(repr=False)
    dated: date
    office: str
    title_second: str = ""
    number: str = ""
    signed_by: str = ""
    is_signed: bool = False
    footer: Sequence[str] = ()

    def as_values(self) -> dict[str, Any]:
        """Return what the template takes, with neither code nor reference, and of no signature."""
        return {**self.said(), "code": [], "code_words": "", "sealed": "", "sealed_second": ""}

    def said(self) -> dict[str, Any]:
        """Return everything that a paper says: what its reference stands for."""
        return {
            "kind": self.kind,
            "dated": self.dated.isoformat(),
            "title": self.title,
            "title_second": self.title_second,
            "issuer": self.office if self.is_signed else "",
            "number": self.number,
            "parts": list(self.parts),
            "signed_by": self.signed_by,
            "signed_on": day(self.dated) if self.signed_by else "",
            "footer": list(self.footer),
        }


def day(value: date | None) -> str:
    """Return a day as Chinese papers have it; empty for none."""
    return day_in_words(value, CHINESE) if value else ""


def row(tongue: Tongue, **values: str) -> Part:
    """Return fields side by side, by the names of their labels."""
    return {"kind": "row", "pairs": [{**tongue.label(name), "value": value} for name, value in values.items()]}


def plain_row(pairs: Sequence[tuple[str, str]]) -> Part:
    """Return fields side by side whose labels are words already."""
    return {"kind": "row", "pairs": [{"label": label, "second": "", "value": value} for label, value in pairs]}


def choice(words: str, is_ticked: bool, second: str = "") -> dict[str, Any]:
    """Return a box to tick."""
    return {"words": words, "ticked": is_ticked, "second": second}


def choices(tongue: Tongue, name: str, boxes: Sequence[Mapping[str, Any]]) -> Part:
    """Return a field of boxes."""
    return {"kind": "choices", **tongue.label(name), "choices": list(boxes)}


def words(
    label: Mapping[str, str], told: str, *, told_second: str = "", signed: str = "", on: date | None = None
) -> Part:
    """Return a field of running words, signed where `signed` says what stands before the line."""
    return {
        "kind": "words", "label": label["label"], "second": label.get("second", ""), "words": told,
        "words_second": told_second, "signed": signed, "day": day(on),
    }  # fmt: skip


def text(told: str, second: str = "", *, is_indented: bool = True) -> Part:
    """Return a paragraph."""
    return {"kind": "text", "words": told, "second": second, "indented": is_indented}


def line(tongue: Tongue, name: str, value: str) -> dict[str, str]:
    """Return one field of a person's part, by the name of its label."""
    return {**tongue.label(name), "value": value}


def person(lines: Sequence[Mapping[str, str]], portrait: str, portrait_words: str) -> Part:
    """Return fields below one another beside a photograph; `portrait`: JPEG in base64, empty for none."""
    return {"kind": "person", "lines": list(lines), "portrait": portrait, "portrait_words": portrait_words}


def mark(told: str, second: str = "") -> Part:
    """Return words in a frame that nobody overlooks."""
    return {"kind": "mark", "words": told, "second": second}


def heading(told: str) -> Part:
    """Return a heading within the paper."""
    return {"kind": "heading", "words": told}


def item(head: str, lines: Sequence[str], *, second: str = "", source: str = "") -> dict[str, Any]:
    """Return one point of a numbered list."""
    return {"head": head, "lines": list(lines), "second": second, "source": source}


def opinions(label: str, given: Sequence[tuple[str, str, date | None]]) -> Part:
    """Return opinions below one another: the words before each, what it says, its day."""
    return {
        "kind": "opinions",
        "label": label,
        "opinions": [{"label": before, "words": told, "day": day(on)} for before, told, on in given],
    }


def table(tongue: Tongue, widths: Mapping[str, int], rows: Sequence[Sequence[str]]) -> Part:
    """Return a table: its columns by the names of their labels with their share of the width."""
    return {
        "kind": "table",
        "widths": list(widths.values()),
        "headings": [tongue.label(name) for name in widths],
        "rows": [list(cells) for cells in rows],
    }
