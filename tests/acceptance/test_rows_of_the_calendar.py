"""The days off behind the twenty working days: every day belongs to one festival of its notice."""

from collections import Counter
from datetime import timedelta

import pytest

from tests.support.law import CALENDAR_PACK, library

YEARS = [each.entry.year for each in library().files[CALENDAR_PACK]["years"]]


@pytest.mark.row("D1", "S2-13")
@pytest.mark.parametrize("year", YEARS)
def test_no_day_is_off_for_two_festivals(year: int) -> None:
    (entry,) = [each.entry for each in library().files[CALENDAR_PACK]["years"] if each.entry.year == year]
    days = Counter(
        off.first + timedelta(days=index) for off in entry.days_off for index in range((off.last - off.first).days + 1)
    )
    assert max(days.values()) == 1
    assert days.keys().isdisjoint(entry.worked)
