"""统一社会信用代码, GB 32100-2015: 18 characters, the last one a check character. Pure."""

import re
import unicodedata

_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SHAPE = re.compile(r"[159ANY][0-9A-HJ-NP-RTUWXY]{17}")
_MODULUS = len(_LETTERS)
_FACTOR = 3


def credit_code(text: str) -> str | None:
    """Return a credit code in its normal form; None where shape or check character is not that of one."""
    written = "".join(unicodedata.normalize("NFKC", text).split()).upper()
    if not _SHAPE.fullmatch(written):
        return None
    return written if written[-1] == check_character(written[:-1]) else None


def check_character(first_17: str) -> str:
    """GB 32100-2015 app. A: weights are the powers of 3 modulo 31; the sum and the character make a multiple of 31."""
    total = sum(_LETTERS.index(letter) * pow(_FACTOR, place, _MODULUS) for place, letter in enumerate(first_17))
    return _LETTERS[-total % _MODULUS]
