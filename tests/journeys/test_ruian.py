"""Rui'an over HTTP: reported and registered, the card by choice, endorsed yearly, late, refused (seed 003)."""

from datetime import date
from typing import Any

import psycopg
import pytest

from tests.journeys.ruian import Told
from tests.support.serving import Running
from yizhengtong.kernel.dates import add_years
from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys
from yizhengtong.project.demonstration.journeys.ruian import DAYS_LATE, DAYS_LEFT


@pytest.mark.row("S3-11")
def test_a_landlords_report_becomes_a_registration_with_a_voucher_and_its_source(ruian: Told) -> None:
    (stay,) = ruian.stays
    assert (stay["region"], stay["reported_by"], stay["is_late"]) == ("330381", "landlord", False)
    assert stay["voucher_number"]


@pytest.mark.row("S3-11")
def test_a_landlord_is_told_nothing_of_what_became_of_a_report(ruian: Told) -> None:
    reports = ruian.landlord.get("/api/reporter/reports")["items"]
    assert len(reports) == 3
    assert all("state" not in each for each in reports)


@pytest.mark.row("S3-31", "S3-32")
def test_the_card_is_accepted_on_the_spot_with_a_receipt_and_due_within_fifteen_days(ruian: Told) -> None:
    case = ruian.case
    assert (case["state"], bool(case["receipt_number"])) == ("completed", True)
    days = (date.fromisoformat(case["due_on"]) - date.fromisoformat(case["accepted_on"])).days
    assert days >= 15, "fifteen calendar days, and on to the next working day"


@pytest.mark.row("S3-24", "S3-25")
def test_the_card_has_no_last_day_and_is_endorsed_for_a_year(ruian: Told) -> None:
    assert ruian.before["last_valid_day"] == "9999-12-31"
    issued, until = (date.fromisoformat(day) for day in (ruian.before["valid_from"], _until(ruian.before)))
    assert (add_years(issued, 1) - until).days == 1


@pytest.mark.row("S3-26")
def test_within_its_window_an_endorsement_adds_exactly_a_year(ruian: Told, journeys: Journeys) -> None:
    first = date.fromisoformat(ruian.endorsed["valid_from"])
    assert (add_years(first, 1) - journeys.today).days == DAYS_LEFT + 1
    assert date.fromisoformat(_until(ruian.endorsed)) == date.fromordinal(add_years(first, 2).toordinal() - 1)
    assert ruian.endorsed["is_valid"] is True


@pytest.mark.row("S3-26", "D22")
def test_who_is_late_is_suspended_and_has_the_functions_back_with_the_endorsement(
    ruian: Told, journeys: Journeys
) -> None:
    late = (journeys.today - date.fromisoformat(_until(ruian.suspended))).days
    assert (ruian.suspended["state"], ruian.suspended["is_valid"], late) == ("suspended", False, DAYS_LATE)
    assert (ruian.restored["state"], ruian.restored["is_valid"]) == ("held", True)
    assert ruian.restored["id"] == ruian.suspended["id"], "the same card"
    assert ruian.suspended["endorsement"]["years_of_residence"] == 1
    assert ruian.restored["endorsement"]["years_of_residence"] == 0, "restart, as Rui'an's law says"


@pytest.mark.row("S3-33", "S3-35", "S4-17")
def test_a_refusal_names_every_reason_with_article_mend_and_day(ruian: Told) -> None:
    codes = {each["code"] for each in ruian.notice["findings"]}
    assert len(ruian.notice["findings"]) >= 5
    assert {"applications.proves_one_of_three", "applications.photo_is_available"} <= codes
    assert all(each["met"] is False and each["source"]["text"] and each["fix"] for each in ruian.notice["findings"])
    assert any(each["met_on"] for each in ruian.notice["findings"])


def test_three_officers_of_rui_an_decided_and_none_of_jinan_sees_it(ruian: Told, server: Running) -> None:
    with psycopg.connect(server.database) as connection:
        rows = connection.execute(
            "SELECT accepted_by, reviewed_by, approved_by FROM casework_case WHERE office_path LIKE '330000.330381.%'"
            " AND approved_by IS NOT NULL"
        ).fetchall()
    assert rows
    assert all(len({*row}) == 3 for row in rows)
    assert not ruian.holder.resident.client.get(f"{RESIDENT}/messages", unread=True)["next"]


def _until(permit: dict[str, Any]) -> str:
    return str(permit["endorsement"]["endorsed_until"])
