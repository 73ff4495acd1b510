"""Who must register, until when, and who reports others: by the packs of Zhejiang, Hangzhou and the nation."""

from datetime import date

import pytest

from tests.support.law import library
from tests.support.mainland import NANCHONG, QINGYUAN, RUIAN, SHANGCHENG, XIHU
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.registry.residence.duties import (
    counted_stays,
    duty_to_report,
    exemptions,
    is_late,
    is_one_place,
    last_day,
    must_register,
)
from yizhengtong.registry.residence.rules import Stay

FRIDAY = date(2026, 9, 18)
"""Before 调休: the Sunday after it is a working day."""


def floating(place: str = RUIAN, on: date = FRIDAY) -> Law:
    return library().law(place, "floating", on)


@pytest.mark.row("S3-11")
@pytest.mark.parametrize(
    ("hukou", "place", "must"),
    [
        (NANCHONG, RUIAN, True), (QINGYUAN, RUIAN, True), ("330382", RUIAN, True), (RUIAN, RUIAN, False),
        (SHANGCHENG, XIHU, False), (SHANGCHENG, "330122", True),
    ],
)  # fmt: skip
def test_who_crosses_into_another_county_or_urban_area_must_register(hukou: str, place: str, must: bool) -> None:
    finding = must_register("CN", hukou, place, "", floating(place))
    assert finding.met is must
    assert finding.code == ("residence.must_register" if must else "residence.at_home")
    assert "流动人口" in finding.source.text


@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
def test_residents_of_hong_kong_macao_and_taiwan_are_told_that_the_national_rules_are_theirs(region: str) -> None:
    finding = must_register(region, "", RUIAN, "", floating())
    assert (finding.code, finding.met) == ("residence.national_rules_apply", False)


@pytest.mark.parametrize(
    ("group", "code"),
    [
        ("lodging", "residence.exempt"), ("hospital", "residence.exempt"), ("boarding_school", "residence.exempt"),
        ("rescue_station", "residence.exempt"), ("with_near_relatives", "residence.exempt_for_short_stay"),
        ("tourists", "residence.must_register"),
    ],
)  # fmt: skip
def test_the_exempt_groups_are_those_of_the_pack(group: str, code: str) -> None:
    assert must_register("CN", NANCHONG, RUIAN, group, floating()).code == code


def test_with_near_relatives_the_days_are_the_packs() -> None:
    assert {each.most_days for each in exemptions(floating()) if each.group == "with_near_relatives"} == {30}


def test_where_no_pack_makes_it_a_duty_it_is_not_known() -> None:
    assert must_register("CN", NANCHONG, "370102", "", floating("370102")).met is None
    assert must_register("CN", NANCHONG, RUIAN, "", None).met is None
    with pytest.raises(NotFound):
        library().law("beyond", "floating", FRIDAY)


@pytest.mark.row("S3-11")
def test_hangzhou_gives_three_working_days_from_arrival_and_the_province_no_number() -> None:
    due = last_day(floating(XIHU), "residence.report_within", FRIDAY)
    assert due is not None
    assert due.day == date(2026, 9, 22)  # Sunday the 20th is worked: 20, 21, 22
    assert last_day(floating(RUIAN), "residence.report_within", FRIDAY) is None
    assert not is_late(due, date(2026, 9, 22))
    assert is_late(due, date(2026, 9, 23))
    assert not is_late(None, date(2036, 1, 1))


@pytest.mark.row("S3-11")
@pytest.mark.parametrize("kind", ["employer", "landlord", "property_manager", "agent"])
def test_who_lets_hires_manages_or_mediates_reports_within_three_working_days(kind: str) -> None:
    duty = duty_to_report(kind, FRIDAY, floating())
    assert duty.due is not None
    assert duty.due.day == date(2026, 9, 22)
    assert duty.source is not None
    assert duty.tells_resident == (kind in {"employer", "landlord"})


@pytest.mark.parametrize("kind", ["hotel", "hospital", "school", "rescue_station"])
def test_of_the_operators_the_law_sets_no_days(kind: str) -> None:
    assert duty_to_report(kind, FRIDAY, floating()).due is None


def test_a_change_is_told_within_ten_days_and_rolls_over_days_off() -> None:
    due = last_day(floating(), "registration.change_within", date(2026, 9, 21))
    assert due is not None
    assert due.day == date(2026, 10, 8)  # 1 October, rolled over the holidays


def test_the_districts_of_a_city_are_one_place_and_its_counties_are_not() -> None:
    assert is_one_place(SHANGCHENG, XIHU)
    assert not is_one_place(SHANGCHENG, "330122")
    assert not is_one_place(RUIAN, "330302")


def test_a_stay_counts_from_its_declaration_where_the_pack_says_so() -> None:
    stay = Stay(RUIAN, date(2026, 1, 1), None, "self", date(2026, 3, 1))
    past = Stay(RUIAN, date(2025, 1, 1), date(2025, 6, 1), "self", date(2026, 3, 1))
    counted = counted_stays([past, stay], RUIAN, from_declaration=True, districts_are_one=False)
    assert [each.start for each in counted] == [date(2026, 3, 1)]
    assert len(counted_stays([past, stay], RUIAN, from_declaration=False, districts_are_one=False)) == 2
