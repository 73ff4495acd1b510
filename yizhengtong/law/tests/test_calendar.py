"""Days off and worked days of 2018 to 2026 as two libraries have them; 2027 expected only."""

from datetime import date, timedelta

import chinese_calendar
import chinese_calendar.constants as chinese
import holidays
import pytest

from yizhengtong.kernel.dates import Duration
from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library

YEARS = range(2018, 2027)
SECOND_NOTICE_OF_2019 = [date(2019, 4, 28), date(2019, 5, 2), date(2019, 5, 3), date(2019, 5, 5)]
"""The days of May 2019 that the year's second notice moved; the library holidays has only the first notice."""
FESTIVALS = {"元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节"}


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=count) for count in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.row("D1")
@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_worked_or_off_as_chinesecalendar_says(nation: Law, year: int) -> None:
    different = [
        day for day in days_of(year) if nation.calendar.is_working_day(day) != chinese_calendar.is_workday(day)
    ]
    assert different == []
    assert {day for day in nation.calendar.days_worked if day.year == year} == {
        day for day in chinese.workdays if day.year == year
    }
    assert {day for day in nation.calendar.days_off if day.year == year} == {
        day for day in chinese.holidays if day.year == year
    }


@pytest.mark.row("D1")
@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_worked_or_off_as_holidays_says_but_for_the_second_notice_of_2019(nation: Law, year: int) -> None:
    china = holidays.country_holidays("CN", years=[year - 1, year, year + 1])
    different = [day for day in days_of(year) if nation.calendar.is_working_day(day) != china.is_working_day(day)]
    assert different == (SECOND_NOTICE_OF_2019 if year == 2019 else [])


@pytest.mark.row("D1")
def test_the_years_announced_are_2018_to_2026_and_2027_is_only_expected(nation: Law) -> None:
    calendar = nation.calendar
    assert calendar.announced == frozenset(YEARS)
    assert {day.year for day in calendar.expected_off} == {2027}
    assert not any(day.year == 2027 for day in calendar.days_off | calendar.days_worked)


@pytest.mark.row("D1")
def test_only_the_notice_for_2026_was_read_and_it_says_where(library: Library) -> None:
    sources = library.files["cn/calendar.yaml"].sources
    read = [source for source in sources.values() if source.certainty == "C"]
    assert [(source.published, source.title[8:12]) for source in read] == [(date(2025, 11, 4), "2026")]
    assert "新华社" in read[0].note


@pytest.mark.row("D1")
def test_the_days_expected_off_in_2027_are_the_thirteen_of_the_festivals(nation: Law) -> None:
    names = holidays.country_holidays("CN", years=2027, language="en_US")
    statutory = {day for day, name in names.items() if "observed" not in name}
    assert nation.calendar.expected_off == statutory
    assert len(statutory) == 13


@pytest.mark.row("D1")
def test_every_festival_has_its_name_and_every_notice_its_mark(library: Library) -> None:
    years = [each.entry for each in library.files["cn/calendar.yaml"]["years"]]
    assert {off.name for year in years for off in year.days_off} == FESTIVALS
    for year in years:
        assert FESTIVALS - {off.name for off in year.days_off} <= {"中秋节"}
        assert year.certainty == {2026: "C", 2027: "I"}.get(year.year, "M")


@pytest.mark.row("S2-13", "D1")
@pytest.mark.parametrize(
    ("accepted", "last", "provisional"),
    [
        (date(2026, 9, 18), date(2026, 10, 22), False),
        (date(2026, 2, 10), date(2026, 3, 16), False),
        (date(2026, 4, 30), date(2026, 6, 1), False),
        (date(2025, 9, 26), date(2025, 10, 30), False),
        (date(2026, 12, 2), date(2026, 12, 30), False),
        (date(2026, 12, 3), date(2026, 12, 31), False),
        (date(2026, 12, 4), date(2027, 1, 4), True),
    ],
)
def test_jinans_twenty_working_days_end_on(jinan: Law, accepted: date, last: date, provisional: bool) -> None:
    deadline = jinan.calendar.deadline(accepted, jinan.value("issue.limit").duration)
    assert (deadline.day, deadline.provisional) == (last, provisional)


def test_the_domestic_fifteen_days_are_calendar_days_and_roll(domestic: Law) -> None:
    limit = domestic.value("issue.limit").duration
    assert limit == Duration(15, "day")
    assert domestic.calendar.deadline(date(2026, 9, 18), limit).day == date(2026, 10, 8)
