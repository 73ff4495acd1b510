"""Reading a number: its document, its parts, and what is wrong with it."""

import re
from collections.abc import Callable
from datetime import date

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers.checks import HMT_PREFIXES, check_digit
from yizhengtong.kernel.numbers.kinds import DocumentKind, DocumentNumber, HmtRegion, Sex
from yizhengtong.kernel.numbers.shapes import DECLARED, SHARED, kind_by_shape, normalised
from yizhengtong.kernel.regions import region

_TAIWAN_IN_GB2260 = "71"
_REGION_OF_PREFIX = {prefix: hmt_region for hmt_region, prefix in HMT_PREFIXES.items()}
_REGION_OF_LETTER: dict[str, HmtRegion] = {"H": "HK", "M": "MO"}
_EARLIEST_BIRTH_YEAR = 1900
_Reader = Callable[[DocumentKind, re.Match[str], date | None], DocumentNumber]


def identify(text: str, *, as_of: date | None = None) -> DocumentNumber:
    """Return the document that the number alone tells.

    A number for Taiwan residents is taken for a five-year permit, with the warning that it may be a one-journey one.
    `as_of` (a legal day): births after it are refused. Raises Invalid:
    `numbers.kind_must_be_declared` for the shapes several documents share, and all that `parse` raises.
    """
    written = normalised(text)
    kind = kind_by_shape(written)
    if kind is None:
        raise Invalid("numbers.kind_must_be_declared" if SHARED.fullmatch(written) else "numbers.wrong_shape")
    found = parse(kind, written, as_of=as_of)
    if kind is DocumentKind.MTP_TAIWAN_FIVE_YEAR:
        return _with_warning(found, "numbers.five_year_or_one_time")
    return found


def parse(kind: DocumentKind, text: str, *, as_of: date | None = None) -> DocumentNumber:
    """Return what the number of a declared document says.

    `as_of` (a legal day): births after it are refused. Raises Invalid: `numbers.wrong_shape`,
    `numbers.wrong_check_digit`, `numbers.impossible_date`, `numbers.not_issued_in_future`, `numbers.other_kind` with
    the kinds `given` and `expected`, and for an HMT permit `numbers.mainland_not_hmt` or `numbers.taiwan_is_83_not_71`.
    """
    written = normalised(text)
    match = DECLARED[kind].fullmatch(written)
    if match is None:
        raise _refusal(kind, written)
    return _READERS[kind](kind, match, as_of)


def _refusal(expected: DocumentKind, written: str) -> Invalid:
    """Return the most useful reason why a text has not the shape of the document expected."""
    given = kind_by_shape(written)
    if given is None:
        return Invalid("numbers.wrong_shape")
    if expected is DocumentKind.HMT_PERMIT and given is DocumentKind.RESIDENT_ID:
        return _not_an_hmt_permit(written)
    return Invalid("numbers.other_kind", given=given.value, expected=expected.value)


def _not_an_hmt_permit(written: str) -> Invalid:
    """Tell 71 from a slip of the finger first: with the wrong prefix the check digit is nearly always wrong as well."""
    if written.startswith(_TAIWAN_IN_GB2260):
        return Invalid("numbers.taiwan_is_83_not_71")
    if check_digit(written[:17]) != written[17]:
        return Invalid("numbers.wrong_check_digit")
    if written.startswith("8"):
        return Invalid("numbers.wrong_shape")
    return Invalid("numbers.mainland_not_hmt")


def _read_citizen_number(kind: DocumentKind, match: re.Match[str], as_of: date | None) -> DocumentNumber:
    """GB 11643-1999: six digits of place, birth, sequence (odd for men, even for women), check character."""
    text = match[0]
    sex: Sex = "M" if int(text[16]) % 2 else "F"
    hmt_region = _REGION_OF_PREFIX.get(text[:6])
    warnings = () if hmt_region else _place_warnings(text[:6])
    birth_date = _checked_birth(text, text[6:14], as_of)
    return DocumentNumber(kind, text, text, region=hmt_region, birth_date=birth_date, sex=sex, warnings=warnings)


def _read_foreign_pr(kind: DocumentKind, match: re.Match[str], as_of: date | None) -> DocumentNumber:
    """9, province (2), nationality (3, ISO 3166 numeric), birth (8), sequence (3), check character.

    The sex is not told: no text at hand says that the sequence carries it.
    """
    text = match[0]
    birth_date = _checked_birth(text, text[6:14], as_of)
    return DocumentNumber(kind, text, text, birth_date=birth_date, warnings=_place_warnings(f"{text[1:3]}0000"))


def _read_hrp(kind: DocumentKind, match: re.Match[str], _as_of: date | None) -> DocumentNumber:
    hmt_region = _REGION_OF_LETTER[match[0][0]]
    return DocumentNumber(kind, match[0], match["core"], issue_count=_number(match["count"]), region=hmt_region)


def _read_hrp_non_chinese(kind: DocumentKind, match: re.Match[str], _as_of: date | None) -> DocumentNumber:
    return DocumentNumber(kind, match[0], match[0], region=_REGION_OF_LETTER[match[0][0]])


def _read_mtp_taiwan(kind: DocumentKind, match: re.Match[str], _as_of: date | None) -> DocumentNumber:
    """Letters mark the series before 2008-09-25; what was issued then has run out since."""
    core, count = match["core"] or match[0], _number(match["count"])
    is_old_series = match["core"] is None or match["issuer"] is not None
    warnings = ("numbers.old_series",) if is_old_series else ()
    return DocumentNumber(kind, match[0], core, issue_count=count, region="TW", warnings=warnings)


def _read_one_time_mtp(kind: DocumentKind, match: re.Match[str], _as_of: date | None) -> DocumentNumber:
    """The shapes of the five-year permit and more: the number proves nothing, the declaration and the eye decide."""
    core = match["core"] or match[0]
    return DocumentNumber(kind, match[0], core, region="TW", warnings=("numbers.one_time_format_not_published",))


def _read_whole(kind: DocumentKind, match: re.Match[str], _as_of: date | None) -> DocumentNumber:
    """The old 外国人永久居留证: its inner parts are not published in a text at hand, so none is read."""
    return DocumentNumber(kind, match[0], match[0])


_READERS: dict[DocumentKind, _Reader] = {
    DocumentKind.RESIDENT_ID: _read_citizen_number,
    DocumentKind.HMT_PERMIT: _read_citizen_number,
    DocumentKind.ZHEJIANG_PERMIT: _read_citizen_number,
    DocumentKind.FOREIGN_PR_2023: _read_foreign_pr,
    DocumentKind.FOREIGN_PR_OLD: _read_whole,
    DocumentKind.HRP: _read_hrp,
    DocumentKind.HRP_NON_CHINESE: _read_hrp_non_chinese,
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: _read_mtp_taiwan,
    DocumentKind.MTP_TAIWAN_ONE_TIME: _read_one_time_mtp,
}


def _checked_birth(text: str, eight: str, as_of: date | None) -> date:
    """Return the birth date inside a number of 18 characters whose check character is right."""
    if check_digit(text[:17]) != text[17]:
        raise Invalid("numbers.wrong_check_digit")
    try:
        birth_date = date(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
    except ValueError:
        raise Invalid("numbers.impossible_date") from None
    if birth_date.year < _EARLIEST_BIRTH_YEAR:
        raise Invalid("numbers.impossible_date")
    if as_of is not None and birth_date > as_of:
        raise Invalid("numbers.not_issued_in_future")
    return birth_date


def _place_warnings(code: str) -> tuple[str, ...]:
    if code.startswith(_TAIWAN_IN_GB2260):
        return ("numbers.taiwan_is_83_not_71",)
    return () if region(code) else ("numbers.unknown_region",)


def _with_warning(found: DocumentNumber, code: str) -> DocumentNumber:
    return DocumentNumber(
        found.kind, found.text, found.core, found.issue_count, found.region, warnings=(*found.warnings, code)
    )


def _number(digits: str | None) -> int | None:
    return int(digits) if digits else None
