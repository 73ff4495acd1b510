"""Document numbers as they are printed, and what is said when they are wrong."""

from datetime import date

import pytest
from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import (
    DocumentKind,
    check_digit,
    hmt_permit_number,
    identify,
    parse,
)
from yizhengtong.kernel.numbers.checks import number_of_18

KIND = DocumentKind
HONG_KONG, TAIWAN, FOREIGNER = "810000199408230021", "830000199201300022", "932682198501010017"
MAINLAND = number_of_18("331126", date(1990, 6, 7), 101)


def _code(kind: DocumentKind | None, text: str, as_of: date | None = None) -> str:
    with pytest.raises(Invalid) as refused:
        identify(text, as_of=as_of) if kind is None else parse(kind, text, as_of=as_of)
    return refused.value.code


def test_the_specimens_of_permits_pass() -> None:
    hong_kong, taiwan = identify(HONG_KONG), identify(TAIWAN)
    assert (hong_kong.kind, hong_kong.region, hong_kong.birth_date) == (KIND.HMT_PERMIT, "HK", date(1994, 8, 23))
    assert (taiwan.kind, taiwan.region, taiwan.birth_date) == (KIND.HMT_PERMIT, "TW", date(1992, 1, 30))
    assert (hong_kong.sex, taiwan.sex) == ("F", "F")
    assert hong_kong.warnings == taiwan.warnings == ()


def test_the_specimen_of_the_foreigners_card_passes_and_tells_no_sex() -> None:
    card = identify(FOREIGNER)
    assert (card.kind, card.birth_date, card.sex, card.warnings) == (
        KIND.FOREIGN_PR_2023,
        date(1985, 1, 1),
        None,
        (),
    )


def test_python_stdnum_refuses_the_specimen_permits_which_is_why_it_does_not_decide() -> None:
    for specimen in (HONG_KONG, TAIWAN):
        with pytest.raises(InvalidComponent):
            ric.validate(specimen)
        assert ric.calc_check_digit(specimen) == specimen[17] == check_digit(specimen[:17])


def test_odd_sequences_are_men_and_even_ones_women() -> None:
    assert identify(hmt_permit_number("MO", date(2000, 2, 29), 7)).sex == "M"
    assert identify(hmt_permit_number("MO", date(2000, 2, 29), 8)).sex == "F"


def test_a_mainland_number_is_a_resident_id_or_a_zhejiang_permit_as_declared() -> None:
    assert identify(MAINLAND).kind is KIND.RESIDENT_ID
    permit = parse(KIND.ZHEJIANG_PERMIT, MAINLAND)
    assert (permit.kind, permit.core, permit.birth_date) == (KIND.ZHEJIANG_PERMIT, MAINLAND, date(1990, 6, 7))
    assert (permit.sex, permit.region) == ("M", None)


def test_an_unknown_place_is_a_warning_and_never_an_error() -> None:
    unknown = number_of_18("339999", date(1960, 6, 7), 102)
    assert parse(KIND.RESIDENT_ID, unknown).warnings == ("numbers.unknown_region",)
    assert identify(number_of_18("810001", date(1960, 6, 7), 102)).warnings == ("numbers.unknown_region",)
    assert identify(number_of_18("330113", date(1960, 6, 7), 102)).warnings == ()
    assert identify(number_of_18("999156", date(1960, 6, 7), 102)).warnings == ("numbers.unknown_region",)


def test_a_wrong_check_digit_is_told_apart_from_a_date_that_does_not_exist() -> None:
    assert _code(KIND.HMT_PERMIT, "810000199408230022") == "numbers.wrong_check_digit"
    for impossible in ("81000020230229001", "81000019941301001", "81000018991231001", "81000000000823001"):
        assert _code(KIND.HMT_PERMIT, impossible + check_digit(impossible)) == "numbers.impossible_date"
    assert identify(hmt_permit_number("HK", date(1900, 1, 1), 1)).birth_date == date(1900, 1, 1)


def test_a_birth_after_the_day_asked_about_is_refused() -> None:
    number = hmt_permit_number("HK", date(2026, 9, 18), 1)
    assert _code(KIND.HMT_PERMIT, number, date(2026, 9, 17)) == "numbers.not_issued_in_future"
    assert _code(None, number, date(2026, 9, 17)) == "numbers.not_issued_in_future"
    assert parse(KIND.HMT_PERMIT, number, as_of=date(2026, 9, 18)).birth_date == date(2026, 9, 18)
    assert identify(number).birth_date == date(2026, 9, 18)


def test_taiwan_is_83_and_not_the_71_of_the_division_codes() -> None:
    mistaken = "71" + TAIWAN[2:]
    assert _code(KIND.HMT_PERMIT, mistaken) == "numbers.taiwan_is_83_not_71"
    well_formed = number_of_18("710000", date(1992, 1, 30), 2)
    assert _code(KIND.HMT_PERMIT, well_formed) == "numbers.taiwan_is_83_not_71"
    assert identify(well_formed).warnings == ("numbers.taiwan_is_83_not_71",)


def test_a_mainland_number_is_no_permit_for_hong_kong_macao_or_taiwan() -> None:
    assert _code(KIND.HMT_PERMIT, MAINLAND) == "numbers.mainland_not_hmt"
    assert _code(KIND.HMT_PERMIT, MAINLAND[:17] + "_") == "numbers.wrong_shape"
    wrong = "0" if MAINLAND[17] != "0" else "1"
    assert _code(KIND.HMT_PERMIT, MAINLAND[:17] + wrong) == "numbers.wrong_check_digit"
    assert _code(KIND.HMT_PERMIT, number_of_18("810001", date(1990, 1, 1), 1)) == "numbers.wrong_shape"


@pytest.mark.parametrize(
    ("expected", "text", "given"),
    [
        (KIND.RESIDENT_ID, HONG_KONG, "hmt_permit"),
        (KIND.ZHEJIANG_PERMIT, TAIWAN, "hmt_permit"),
        (KIND.RESIDENT_ID, FOREIGNER, "foreign_pr_2023"),
        (KIND.HMT_PERMIT, "H1234567801", "hrp"),
        (KIND.HMT_PERMIT, "12345678", "mtp_taiwan_five_year"),
        (KIND.HRP, "HA1234567", "hrp_non_chinese"),
        (KIND.HRP_NON_CHINESE, "M12345678", "hrp"),
        (KIND.HRP, "12345678", "mtp_taiwan_five_year"),
        (KIND.MTP_TAIWAN_FIVE_YEAR, "H12345678", "hrp"),
        (KIND.MTP_TAIWAN_ONE_TIME, HONG_KONG, "hmt_permit"),
        (KIND.FOREIGN_PR_2023, "KAZ110090123105", "foreign_pr_old"),
    ],
)
def test_the_number_of_another_document_is_named_by_kind_only(expected: DocumentKind, text: str, given: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse(expected, text)
    assert refused.value.code == "numbers.other_kind"
    assert refused.value.facts == {"given": given, "expected": expected.value}


def test_a_home_return_permit_keeps_its_core_when_it_is_replaced() -> None:
    short, long = identify("H12345678"), identify("h1234567803")
    assert short.core == long.core == "H12345678"
    assert (short.issue_count, long.issue_count) == (None, 3)
    assert (short.region, identify("M1234567800").region) == ("HK", "MO")
    assert identify("M1234567800").issue_count == 0


def test_the_permit_of_residents_who_are_not_chinese_citizens_is_a_kind_of_its_own() -> None:
    found = identify("MA1234567")
    assert (found.kind, found.region, found.core) == (KIND.HRP_NON_CHINESE, "MO", "MA1234567")
    assert identify("HA1234567").region == "HK"


@pytest.mark.row("S1-038")
@pytest.mark.parametrize(
    ("text", "core", "issue_count", "warnings"),
    [
        ("01234567", "01234567", None, ()),
        ("0123456702", "01234567", 2, ()),
        ("0123456702B", "01234567", 2, ("numbers.old_series",)),
        ("0123456702(B)", "01234567", 2, ("numbers.old_series",)),
        ("0123456702（1）", "01234567", 2, ("numbers.old_series",)),
        ("T1234567", "T1234567", None, ("numbers.old_series",)),
    ],
)
def test_a_declared_five_year_permit_is_read_in_all_its_forms(
    text: str, core: str, issue_count: int | None, warnings: tuple[str, ...]
) -> None:
    found = parse(KIND.MTP_TAIWAN_FIVE_YEAR, text)
    assert (found.core, found.issue_count, found.region, found.warnings) == (core, issue_count, "TW", warnings)


@pytest.mark.row("S1-038")
def test_the_number_alone_does_not_tell_a_five_year_from_a_one_journey_permit() -> None:
    guessed = identify("0123456702B")
    assert guessed.kind is KIND.MTP_TAIWAN_FIVE_YEAR
    assert guessed.warnings == ("numbers.old_series", "numbers.five_year_or_one_time")
    assert (guessed.core, guessed.issue_count, guessed.region) == ("01234567", 2, "TW")
    for text in ("01234567", "0123456702", "0123456702(B)", "T1234567", "F012345678"):
        declared = parse(KIND.MTP_TAIWAN_ONE_TIME, text)
        assert declared.kind is KIND.MTP_TAIWAN_ONE_TIME
        assert declared.warnings == ("numbers.one_time_format_not_published",)
    assert _code(KIND.MTP_TAIWAN_FIVE_YEAR, "F012345678") == "numbers.wrong_shape"


@pytest.mark.parametrize("text", ["A1234563", "A123456789"])
def test_shapes_that_local_identity_cards_share_must_be_declared(text: str) -> None:
    assert _code(None, text) == "numbers.kind_must_be_declared"
    assert _code(KIND.HMT_PERMIT, text) == "numbers.wrong_shape"


def test_the_old_foreigners_card_is_known_by_its_shape() -> None:
    found = identify("kaz110090123105")
    assert (found.kind, found.core, found.birth_date) == (KIND.FOREIGN_PR_OLD, "KAZ110090123105", None)


@pytest.mark.parametrize(
    "text",
    ["", " ", "X", "1234567", "123456789", "H1234567", "HB1234567", "T12345678", "A123456(3)", "12345678901",
     "81000019940823002", "8100001994082300211", "X10000199408230021", "010000199408230021",
     "8100001994082300 2 \u0661",
     "١٢٣٤٥٦٧٨", "0123456702(BC)", "0123456702(", "12345678(A)", "H12345678012"],
)  # fmt: skip
def test_what_is_no_number_has_the_wrong_shape(text: str) -> None:
    code = _code(None, text)
    assert code == ("numbers.kind_must_be_declared" if text == "H1234567" else "numbers.wrong_shape")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("８１００００１９９４０８２３００２１", HONG_KONG),
        (" 810000 19940823 0021 ", HONG_KONG),
        ("810000-19940823-0021", HONG_KONG),
        ("810000–19940823—0021\u200b", HONG_KONG),
        ("ｈ１２３４ ５６７８", "H12345678"),
        ("\ufeffm12345678\u3000０１\n", "M1234567801"),
    ],
)
def test_full_width_digits_spaces_and_hyphens_are_normalised(typed: str, text: str) -> None:
    assert identify(typed).text == text


def test_a_lower_case_x_is_the_check_character_x() -> None:
    number = next(found for n in range(100) if (found := hmt_permit_number("HK", date(1994, 8, 23), n)).endswith("X"))
    assert identify(number.lower()).text == identify(number[:-1] + "ｘ").text == number


def test_neither_values_nor_refusals_show_a_number_or_a_birth_date() -> None:
    found = identify(HONG_KONG)
    assert "19940823" not in repr(found)
    assert "1994" not in repr(found)
    with pytest.raises(Invalid) as refused:
        parse(KIND.HRP, HONG_KONG)
    assert not any(char.isdigit() for char in f"{refused.value!r}{refused.value.facts}")


def test_a_check_digit_is_only_computed_over_17_digits() -> None:
    assert check_digit("81000019940823002") == "1"
    for text in ("", "8100001994082300", "810000199408230021", "8100001994082300X", "８1000019940823002"):
        with pytest.raises(ValueError, match="17 digits"):
            check_digit(text)
    with pytest.raises(ValueError, match="17 digits"):
        hmt_permit_number("HK", date(1994, 8, 23), 1000)
