"""Endorsement windows, standing and years of residence, over all dates: no database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.law import law_of
from yizhengtong.kernel.dates import DateRange, add_months, add_years
from yizhengtong.law.values import EndorsementWindow
from yizhengtong.permitting.permits.rules import (
    Late,
    PermitFacts,
    endorse,
    endorsement_window,
    last_day_of_year,
    running_year,
    state_on,
    what_happens_next,
    window_of,
    years_counted_from,
    years_of_residence,
    years_so_far,
)
from yizhengtong.permitting.permits.tests.zhejiang import HANGZHOU, RUIAN, floating_law

MONTH = EndorsementWindow(every="year", n=1, unit="month")
DAY = timedelta(days=1)
ISSUES = st.dates(date(2016, 7, 1), date(2060, 12, 31))
YEARS = st.integers(1, 60)
LATES = st.sampled_from(["restart", "exclude_gap"])


def facts(issued: date = date(2021, 1, 1), *, until: date | None = None, state: str = "held") -> PermitFacts:
    return PermitFacts(
        state=state, valid_from=issued, last_valid_day=date.max, counted_from=issued,
        endorsed_until=until or last_day_of_year(issued, 1), years_count_from=issued,
    )  # fmt: skip


# ---- windows ----


@pytest.mark.row("S3-26", "S3-25")
@pytest.mark.parametrize(
    ("issued", "first", "last"),
    [
        (date(2016, 12, 22), date(2017, 11, 22), date(2017, 12, 21)),
        (date(2024, 2, 29), date(2025, 1, 28), date(2025, 2, 27)),
        (date(2026, 3, 31), date(2027, 2, 28), date(2027, 3, 30)),
        (date(2021, 1, 1), date(2021, 12, 1), date(2021, 12, 31)),
    ],
)
def test_the_first_window_is_the_month_before_the_first_full_year(issued: date, first: date, last: date) -> None:
    window = endorsement_window(issued, 1, MONTH)
    assert (window.start, window.last_day) == (first, last)
    assert last_day_of_year(issued, 1) == last


@pytest.mark.row("S3-26")
def test_a_leap_day_moves_no_later_window() -> None:
    fourth = endorsement_window(date(2024, 2, 29), 4, MONTH)
    assert (fourth.start, fourth.last_day) == (date(2028, 1, 29), date(2028, 2, 28))
    fifth = endorsement_window(date(2024, 2, 29), 5, MONTH)
    assert (fifth.start, fifth.last_day) == (date(2029, 1, 28), date(2029, 2, 27))


@given(ISSUES, YEARS)
def test_a_window_ends_the_day_before_a_full_year_and_lasts_a_month(issued: date, year: int) -> None:
    window = endorsement_window(issued, year, MONTH)
    full = add_years(issued, year)
    assert window.until == full
    assert 28 <= (window.days or 0) <= 31
    assert add_months(window.start, 1) <= full


@given(ISSUES, YEARS)
def test_windows_of_neighbouring_years_never_meet(issued: date, year: int) -> None:
    one, next_one = endorsement_window(issued, year, MONTH), endorsement_window(issued, year + 1, MONTH)
    assert one.until is not None
    assert one.until < next_one.start


@given(ISSUES, st.integers(0, 20000))
def test_every_day_lies_in_the_year_that_runs(issued: date, days: int) -> None:
    day = issued + timedelta(days=days)
    year = running_year(issued, day)
    assert day <= last_day_of_year(issued, year)
    assert year == 1 or day > last_day_of_year(issued, year - 1)


def test_there_is_no_window_before_the_first_year_and_none_in_working_days() -> None:
    with pytest.raises(ValueError, match="first full year"):
        endorsement_window(date(2021, 1, 1), 0, MONTH)
    with pytest.raises(ValueError, match="days, months or years"):
        endorsement_window(date(2021, 1, 1), 1, EndorsementWindow(every="year", n=5, unit="workday"))
    ten = endorsement_window(date(2021, 1, 1), 1, EndorsementWindow(every="year", n=10, unit="day"))
    assert ten.start == date(2021, 12, 22)


# ---- endorsing ----


@pytest.mark.row("S3-26", "S3-24", "D10")
@pytest.mark.parametrize(
    ("on", "until"),
    [
        (date(2021, 11, 30), None),
        (date(2021, 12, 1), date(2022, 12, 31)),
        (date(2021, 12, 31), date(2022, 12, 31)),
        (date(2022, 1, 1), date(2022, 12, 31)),
        (date(2022, 6, 1), date(2022, 12, 31)),
        (date(2022, 11, 30), date(2022, 12, 31)),
        (date(2022, 12, 1), date(2023, 12, 31)),
        (date(2024, 6, 1), date(2024, 12, 31)),
    ],
)
def test_an_endorsement_counts_from_the_first_day_of_its_window_on(on: date, until: date | None) -> None:
    done = endorse(facts(), MONTH, "restart", on)
    assert (done.until if done else None) == until
    if done:
        assert done.was_late == (on > date(2021, 12, 31))


@given(ISSUES, YEARS, st.integers(0, 40000), LATES)
def test_who_is_endorsed_is_good_that_day_and_not_asked_twice_within_one_window(
    issued: date, year: int, days: int, late: Late
) -> None:
    permit = facts(issued, until=last_day_of_year(issued, year))
    on = issued + timedelta(days=days)
    done = endorse(permit, MONTH, late, on)
    asked = window_of(permit, MONTH)
    assert asked is not None
    assert (done is None) == (on < asked.start)
    if done is None:
        return
    assert on <= done.until
    assert done.until == last_day_of_year(issued, running_year(issued, done.until))
    assert done.was_late == (on > last_day_of_year(issued, year))
    again = facts(issued, until=done.until)
    assert endorse(again, MONTH, late, on) is None
    assert done.years_count_from is not None
    assert issued <= done.years_count_from <= on or done.years_count_from == issued
    assert done.was_late or done.years_count_from == issued


def test_what_is_not_endorsed_yearly_has_no_window() -> None:
    hmt = PermitFacts("held", date(2026, 9, 18), date(2031, 9, 18), date(2026, 9, 18))
    assert window_of(hmt, MONTH) is None
    assert endorse(hmt, MONTH, "restart", date(2030, 1, 1)) is None


# ---- D22: one of two, by pack ----


@pytest.mark.row("D22")
def test_the_stored_example_of_a_late_endorsement() -> None:
    done = endorse(facts(), MONTH, "exclude_gap", date(2022, 6, 1))
    assert done is not None
    assert done.lapse == DateRange(date(2022, 1, 1), date(2022, 6, 1))
    assert done.lapse.last_day == date(2022, 5, 31)
    assert done.years_count_from == date(2021, 6, 1), "151 days are left out"
    anew = endorse(facts(), MONTH, "restart", date(2022, 6, 1))
    assert anew is not None
    assert anew.years_count_from == date(2022, 6, 1)


@pytest.mark.row("D22")
@pytest.mark.parametrize(
    ("late", "on", "years"),
    [
        ("exclude_gap", date(2022, 5, 31), 1),
        ("exclude_gap", date(2023, 5, 31), 1),
        ("exclude_gap", date(2023, 6, 1), 2),
        ("restart", date(2023, 5, 31), 0),
        ("restart", date(2023, 6, 1), 1),
    ],
)
def test_years_of_residence_after_a_late_endorsement(late: Late, on: date, years: int) -> None:
    lapses = [DateRange(date(2022, 1, 1), date(2022, 6, 1) if on >= date(2022, 6, 1) else None)]
    assert years_of_residence(date(2021, 1, 1), lapses, late, on) == years


@pytest.mark.row("D22")
@given(ISSUES, st.lists(st.tuples(st.integers(300, 800), st.integers(1, 700)), max_size=4), LATES)
def test_a_lapse_never_adds_years_and_only_its_days_are_lost(
    since: date, spans: list[tuple[int, int]], late: Late
) -> None:
    lapses, day = [], since
    for kept, lost in spans:
        start = day + timedelta(days=kept)
        day = start + timedelta(days=lost)
        lapses.append(DateRange(start, day))
    counted = years_counted_from(since, lapses, late)
    assert counted >= since
    if late == "exclude_gap":
        assert (counted - since).days == sum(lost for _, lost in spans)
    else:
        assert counted == (day if spans else since)
    on = day + timedelta(days=1000)
    assert years_of_residence(since, lapses, late, on) <= years_of_residence(since, [], late, on)


@pytest.mark.row("D22")
@given(st.integers(0, 3000), LATES)
def test_while_functions_are_suspended_no_year_is_added(days: int, late: Late) -> None:
    assert years_so_far(facts(), late, date(2022, 1, 1) + timedelta(days=days)) == 1


# ---- standing ----


@pytest.mark.row("S3-24", "D10")
@pytest.mark.parametrize(
    ("day", "is_valid", "reason"),
    [
        (date(2020, 12, 31), False, "not_yet_valid"),
        (date(2021, 1, 1), True, ""),
        (date(2021, 12, 31), True, ""),
        (date(2022, 1, 1), False, "suspended"),
    ],
)
def test_a_card_without_expiry_is_good_until_its_endorsed_year_ends(day: date, is_valid: bool, reason: str) -> None:
    found = state_on(facts(), day)
    assert (found.is_valid, found.reason) == (is_valid, reason)


def test_lost_comes_before_suspended_and_ended_before_all() -> None:
    late = date(2025, 1, 1)
    assert state_on(facts(state="lost"), late).reason == "lost"
    ended = PermitFacts("ended", late, date.max, late, end_reason="converted")
    assert state_on(ended, late).reason == "converted"
    assert not state_on(facts(state="suspended"), date(2021, 6, 1)).is_valid


# ---- what happens next ----


@pytest.mark.row("D22", "S3-26")
def test_what_will_happen_and_when_is_told_before_it_happens() -> None:
    told = what_happens_next(facts(), floating_law(RUIAN, date(2021, 6, 1)), date(2021, 6, 1))
    assert [(each.code, each.on) for each in told] == [
        ("permits.next_window_opens", date(2021, 12, 1)),
        ("permits.next_last_day", date(2021, 12, 31)),
        ("permits.next_suspended", date(2022, 1, 1)),
        ("permits.next_years_restart", date(2022, 1, 1)),
    ]
    assert told[1].facts["days"] == 213
    assert told[3].facts["years"] == 1
    assert all(each.source is not None for each in told)


@pytest.mark.row("D22")
def test_each_place_tells_its_own_effect_of_being_late_and_only_that() -> None:
    def effects(place: str) -> set[str]:
        on = date(2021, 12, 5)
        told = what_happens_next(facts(), floating_law(place, on), on)
        assert told[0].code == "permits.next_window_is_open"
        return {each.code for each in told if each.code.startswith("permits.next_years")}

    assert effects(RUIAN) == {"permits.next_years_restart"}
    assert effects(HANGZHOU) == {"permits.next_years_exclude_gap"}


def test_who_is_late_is_told_since_when_and_what_an_endorsement_now_does() -> None:
    on = date(2022, 6, 1)
    told = what_happens_next(facts(state="suspended"), floating_law(RUIAN, on), on)
    assert [(each.code, each.on) for each in told] == [
        ("permits.next_suspended_since", date(2022, 1, 1)),
        ("permits.next_restored_when_endorsed", on),
        ("permits.next_years_restart", date(2022, 1, 1)),
    ]
    assert told[1].facts["until"] == date(2022, 12, 31)


@given(st.integers(0, 1500))
def test_nothing_told_in_time_lies_in_the_past_but_an_open_window(days: int) -> None:
    on = date(2021, 1, 1) + timedelta(days=days)
    told = what_happens_next(facts(), floating_law(RUIAN, date(2021, 6, 1)), on)
    if on <= date(2021, 12, 31):
        assert all(each.on >= on or each.code == "permits.next_window_is_open" for each in told)
        assert [each.on for each in told] == sorted(each.on for each in told)


def test_a_permit_with_a_last_day_only_expires_and_an_ended_one_has_no_future() -> None:
    issued = date(2026, 9, 18)
    hmt = PermitFacts("held", issued, date(2031, 9, 18), issued)
    assert [(each.code, each.on) for each in what_happens_next(hmt, law_of(), issued)] == [
        ("permits.next_expires", date(2031, 9, 18))
    ]
    assert what_happens_next(hmt, law_of(), date(2031, 9, 19)) == ()
    assert what_happens_next(facts(state="ended"), floating_law(), issued) == ()
