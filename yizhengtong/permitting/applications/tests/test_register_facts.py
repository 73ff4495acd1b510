"""What a register's answer shows of a kind of proof, to the day."""

from datetime import date
from typing import Any

import pytest

from yizhengtong.foundation.exchange.registers.contract import Answer, Result
from yizhengtong.law.registers import RegisterProof
from yizhengtong.permitting.applications.facts import Confirmed
from yizhengtong.permitting.applications.register_facts import Asked, Shown, shown_by

AS_OF, ON, NANCHONG = date(2026, 9, 17), date(2026, 9, 18), "511302"


def proof(kept_in: Any, *asks: str, needs: tuple[Any, ...] = ()) -> RegisterProof:
    return RegisterProof(evidence="paper", kept_in=kept_in, asks=asks, needs=needs)


INSURANCE = proof("social_insurance", "months", "until", needs=("current",))
LICENCE = proof("business_licence", "since", "status", needs=("active",))
LEASE = proof("lease", "since", "until", "is_safe", needs=("running",))
HOUSEHOLD = proof("household_register", "region", "has_died", needs=("alive", "region_agrees"))


def shown(rule: RegisterProof, *told: dict[str, Any], hukou: str = NANCHONG) -> Shown:
    found = shown_by(rule, Answer(Result.FOUND, "test", AS_OF, told), Asked(ON, hukou))
    assert found is not None
    return found


@pytest.mark.row("S3-36", "S4-21")
@pytest.mark.parametrize(
    ("until", "missing"),
    [
        (date(2026, 8, 31), ()),
        (date(2026, 8, 1), ()),
        (date(2026, 7, 31), ("current",)),
        (date(2025, 8, 31), ("current",)),
    ],
)
def test_insurance_counts_while_it_is_paid_up_to_the_month_before(until: date, missing: tuple[str, ...]) -> None:
    found = shown(INSURANCE, {"months": 3, "until": until})
    assert found.missing == missing
    assert found.confirmed.months == 3
    assert found.confirmed.until is not None
    assert (found.confirmed.until - until).days == 1


@pytest.mark.row("S3-37", "S4-21")
@pytest.mark.parametrize(("status", "missing"), [("active", ()), ("revoked", ("active",)), ("suspended", ("active",))])
def test_a_licence_counts_while_it_is_in_force(status: str, missing: tuple[str, ...]) -> None:
    found = shown(LICENCE, {"since": date(2026, 6, 1), "status": status})
    assert (found.missing, found.confirmed.since) == (missing, date(2026, 6, 1))


@pytest.mark.row("S3-43", "S4-22")
@pytest.mark.parametrize(
    ("since", "until", "missing"),
    [
        (ON, None, ()),
        (date(2026, 9, 19), None, ("running",)),
        (date(2026, 1, 1), date(2026, 9, 19), ()),
        (date(2026, 1, 1), ON, ("running",)),
    ],
)
def test_a_lease_counts_from_its_first_day_to_its_last(
    since: date, until: date | None, missing: tuple[str, ...]
) -> None:
    assert shown(LEASE, {"since": since, "until": until, "is_safe": None}).missing == missing


@pytest.mark.parametrize(
    ("is_safe", "shows", "lacks"),
    [(True, ("running", "safe"), ()), (False, ("running",), ("safe",)), (None, ("running",), ())],
)
def test_what_nobody_looked_at_is_neither_shown_nor_lacking(
    is_safe: bool | None, shows: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    found = shown(LEASE, {"since": ON, "until": None, "is_safe": is_safe}).confirmed
    assert (found.shows, found.lacks) == (shows, lacks)


@pytest.mark.parametrize(
    ("region", "has_died", "hukou", "missing"),
    [
        (NANCHONG, False, NANCHONG, ()),
        ("511303", False, NANCHONG, ("region_agrees",)),
        (NANCHONG, False, "", ("region_agrees",)),
        (NANCHONG, True, NANCHONG, ("alive",)),
    ],
)
def test_the_household_register_agrees_with_what_the_applicant_says(
    region: str, has_died: bool, hukou: str, missing: tuple[str, ...]
) -> None:
    assert shown(HOUSEHOLD, {"region": region, "has_died": has_died}, hukou=hukou).missing == missing


@pytest.mark.row("S3-45", "S4-23")
@pytest.mark.parametrize("school", ["primary", "secondary", "vocational", "university"])
def test_a_school_roll_shows_one_kind_of_school(school: str) -> None:
    found = shown(proof("school_roll", "since", "school"), {"since": ON, "school": school}).confirmed
    assert found.shows == ("university" if school == "university" else f"{school}_school",)
    assert len(found.lacks) == 3


def test_of_several_entries_the_best_counts() -> None:
    ended: dict[str, Any] = {"since": date(2020, 1, 1), "until": date(2021, 1, 1), "is_safe": True}
    unsafe: dict[str, Any] = {"since": date(2026, 1, 1), "until": None, "is_safe": False}
    safe: dict[str, Any] = {"since": date(2026, 8, 1), "until": None, "is_safe": True}
    for told in ([ended, unsafe, safe], [safe, unsafe, ended]):
        assert shown(LEASE, *told).confirmed == Confirmed(
            "test", AS_OF, since=date(2026, 8, 1), shows=("running", "safe")
        )


@pytest.mark.parametrize("result", [Result.NOT_FOUND, Result.UNAVAILABLE])
def test_without_an_entry_nothing_is_shown(result: Result) -> None:
    assert shown_by(LEASE, Answer(result, "test", AS_OF), Asked(ON, NANCHONG)) is None
