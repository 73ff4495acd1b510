"""How a number is written: the normal form, and which shapes belong to which document.

No pattern repeats without a bound, and texts beyond LONGEST are refused before any pattern sees them, so the time to
read one is bounded.
"""

import re

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers.kinds import DocumentKind

LONGEST = 64
"""A longer text is no document number, whatever it holds."""

_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d"
_FULL_WIDTH = {code: chr(code - 0xFEE0).upper() for code in range(0xFF01, 0xFF5F)}
_NORMAL = (
    _FULL_WIDTH
    | {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
    | dict.fromkeys(map(ord, _SPACES + _INVISIBLE + _HYPHENS))
)

_RESIDENT_ID = r"(?!8[123]0000)[1-8]\d{16}[\dX]"
_MTP_TAIWAN = r"(?P<core>\d{8})(?:(?P<count>\d{2})(?P<issuer>[A-Z]|\([A-Z\d]\))?)?"
_LETTER_AND_7 = r"[A-Z]\d{7}"
_LETTER_AND_9 = r"[A-Z]\d{9}"


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.ASCII)


TOLD_BY_SHAPE = {
    DocumentKind.HMT_PERMIT: _pattern(r"8[123]0000\d{11}[\dX]"),
    DocumentKind.FOREIGN_PR_2023: _pattern(r"9\d{16}[\dX]"),
    DocumentKind.RESIDENT_ID: _pattern(_RESIDENT_ID),
    DocumentKind.HRP: _pattern(r"(?P<core>[HM]\d{8})(?P<count>\d{2})?"),
    DocumentKind.HRP_NON_CHINESE: _pattern(r"[HM]A\d{7}"),
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: _pattern(_MTP_TAIWAN),
    DocumentKind.FOREIGN_PR_OLD: _pattern(r"[A-Z]{3}\d{12}"),
}
"""The shapes that tell their document: no text has two of them.

Permits for Taiwan residents: 8 digits since 2008-09-25; from 1992-05 the same 8 digits, 2 digits of issue count and the
issuing body's letter or digit in brackets; in Fujian, Jiangsu and Shanghai from 2006-06 without it (China News Service,
2008-09-11, on the exit-entry administration's change of numbers; said of permits of five years).
"""

SHARED = _pattern(_LETTER_AND_7, _LETTER_AND_9)
"""Shapes reported for old or one-journey permits of Taiwan residents, and those of local identity cards as well."""

DECLARED = TOLD_BY_SHAPE | {
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: _pattern(_MTP_TAIWAN, _LETTER_AND_7),
    DocumentKind.MTP_TAIWAN_ONE_TIME: _pattern(_MTP_TAIWAN, _LETTER_AND_7, _LETTER_AND_9),
    DocumentKind.ZHEJIANG_PERMIT: _pattern(_RESIDENT_ID),
}
"""The shapes accepted for a document that was declared.

One-journey permits: no published format was found. Every shape seen anywhere is accepted, always with a warning.
"""


def normalised(text: str) -> str:
    """Return the text in half-width capitals without spaces and hyphens. Raises Invalid when it is beyond LONGEST.

    Characters that have no place in a number stay, so that it is refused, never repaired.
    """
    if len(text) > LONGEST:
        raise Invalid("numbers.wrong_shape")
    return text.translate(_NORMAL)


def kind_by_shape(written: str) -> DocumentKind | None:
    """Return the document whose shape a normal text has, or None."""
    return next((kind for kind, pattern in TOLD_BY_SHAPE.items() if pattern.fullmatch(written)), None)
