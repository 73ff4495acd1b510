"""What counts as half a year, and from which day."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.kernel.workdays import Calendar, Deadline
from yizhengtong.law.reading import load
from yizhengtong.law.values import Limit, ResidenceMeasure
from yizhengtong.registry.residence.rules import (
    Stay,
    area_of,
    days_lived,
    has_lived_here_long_enough,
    lived_long_enough_by_any,
    report_due_on,
)

LIXIA, SHIZHONG, QINGDAO, FUTIAN = "370102", "370103", "370202", "440304"
DAY = timedelta(days=1)
SOURCE = Source("国办发〔2018〕81号", "2")


def requirement(**changes: Any) -> ResidenceMeasure:
    parts: dict[str, Any] = {
        "measure": "months", "n": 6, "scope": "city", "contiguous": True, "evidence": "registered",
    }  # fmt: skip
    return ResidenceMeasure(**(parts | changes))


DAYS_180 = requirement(measure="days", n=180)
MONTHS_6 = requirement()


def look(
    stays: list[Stay], on: date, needed: ResidenceMeasure = MONTHS_6, region: str = LIXIA, gap: int = 0
) -> Finding:
    return has_lived_here_long_enough(stays, on, needed, region, SOURCE, gap_tolerance_days=gap)


def since(start: date, region: str = LIXIA) -> list[Stay]:
    return [Stay(region, start)]


@pytest.mark.row("D4", "D5")
@pytest.mark.parametrize(
    ("start", "needed", "met_on"),
    [
        (date(2026, 3, 1), DAYS_180, date(2026, 8, 28)),
        (date(2026, 3, 1), MONTHS_6, date(2026, 9, 1)),
        (date(2026, 1, 15), DAYS_180, date(2026, 7, 14)),
        (date(2026, 1, 15), MONTHS_6, date(2026, 7, 15)),
        (date(2025, 8, 31), MONTHS_6, date(2026, 2, 28)),
        (date(2023, 8, 31), MONTHS_6, date(2024, 2, 29)),
    ],
)
@pytest.mark.parametrize("contiguous", [True, False])
def test_the_requirement_is_met_on_the_day_and_not_the_day_before(
    start: date, needed: ResidenceMeasure, met_on: date, contiguous: bool
) -> None:
    needed = needed.model_copy(update={"contiguous": contiguous})
    before, on_the_day, after = (look(since(start), day, needed) for day in (met_on - DAY, met_on, met_on + DAY))
    assert (before.met, on_the_day.met, after.met) == (False, True, True)
    assert before.met_on == on_the_day.met_on == after.met_on == met_on


@pytest.mark.row("D5")
def test_180_days_and_6_months_differ_by_four_days_from_the_first_of_march() -> None:
    days, months = (look(since(date(2026, 3, 1)), date(2026, 8, 28), needed) for needed in (DAYS_180, MONTHS_6))
    assert days.met_on is not None
    assert months.met_on is not None
    assert (days.met, months.met, (months.met_on - days.met_on).days) == (True, False, 4)


def test_facts_are_told_in_the_measure_of_the_law() -> None:
    on = date(2026, 8, 27)
    assert look(since(date(2026, 3, 1)), on, DAYS_180).facts["lived"] == 179
    facts = look(since(date(2026, 3, 1)), on).facts
    assert (facts["lived"], facts["needed"], facts["days"], facts["scope"]) == (5, 6, 179, "city")


def test_somebody_who_leaves_on_the_day_it_is_full_has_met_it_and_a_day_earlier_has_not() -> None:
    full = date(2026, 9, 1)
    assert look([Stay(LIXIA, date(2026, 3, 1), full)], full).met is True
    early = look([Stay(LIXIA, date(2026, 3, 1), full - DAY)], full - DAY)
    assert (early.met, early.met_on, early.code) == (False, None, "residence.ended_early_months")


@pytest.mark.row("D4", "S3-35")
@pytest.mark.parametrize(
    ("scope", "counted"), [("county", 31), ("city", 31 + 28), ("province", 31 + 28 + 31), ("nation", 120)]
)
def test_the_scope_draws_the_area_around_the_place_applied_for(scope: str, counted: int) -> None:
    stays = [
        Stay(LIXIA, date(2026, 1, 1), date(2026, 2, 1)),
        Stay(SHIZHONG, date(2026, 2, 1), date(2026, 3, 1)),
        Stay(QINGDAO, date(2026, 3, 1), date(2026, 4, 1)),
        Stay(FUTIAN, date(2026, 4, 1), date(2026, 5, 1)),
    ]
    assert days_lived(stays, date(2026, 5, 1), area_of(scope, LIXIA)) == counted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scope", "region", "area"),
    [
        ("county", "370102", "370102"), ("city", "370102", "370100"), ("province", "370102", "370000"),
        ("nation", "370102", "000000"), ("city", "429004", "429004"), ("city", "110101", "110100"),
    ],
)  # fmt: skip
def test_areas_follow_the_digits_and_counties_directly_under_a_province_have_no_city(
    scope: str, region: str, area: str
) -> None:
    assert area_of(scope, region) == area  # type: ignore[arg-type]


def test_hong_kong_macao_and_taiwan_are_not_counted_as_mainland() -> None:
    stays = [Stay(code, date(2020, 1, 1)) for code in ("810000", "820000", "710000")]
    finding = look(stays, date(2026, 1, 1), requirement(scope="nation"))
    assert (finding.met, finding.code) == (False, "residence.not_registered_here")


@pytest.mark.row("D6", "S4-05")
def test_a_gap_restarts_the_count_and_is_left_to_an_officer_when_the_sum_would_do() -> None:
    stays = [Stay(LIXIA, date(2025, 1, 1), date(2025, 6, 1)), Stay(LIXIA, date(2025, 6, 2))]
    on = date(2025, 9, 1)
    assert look(stays, on).code == "residence.gap_for_officer"
    assert (look(stays, on).met, look(stays, on).met_on) == (None, date(2025, 12, 2))
    assert look(stays, date(2025, 7, 1)).met is False
    assert look(stays, date(2025, 12, 2)).met is True


@pytest.mark.row("D6")
def test_a_gap_of_exactly_the_tolerance_is_allowed_but_its_days_do_not_count() -> None:
    stays = [Stay(LIXIA, date(2026, 1, 1), date(2026, 2, 1)), Stay(LIXIA, date(2026, 2, 11))]
    within, beyond = (look(stays, date(2026, 7, 10), DAYS_180, gap=gap) for gap in (10, 9))
    assert (within.met, within.met_on) == (True, date(2026, 7, 10))
    assert (beyond.met, beyond.met_on) == (None, date(2026, 8, 10))
    assert look(stays, date(2026, 7, 11), gap=10).met_on == date(2026, 7, 11)


def test_a_run_that_ended_longer_ago_than_the_tolerance_no_longer_counts() -> None:
    stays = [Stay(LIXIA, date(2025, 1, 1), date(2025, 8, 1))]
    assert look(stays, date(2025, 8, 1)).met is True
    assert look(stays, date(2025, 8, 2)).met is None
    assert look(stays, date(2025, 8, 2), requirement(contiguous=False)).met is True


@pytest.mark.row("D4")
def test_without_contiguity_months_run_from_a_start_moved_by_the_days_of_gaps() -> None:
    stays = [Stay(LIXIA, date(2026, 1, 1), date(2026, 3, 1)), Stay(LIXIA, date(2026, 4, 1))]
    moved = look(stays, date(2026, 7, 31), requirement(contiguous=False))
    assert (moved.met, moved.met_on) == (False, date(2026, 8, 1))  # 2026-02-01 and six months: 31 days of gap
    days = look(stays, date(2026, 7, 30), requirement(contiguous=False, measure="days", n=180))
    assert (days.met, days.met_on) == (False, date(2026, 7, 31))  # 59 days, and 121 from 2026-04-01


def test_a_stay_is_ended_by_nothing_but_its_own_last_day() -> None:
    assert days_lived([Stay(LIXIA, date(2026, 1, 1), date(2026, 1, 2))], date(2026, 1, 1), LIXIA) == 0
    assert days_lived([Stay(LIXIA, date(2026, 1, 1), date(2026, 1, 2))], date(2026, 1, 2), LIXIA) == 1
    assert days_lived([Stay(LIXIA, date(2026, 1, 1), date(2026, 1, 2))], date(2026, 1, 3), LIXIA) == 1


def test_overlapping_stays_count_each_day_once() -> None:
    stays = [Stay(LIXIA, date(2026, 1, 1), date(2026, 1, 21)), Stay(SHIZHONG, date(2026, 1, 11), date(2026, 1, 31))]
    assert days_lived(stays, date(2026, 3, 1), "370100") == 30


def test_no_stay_at_all_says_so() -> None:
    assert look([], date(2026, 1, 1)).code == "residence.not_registered_here"
    assert look(since(date(2026, 1, 2)), date(2026, 1, 1)).code == "residence.not_registered_here"


@dataclass(frozen=True)
class Reading:
    value: ResidenceMeasure
    source: Source


@pytest.mark.row("D4", "S2-08", "S2-42")
def test_of_two_readings_the_one_that_is_met_decides_and_both_are_named() -> None:
    nation = Reading(requirement(scope="nation"), Source("国办发〔2018〕81号", "2"))
    jinan = Reading(requirement(scope="city"), Source("济政办字〔2019〕25号", "二"))
    stays = [Stay(FUTIAN, date(2026, 1, 1), date(2026, 6, 1)), Stay(LIXIA, date(2026, 6, 1))]
    for readings in ([nation, jinan], [jinan, nation]):
        finding = lived_long_enough_by_any(stays, date(2026, 7, 1), readings, LIXIA)
        assert (finding.met, finding.source) == (True, nation.source)
        assert set(finding.facts["readings"]) == {str(nation.source), str(jinan.source)}  # type: ignore[call-overload]
    unmet = lived_long_enough_by_any(stays, date(2026, 6, 30), [jinan, nation], LIXIA)
    assert (unmet.met, unmet.met_on, unmet.source) == (False, date(2026, 7, 1), nation.source)


@pytest.mark.row("S2-08", "S1-033")
def test_jinan_s_own_pack_lets_half_a_year_anywhere_on_the_mainland_count() -> None:
    law = load().law(LIXIA, "hmt", date(2026, 9, 1))
    readings = law["residence.requirement"].readings
    stays = [Stay(FUTIAN, date(2026, 3, 1), date(2026, 8, 1)), Stay(LIXIA, date(2026, 8, 1))]
    found = {day: lived_long_enough_by_any(stays, day, readings, LIXIA) for day in (date(2026, 8, 31), law.on)}
    assert [finding.met for finding in found.values()] == [False, True]
    assert found[law.on].source.text == "国办发〔2018〕81号"


@pytest.mark.row("D14")
def test_no_duty_no_deadline_and_a_duty_is_counted_from_the_day_after_arrival() -> None:
    calendar = Calendar(frozenset({2026}), frozenset(), frozenset())
    assert report_due_on(date(2026, 3, 6), None, calendar) is None
    duty = Limit(n=3, unit="workday", start="notice", end="filed")
    assert report_due_on(date(2026, 3, 6), duty, calendar) == Deadline(date(2026, 3, 11), provisional=False)
