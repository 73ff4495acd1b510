"""The check character of numbers of 18 characters: GB 11643-1999, ISO 7064 MOD 11-2."""

from datetime import date

from yizhengtong.kernel.numbers.kinds import HmtRegion

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHARACTERS = "10X98765432"
_DIGITS = frozenset("0123456789")

HMT_PREFIXES: dict[HmtRegion, str] = {"HK": "810000", "MO": "820000", "TW": "830000"}
"""国办发〔2018〕81号 art. 3. Taiwan is 83, not the 71 of GB/T 2260."""


def check_digit(seventeen: str) -> str:
    """Return the 18th character for 17 digits: 0 to 9 or X. Raises ValueError when they are not 17 digits."""
    if len(seventeen) != len(_WEIGHTS) or not _DIGITS.issuperset(seventeen):
        raise ValueError("a check digit is computed over 17 digits")
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _WEIGHTS, strict=True))
    return _CHARACTERS[total % 11]


def hmt_permit_number(region: HmtRegion, birth_date: date, sequence: int) -> str:
    """Return the permit number of 18 characters. `sequence` 0 to 999, odd for men, even for women.

    Raises ValueError when the sequence has more than three digits.
    """
    return number_of_18(HMT_PREFIXES[region], birth_date, sequence)


def number_of_18(prefix: str, birth_date: date, sequence: int) -> str:
    """Return the six digits of `prefix`, the birth date, the sequence of three digits and the check character."""
    seventeen = f"{prefix}{birth_date:%Y%m%d}{sequence:03d}"
    return seventeen + check_digit(seventeen)
