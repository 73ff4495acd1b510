"""The matrix of places cell by cell: what the law of each says on one day, and where it is silent."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.support.law import TODAY, library
from tests.support.zhejiang import QINGYUAN, RUIAN, XIHU, YUEQING
from yizhengtong.kernel.dates import endorsement_window
from yizhengtong.law.law import Law

NATION, JINAN, FAR_WEST = "cn", "370102", "650100"
"""Nobody has a pack for the last: the nation speaks there alone."""


def law(place: str, subject: str) -> Law:
    return library().law(place, subject, TODAY)


def residence(place: str, key: str = "residence.requirement") -> tuple[Any, ...]:
    found = law(place, "floating").value(key)
    return (found.n, found.measure, found.scope, found.contiguous, found.evidence)


def limit(place: str, subject: str, key: str = "issue.limit") -> tuple[Any, ...]:
    found = law(place, subject).value(key)
    return (found.n, found.unit, found.start, found.end)


@pytest.mark.row("S3-35", "S4-05", "D4", "D5")
def test_how_long_one_lives_there() -> None:
    assert residence(YUEQING) == (6, "months", "county", False, "registered")
    assert residence(XIHU) == (6, "months", "county", True, "registered")
    assert residence(RUIAN) == (180, "days", "county", True, "registered")
    assert residence(QINGYUAN, "conversion.residence") == (6, "months", "province", True, "registered")
    assert residence(QINGYUAN) == residence(YUEQING)
    assert residence(NATION) == (6, "months", "city", False, "any")
    counts = {place: law(place, "floating").value("residence.counts_from") for place in (YUEQING, XIHU, RUIAN)}
    assert set(counts.values()) == {"declaration"}


@pytest.mark.row("S3-34", "S4-04", "S4-05")
@pytest.mark.parametrize("place", [NATION, YUEQING, XIHU, RUIAN, QINGYUAN])
def test_one_of_three_everywhere(place: str) -> None:
    assert law(place, "floating").value("claims.any_of") == ("employment", "dwelling", "study")


@pytest.mark.row("S3-32", "S4-14", "S2-13", "D1")
def test_how_long_it_takes() -> None:
    assert limit(FAR_WEST, "hmt") == limit(JINAN, "hmt") == (20, "workday", "acceptance", "issued")
    for place in (NATION, YUEQING, XIHU, RUIAN, QINGYUAN):
        assert limit(place, "floating") == (15, "day", "acceptance", "issued")
    assert limit(QINGYUAN, "floating", "conversion.limit") == (2, "workday", "acceptance", "signed")
    assert law(JINAN, "settlement").value("issue.limit") is None


@pytest.mark.row("S3-24", "S3-25", "S2-11", "D10")
def test_how_long_it_is_good() -> None:
    five = law(JINAN, "hmt").value("validity")
    assert (five.n, five.unit, five.endorsement) == (5, "year", "none")
    for place in (NATION, YUEQING, XIHU, RUIAN, QINGYUAN):
        found = law(place, "floating").value("validity")
        assert (found.n, found.endorsement) == (None, "yearly")


FEES: Mapping[str, tuple[str, ...]] = {
    "floating": ("first:free", "replace:card_cost", "reissue:card_cost", "endorse:free", "register:free"),
    "hmt": ("first:free", "replace:free", "reissue:free"),
    "settlement": ("first:card_cost",),
}


@pytest.mark.row("D2", "S2-19", "S0-T35")
@pytest.mark.parametrize(("place", "subject"), [(RUIAN, "floating"), (JINAN, "hmt"), (JINAN, "settlement")])
def test_what_it_costs_and_no_amount_that_was_not_found(place: str, subject: str) -> None:
    for said in FEES[subject]:
        name, _, charge = said.partition(":")
        fee = law(place, subject).value(f"fee.{name}")
        assert (fee.charge, fee.fen) == (charge, 0 if charge == "free" else None)
    assert law(QINGYUAN, "floating").value("messages.completion_fee").fen == 0


@pytest.mark.row("S3-30", "S4-10", "S0-T18", "D3")
def test_who_takes_it_in_and_who_may_act() -> None:
    kinds = {place: law(place, "floating").value("acceptance.kinds") for place in (YUEQING, RUIAN, QINGYUAN)}
    assert kinds == {
        YUEQING: ("police_station", "entrusted_body", "community_window"),
        RUIAN: ("police_station",),
        QINGYUAN: ("online", "police_station"),
    }
    assert law(JINAN, "settlement").value("acceptance.kinds") == ("exit_entry",)
    for place in (NATION, YUEQING, XIHU, RUIAN, QINGYUAN):
        who = {rule.who: (rule.under_age, rule.by) for rule in law(place, "floating").value("proxy.rules")}
        both = ("guardian", "near_relative")
        assert who == {"minor": (16, both), "elderly": (None, both), "disabled": (None, both)}


@pytest.mark.row("D22")
def test_what_becomes_of_the_years_of_who_is_late() -> None:
    late = {place: law(place, "floating").value("endorsement.late") for place in (NATION, RUIAN, QINGYUAN, XIHU)}
    assert late == {NATION: "restart", RUIAN: "restart", QINGYUAN: "restart", XIHU: "exclude_gap"}


@pytest.mark.row("S3-26")
@pytest.mark.parametrize(
    ("issued", "first", "last"),
    [
        (date(2021, 1, 1), date(2021, 12, 1), date(2021, 12, 31)),
        (date(2016, 12, 22), date(2017, 11, 22), date(2017, 12, 21)),
        (date(2024, 2, 29), date(2025, 1, 28), date(2025, 2, 27)),
        (date(2026, 3, 31), date(2027, 2, 28), date(2027, 3, 30)),
    ],
)
def test_the_window_is_the_month_before_the_full_year_by_the_packs_own_numbers(
    issued: date, first: date, last: date
) -> None:
    found = law(RUIAN, "floating").value("endorsement.window")
    assert (found.every, found.n, found.unit) == ("year", 1, "month")
    window = endorsement_window(issued, 1)
    assert (window.start, window.last_day) == (first, last)
