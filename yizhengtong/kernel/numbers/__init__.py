"""Document numbers: which document a number belongs to, what it says, and whether it can be right.

Only shapes, check digits and dates are judged here. Whether a document exists, is valid and is its bearer's own is
asked of the authority. No number ever enters an error, a warning or the text form of a value: facts hold kinds only.

`parse(kind, text)` when the document is declared (every form does so); `identify(text)` when only the number is there.
"""

from yizhengtong.kernel.numbers.checks import check_digit, hmt_permit_number
from yizhengtong.kernel.numbers.kinds import DocumentKind, DocumentNumber, HmtRegion, Sex
from yizhengtong.kernel.numbers.reading import identify, parse
from yizhengtong.kernel.numbers.shapes import LONGEST, normalised

__all__ = [
    "LONGEST",
    "DocumentKind",
    "DocumentNumber",
    "HmtRegion",
    "Sex",
    "check_digit",
    "hmt_permit_number",
    "identify",
    "normalised",
    "parse",
]
