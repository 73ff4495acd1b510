"""Well-formed numbers of nobody, for demonstrations and tests.

Each builder is a pure function of its seed: the same seed gives the same number, and seeds below the room of the
shape give different ones. A made-up number may happen to be somebody's: never send one to an authority.
"""

from datetime import date

from yizhengtong.kernel.numbers.checks import number_of_18
from yizhengtong.kernel.numbers.kinds import HmtRegion, Sex

_LETTERS: dict[HmtRegion, str] = {"HK": "H", "MO": "M"}
_STEP = 61_803_399  # without a factor in common with 10 ** n, so that a walk over the seeds meets no number twice
_SEQUENCES_PER_SEX = 500


def hrp(seed: int, region: HmtRegion, *, issue_count: int | None = None) -> str:
    """Return a 回乡证 number of 9 characters, 11 with an issue count (0 to 99). Raises KeyError for TW."""
    count = "" if issue_count is None else f"{issue_count:02d}"
    return f"{_LETTERS[region]}{_digits(seed, 8)}{count}"


def non_chinese_hrp(seed: int, region: HmtRegion) -> str:
    """Return a number of the 回乡证 for residents who are not Chinese citizens. Raises KeyError for TW."""
    return f"{_LETTERS[region]}A{_digits(seed, 7)}"


def mtp_taiwan(seed: int, *, issue_count: int | None = None) -> str:
    """Return a five-year 台胞证 number of 8 digits, 10 with an issue count (0 to 99)."""
    count = "" if issue_count is None else f"{issue_count:02d}"
    return f"{_digits(seed, 8)}{count}"


def one_time_mtp(seed: int) -> str:
    """Return a number in one of the shapes seen on one-journey permits: a letter and 9 digits.

    The first digit is 0, which no identity card of Taiwan has there.
    """
    return f"F0{_digits(seed, 8)}"


def resident_id(seed: int, region_code: str, birth: date, sex: Sex) -> str:
    """Return a number of 18 characters; 500 different ones per place, birth date and sex. `region_code`: six digits."""
    sequence = seed * 7 % _SEQUENCES_PER_SEX * 2 + (1 if sex == "M" else 0)
    return number_of_18(region_code, birth, sequence)


def _digits(seed: int, length: int) -> str:
    return f"{(seed * _STEP + _STEP // 2) % 10**length:0{length}d}"
