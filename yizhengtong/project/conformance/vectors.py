"""What a form is asked: numbers and names of nobody, each with what a form must do and why. Pure: no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from yizhengtong.kernel.numbers import DocumentKind, HmtRegion, check_digit, hmt_permit_number
from yizhengtong.kernel.numbers.synthetic import hrp, mtp_taiwan, non_chinese_hrp

_PERMIT = DocumentKind.HMT_PERMIT
_BORN = date(1992, 1, 30)
_NAME = "王小明"
_PLACES: dict[HmtRegion, str] = {"HK": "Hong Kong", "MO": "Macao", "TW": "Taiwan"}
_REGIONS = tuple(_PLACES)
_SAMPLES = (("830000199201300022", date(1992, 1, 30)), ("810000199408230021", date(1994, 8, 23)))
"""Printed on the samples of permits in public notices."""
_NAMES = {
    "traditional": ("陳葉樂華", "names stand in traditional characters, and have more than three"),
    "two_surnames": ("歐陽范姜明珠", "two surnames of two characters and a name: six"),
    "rare": ("李㛃", "U+36C3 lies outside the range 4E00 to 9FA5"),
    "beyond_16_bits": ("黃𠮷", "U+20BB7 is one character, and two units of UTF-16"),
    "latin": ("CHAN TAI MAN", "a permit may have a name in Latin letters alone"),
    "latin_comma": ("CHAN, TAI MAN", "as travel permits write it"),
    "latin_apostrophe": ("D'ALMEIDA-SOUZA MARIA", "an apostrophe and a hyphen belong to names"),
    "latin_long": (
        "FERNANDES DE OLIVEIRA E SILVA MARIA DA CONCEICAO",
        "48 letters: a name as long as they are in Macao",
    ),
    "dot": ("阿卜杜拉·穆罕默德", "the dot U+00B7 between the parts of a name"),
    "short": ("丁一", "two characters of one and two strokes"),
}
"""Names as they stand on documents (Q9), what a form must take beside a good number, and why it may not."""


@dataclass(frozen=True, slots=True)
class Vector:
    """One thing to send. `must_take`: whether the form has to take it; `why`: for who has to mend the form.

    `birth_date` as the holder would type it.
    """

    code: str
    kind: DocumentKind
    number: str
    must_take: bool
    why: str
    name: str = _NAME
    birth_date: date | None = None

    @property
    def is_of_name(self) -> bool:
        """Whether it is sent for its name; else everybody has the same one."""
        return self.name != _NAME

    def as_json(self) -> dict[str, object]:
        """Return what is sent, without what is expected."""
        return {
            "vector": self.code, "kind": str(self.kind), "number": self.number, "name": self.name,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
        }  # fmt: skip


def vectors(on: date) -> tuple[Vector, ...]:
    """Return every vector, each code once. `on`: the day of the run: nobody is born after it."""
    return (*_good_permits(on), *_good_names(), *_travel_documents(), *_bad_permits(on), *_bad_travel_documents())


def _good_permits(on: date) -> Iterator[Vector]:
    for number, born in _SAMPLES:
        yield Vector(
            f"sample_{number[:2]}", _PERMIT, number, True, "printed on the sample of a permit", birth_date=born
        )
    for region in _REGIONS:
        for sex, sequence in (("male", 3), ("female", 2)):
            number = hmt_permit_number(region, _BORN, sequence)
            why = f"{number[:6]} begins the permits of {_PLACES[region]}"
            yield Vector(f"permit_{region.lower()}_{sex}", _PERMIT, number, True, why, birth_date=_BORN)
    with_x = next(number for number in _sequences() if number.endswith("X"))
    yield Vector("check_x", _PERMIT, with_x, True, "X is the check character for 10", birth_date=_BORN)
    lower = "people type x as well: it is the same"
    yield Vector("check_x_lower_case", _PERMIT, with_x.lower(), True, lower, birth_date=_BORN)
    special = {
        "leap_day": (date(2000, 2, 29), "2000 was a leap year"),
        "born_1930": (date(1930, 12, 31), "old people have permits"),
        "born_today": (on, "so have children, from their first day"),
    }
    for code, (born, why) in special.items():
        yield Vector(code, _PERMIT, hmt_permit_number("TW", born, 1), True, why, birth_date=born)


def _good_names() -> Iterator[Vector]:
    for at, (code, (name, why)) in enumerate(_NAMES.items()):
        number = hmt_permit_number(_REGIONS[at % len(_REGIONS)], _BORN, at)
        yield Vector(f"name_{code}", _PERMIT, number, True, why, name=name, birth_date=_BORN)


def _travel_documents() -> Iterator[Vector]:
    hrp_9, hrp_11 = hrp(1, "HK"), hrp(2, "MO", issue_count=1)
    yield Vector("hrp_9", DocumentKind.HRP, hrp_9, True, "H or M and 8 digits: one's own for life")
    yield Vector("hrp_11", DocumentKind.HRP, hrp_11, True, "two digits more tell how often it was replaced")
    foreign = non_chinese_hrp(3, "HK")
    yield Vector(
        "hrp_non_chinese",
        DocumentKind.HRP_NON_CHINESE,
        foreign,
        True,
        "HA or MA and 7 digits, for who is no Chinese citizen",
    )
    yield Vector("mtp_taiwan", DocumentKind.MTP_TAIWAN_FIVE_YEAR, mtp_taiwan(4), True, "8 digits")


def _bad_permits(on: date) -> Iterator[Vector]:
    good = hmt_permit_number("HK", _BORN, 3)
    wrong_check = next(each for each in "0123456789" if each != good[-1])
    swapped = good[:15] + good[16] + good[15] + good[17] if good[15] != good[16] else good[::-1]
    bad = {
        "check_digit_wrong": (good[:-1] + wrong_check, "its check character is wrong (GB 11643)"),
        "digits_swapped": (swapped, "its check character tells that digits were swapped"),
        "region_71": (_checked("710000", _BORN), "permits of residents of Taiwan begin with 830000"),
        "region_81_not_0000": (_checked("810100", _BORN), "nothing but 0000 follows 81, 82 and 83"),
        "region_84": (_checked("840000", _BORN), "there is no region 84"),
        "no_such_day": (_checked_text("81000019930229003"), "1993 had no 29 February"),
        "born_tomorrow": (hmt_permit_number("HK", on + timedelta(days=1), 3), "nobody is born after today"),
        "too_short": (good[:-1], "17 characters"),
        "too_long": (good + "0", "19 characters"),
        "letter_o": (good.replace("0", "O", 1), "the letter O is no digit"),
        "x_inside": (good[:8] + "X" + good[9:], "X stands at the end alone"),
        "empty": ("", "there is no number"),
    }
    for code, (number, why) in bad.items():
        yield Vector(code, _PERMIT, number, False, why)
    other = _BORN + timedelta(days=1)
    yield Vector(
        "birth_date_of_another", _PERMIT, good, False, f"{other} is not the day in the number", birth_date=other
    )


def _bad_travel_documents() -> Iterator[Vector]:
    taiwan = mtp_taiwan(4)[:7]
    yield Vector("hrp_10", DocumentKind.HRP, hrp(1, "HK") + "0", False, "10 characters: it has 9 or 11")
    yield Vector("hrp_of_no_region", DocumentKind.HRP, "T" + hrp(1, "HK")[1:], False, "it begins with H or M")
    yield Vector("mtp_taiwan_7", DocumentKind.MTP_TAIWAN_FIVE_YEAR, taiwan, False, "7 digits: it has 8")


def _sequences() -> Iterator[str]:
    return (hmt_permit_number("MO", _BORN, sequence) for sequence in range(1000))


def _checked(prefix: str, born: date) -> str:
    return _checked_text(f"{prefix}{born:%Y%m%d}003")


def _checked_text(seventeen: str) -> str:
    return seventeen + check_digit(seventeen)
