"""What must hold for every number and every text."""

import time
from contextlib import suppress
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import (
    LONGEST,
    DocumentKind,
    HmtRegion,
    Sex,
    hmt_permit_number,
    identify,
    normalised,
    parse,
)
from yizhengtong.kernel.numbers.checks import number_of_18
from yizhengtong.kernel.numbers.synthetic import hrp, mtp_taiwan, non_chinese_hrp, one_time_mtp, resident_id

BIRTHS = st.dates(date(1900, 1, 1), date(2099, 12, 31))
REGIONS: st.SearchStrategy[HmtRegion] = st.sampled_from(["HK", "MO", "TW"])
SEXES: st.SearchStrategy[Sex] = st.sampled_from(["M", "F"])
SEEDS = st.integers(0, 10**7 - 1)
PERMITS = st.builds(hmt_permit_number, REGIONS, BIRTHS, st.integers(0, 999))
CITIZENS = st.builds(resident_id, SEEDS, st.sampled_from(["331126", "370116"]), BIRTHS, SEXES)
CARDS = st.builds(number_of_18, st.sampled_from(["932682", "911344"]), BIRTHS, st.integers(0, 999))
NEARLY_NUMBERS = st.text("0123456789XHMAxhｈ８１－- ()（）\u00a0\u0661ßſ", max_size=80)


@given(PERMITS | CITIZENS | CARDS, st.integers(0, 16), st.sampled_from("0123456789"))
def test_any_single_digit_that_is_wrong_is_caught(number: str, place: int, digit: str) -> None:
    changed = number[:place] + digit + number[place + 1 :]
    if changed != number:
        with pytest.raises(Invalid):
            identify(changed)


@given(PERMITS | CITIZENS | CARDS, st.integers(0, 16))
def test_any_two_neighbours_that_changed_places_are_caught(number: str, place: int) -> None:
    changed = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if changed != number:
        with pytest.raises(Invalid):
            identify(changed)


@given(st.text(max_size=100) | NEARLY_NUMBERS, st.sampled_from(DocumentKind))
def test_nothing_but_invalid_is_ever_raised(text: str, kind: DocumentKind) -> None:
    for read in (identify, partial(parse, kind)):
        with suppress(Invalid):
            found = read(text, as_of=date(2026, 9, 18))
            assert found.text.startswith(found.core)


@given(st.text(max_size=LONGEST) | NEARLY_NUMBERS.map(lambda text: text[:LONGEST]))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalised(normalised(text)) == normalised(text)


@given(PERMITS, st.integers(0, 18), st.sampled_from([" ", "-", "\u3000", "－", "\u200b"]))
def test_spaces_and_hyphens_anywhere_change_nothing(number: str, place: int, filler: str) -> None:
    assert identify(number[:place] + filler + number[place:]) == identify(number)


@given(REGIONS, BIRTHS, st.integers(0, 999))
def test_a_built_permit_number_says_what_it_was_built_from(region: HmtRegion, birth: date, sequence: int) -> None:
    found = parse(DocumentKind.HMT_PERMIT, hmt_permit_number(region, birth, sequence))
    assert (found.region, found.birth_date, found.sex) == (region, birth, "M" if sequence % 2 else "F")
    assert found.warnings == ()


@given(SEEDS, BIRTHS, SEXES)
def test_synthetic_numbers_are_read_as_what_they_are(seed: int, birth: date, sex: Sex) -> None:
    assert identify(hrp(seed, "HK")).kind is DocumentKind.HRP
    assert identify(hrp(seed, "MO", issue_count=3)).issue_count == 3
    assert identify(non_chinese_hrp(seed, "MO")).kind is DocumentKind.HRP_NON_CHINESE
    assert parse(DocumentKind.MTP_TAIWAN_FIVE_YEAR, mtp_taiwan(seed)).warnings == ()
    assert identify(mtp_taiwan(seed, issue_count=12)).issue_count == 12
    assert parse(DocumentKind.MTP_TAIWAN_ONE_TIME, one_time_mtp(seed)).region == "TW"
    citizen = identify(resident_id(seed, "331126", birth, sex))
    assert (citizen.kind, citizen.birth_date, citizen.sex) == (DocumentKind.RESIDENT_ID, birth, sex)


def test_synthetic_numbers_repeat_for_a_seed_and_differ_between_seeds() -> None:
    assert hrp(7, "HK") == hrp(7, "HK")
    assert len({hrp(seed, "HK") for seed in range(20_000)}) == 20_000
    assert len({mtp_taiwan(seed) for seed in range(20_000)}) == 20_000
    assert len({non_chinese_hrp(seed, "HK") for seed in range(20_000)}) == 20_000
    assert len({resident_id(seed, "331126", date(1990, 6, 7), "F") for seed in range(500)}) == 500
    with pytest.raises(KeyError):
        hrp(1, "TW")


def test_65_characters_are_too_many_even_when_most_of_them_are_spaces() -> None:
    number = "H12345678"
    assert identify(number.rjust(LONGEST)).text == number
    with pytest.raises(Invalid) as refused:
        identify(number.rjust(LONGEST + 1))
    assert refused.value.code == "numbers.wrong_shape"


@pytest.mark.parametrize("text", ["1" * 5_000_000, " " * 5_000_000, "(" * 5_000_000, "H" + "1" * 5_000_000])
def test_long_texts_are_refused_without_being_read(text: str) -> None:
    begun = time.process_time()
    for read in (identify, normalised):
        with pytest.raises(Invalid):
            read(text)
    assert time.process_time() - begun < 0.05
