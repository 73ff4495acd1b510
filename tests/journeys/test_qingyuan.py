"""Qingyuan over HTTP: both types of mutual recognition, from the promise to the acknowledged push (seed 004)."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.journeys.ruian import Told
from tests.support.serving import Running
from yizhengtong.project.demonstration.journeys import RESIDENT, Journeys


@dataclass(slots=True)
class Recognised:
    """What both types ended with."""

    case: dict[str, Any]
    permits: list[dict[str, Any]]
    opinions: list[dict[str, Any]]
    form: dict[str, dict[str, Any]]
    clock: dict[str, Any]
    by_officers: dict[str, Any]


@pytest.fixture(scope="session")
def recognised(ruian: Told, journeys: Journeys) -> Recognised:
    case = journeys.recognised(ruian.holder)
    client = ruian.holder.resident.client
    path = f"{RESIDENT}/cases/{case['id']}"
    return Recognised(
        case=case,
        permits=client.get(f"{RESIDENT}/permits"),
        opinions=client.get(f"{path}/opinions"),
        form={each["code"]: each for each in client.get(f"{path}/filled-form")},
        clock=journeys.both_ends(case),
        by_officers=journeys.added_up(),
    )


@pytest.mark.row("S4-04", "S4-11", "S4-13")
def test_the_answer_to_the_submission_is_the_permit(recognised: Recognised) -> None:
    case = recognised.case
    assert (case["state"], bool(case["permit_id"]), bool(case["receipt_number"])) == ("completed", True, True)


@pytest.mark.row("S4-24")
def test_one_electronic_permit_lives_and_the_card_is_ended_by_it(recognised: Recognised) -> None:
    new, old = recognised.permits
    assert (new["kind"], new["is_valid"], new["is_electronic"]) == ("zhejiang_digital", True, True)
    assert (old["kind"], old["is_valid"], old["end_reason"]) == ("zhejiang_card", False, "converted")


@pytest.mark.row("S4-13", "S4-26", "D24")
def test_three_named_rules_gave_the_opinions_and_an_office_answers_for_each(recognised: Recognised) -> None:
    assert [each["rule"] for each in recognised.opinions] == [
        "form_is_complete_and_declared", "every_fact_is_confirmed", "every_condition_is_met",
    ]  # fmt: skip
    assert all("庆元" in each["words"] for each in recognised.opinions)


@pytest.mark.row("S4-19", "S4-20")
def test_the_form_is_kept_as_it_was_filled_in(recognised: Recognised, ruian: Told) -> None:
    assert recognised.form["name"]["text"] == ruian.holder.resident.somebody.name
    assert recognised.form["conversion_type"]["ticked"] == ["existing_permit"]


@pytest.mark.row("S4-14", "S4-15")
def test_both_ends_are_measured_and_within_two_working_days(recognised: Recognised) -> None:
    clock = recognised.clock
    assert (clock["decided_in_time"], clock["pushed_in_time"]) == (True, True)
    assert clock["pushed_at"]


@pytest.mark.row("S4-05", "D6")
def test_a_gap_between_two_counties_was_decided_by_officers(recognised: Recognised, server: Running) -> None:
    assert recognised.by_officers["state"] == "completed"
    with psycopg.connect(server.database) as connection:
        reviewed, declined = connection.execute(
            "SELECT reviewed_by IS NOT NULL, automatic_declined_because::text FROM casework_case"
            " WHERE item = 'floating.conversion_registrations'"
        ).fetchone() or (False, "")
    assert reviewed
    assert declined
