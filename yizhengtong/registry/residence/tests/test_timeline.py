"""The days that count, those that do not, and why."""

from datetime import date

import pytest

from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.law.values import ResidenceMeasure
from yizhengtong.registry.residence.rules import Stay
from yizhengtong.registry.residence.timeline import Counted, Uncounted, timeline


@pytest.mark.row("D4", "D6")
def test_each_stretch_of_days_is_told_with_its_reason() -> None:
    needed = ResidenceMeasure(measure="days", n=180, scope="city", contiguous=True, evidence="registered")
    stays = [
        Stay("440304", date(2026, 1, 1), date(2026, 2, 1), "employer"),
        Stay("370102", date(2026, 2, 1), date(2026, 3, 1), "landlord"),
        Stay("370102", date(2026, 3, 11), date(2026, 4, 1), "hotel"),
        Stay("370103", date(2026, 4, 1), None, "self"),
    ]
    laid = timeline(stays, needed, "370102", date(2026, 4, 11))
    assert laid.counted == (
        Counted(date(2026, 3, 11), date(2026, 4, 1), 21, "370102", "hotel"),
        Counted(date(2026, 4, 1), date(2026, 4, 11), 10, "370103", "self"),
    )
    assert laid.uncounted == (
        Uncounted(date(2026, 1, 1), date(2026, 2, 1), 31, "residence.outside_area"),
        Uncounted(date(2026, 2, 1), date(2026, 3, 1), 28, "residence.before_gap"),
        Uncounted(date(2026, 3, 1), date(2026, 3, 11), 10, "residence.not_registered"),
    )
    assert (laid.total, laid.met_on) == (31, date(2026, 9, 7))
    assert all(
        say(piece.reason_code, language) != piece.reason_code for piece in laid.uncounted for language in LANGUAGES
    )


def test_without_stays_there_is_nothing_to_tell() -> None:
    needed = ResidenceMeasure(measure="months", n=6, scope="nation", contiguous=False, evidence="any")
    laid = timeline([], needed, "370102", date(2026, 1, 1))
    assert (laid.counted, laid.uncounted, laid.total, laid.met_on) == ((), (), 0, None)
