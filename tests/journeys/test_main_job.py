"""Jinan: the main job and what stands beside it, over HTTP against a real server, held to the law."""

from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from tests.journeys.main_job import Ended
from tests.support.serving import Running
from yizhengtong.kernel.dates import add_months
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.law.law import Law
from yizhengtong.law.reading import load
from yizhengtong.project.demonstration.client import Client, Refused
from yizhengtong.project.demonstration.journeys import LIXIA, RESIDENT, STAFF, Journeys
from yizhengtong.project.demonstration.people import somebody


@pytest.fixture(scope="session")
def jinan(server: Running) -> Law:
    return load().law("370100", "hmt", server.journeys.today)


PREFIXES = {"HK": "810000", "MO": "820000", "TW": "830000"}


@pytest.mark.row("S2-20")
def test_a_permits_number_says_the_region_and_the_birth_date_and_has_its_check_digit(ended: Ended) -> None:
    for permit, region in ((ended.first, "HK"), (ended.child, "MO"), (ended.reissued, "HK")):
        number = parse(DocumentKind.HMT_PERMIT, permit["number"])
        assert number.text.startswith(PREFIXES[region])
        assert len(number.text) == 18
    born = ended.holder.somebody.birth_date
    assert ended.first["number"][6:14] == f"{born:%Y%m%d}"


@pytest.mark.row("S2-11")
def test_a_permit_is_valid_for_five_years_from_the_day_it_is_granted(ended: Ended, server: Running) -> None:
    for permit in (ended.first, ended.child, ended.moved, ended.reissued):
        start = date.fromisoformat(permit["valid_from"])
        assert start == server.journeys.today
        assert date.fromisoformat(permit["last_valid_day"]) == add_months(start, 60)
        assert permit["is_valid"] is True


@pytest.mark.row("S2-12")
def test_a_permit_is_signed_by_the_county_level_organ(ended: Ended) -> None:
    assert "历下" in ended.first["authority"]
    assert "市中" in ended.moved["authority"]
    assert "受理" not in ended.first["authority"]


@pytest.mark.row("S2-13", "D1")
def test_a_case_is_due_on_the_20th_working_day_after_its_acceptance(ended: Ended, jinan: Law) -> None:
    day = date.fromisoformat(ended.first_case["accepted_on"])
    for _ in range(20):
        day += timedelta(days=1)
        while not jinan.calendar.is_working_day(day):
            day += timedelta(days=1)
    assert ended.first_case["due_on"] == day.isoformat()
    assert ended.first_case["is_due_provisional"] is not jinan.calendar.is_announced(day.year)


@pytest.mark.row("S2-19")
def test_a_first_issue_costs_nothing(ended: Ended) -> None:
    items = {item["code"]: item for item in ended.holder.client.get(f"{RESIDENT}/items")}
    assert items["hmt.first_issue"]["fee_fen"] == 0
    assert items["hmt.first_issue"]["fee_source"]["text"]


def test_the_case_ends_completed_with_receipt_and_card_handed_over(ended: Ended) -> None:
    assert ended.first_case["state"] == "completed"
    assert ended.first_case["receipt_number"]
    first = ended.permits[-1]
    assert (first["number"], first["handed_over_on"] is not None) == (ended.first["number"], True)


def test_a_bank_is_told_that_the_permit_agrees_and_is_good_and_nothing_more(ended: Ended) -> None:
    assert set(ended.first_check) == {"id", "is_match", "is_valid", "fields", "state", "is_final", "as_of"}
    assert ended.first_check["is_match"] is True
    assert ended.first_check["is_valid"] is True


def test_three_different_officers_gave_their_word(ended: Ended, server: Running) -> None:
    with psycopg.connect(server.database) as connection:
        rows = connection.execute(
            "SELECT accepted_by, reviewed_by, approved_by FROM casework_case"
            " WHERE approved_by IS NOT NULL AND office_path LIKE '370100.%'"
        ).fetchall()
    assert len(rows) >= 5
    assert all(len({*row}) == 3 and None not in row for row in rows)


@pytest.mark.row("S2-10")
def test_a_child_gets_a_permit_through_a_guardian_and_cannot_without_one(ended: Ended, server: Running) -> None:
    assert ended.child["is_valid"] is True
    alone = server.journeys.resident(somebody(server.journeys.today, age=9))
    server.journeys.declare_stay(alone, LIXIA, months=14)
    path = server.journeys.fill_in(alone, "hmt.first_issue", study_proof="student_card")
    findings = {each["code"]: each for each in alone.client.get(f"{path}/look-ahead")["findings"]}
    unmet = findings["applications.minor_is_represented"]
    assert unmet["met"] is False
    assert unmet["source"]["article"]


@pytest.mark.row("S1-038")
def test_a_one_time_travel_permit_is_told_before_anything_is_booked(ended: Ended) -> None:
    finding = finding_of(ended.one_time, "applications.holds_accepted_travel_document")
    assert ended.one_time["is_ready"] is False
    assert finding["met"] is False
    assert finding["fix"]
    assert finding["source"]["article"]


def test_a_travel_permit_for_foreigners_is_told_which_article_shuts_it_out(ended: Ended) -> None:
    assert ended.foreign["is_ready"] is False
    unmet = [each for each in ended.foreign["findings"] if each["met"] is False]
    assert any(each["source"]["article"] for each in unmet)
    assert {each["code"] for each in unmet} & {
        "applications.is_hong_kong_macao_or_taiwan_resident", "applications.holds_accepted_travel_document",
    }  # fmt: skip


def finding_of(looked: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in looked["findings"] if each["code"] == code)
    return found


@pytest.mark.row("S4-17", "S3-33")
def test_a_refusal_gives_every_reason_at_once_in_one_dated_notice(ended: Ended, server: Running) -> None:
    notice = ended.notice
    assert notice["kind"] == "refusal"
    assert notice["issued_on"] == server.journeys.today.isoformat()
    assert len(notice["findings"]) >= 5
    assert len({(each["code"], each["detail"]) for each in notice["findings"]}) == len(notice["findings"])
    for reason in notice["findings"]:
        assert reason["met"] is False
        assert reason["source"]["text"]
        assert reason["source"]["article"]
        assert reason["detail"]
        assert reason["fix"], reason["code"]
        assert "{" not in reason["detail"] + reason["fix"] + reason["title"]


def test_a_refusal_says_on_which_day_half_a_year_would_be_reached(ended: Ended, server: Running) -> None:
    dated = [each for each in ended.notice["findings"] if each["met_on"]]
    assert [each for each in dated if each["code"].startswith("residence.")]
    assert all(date.fromisoformat(each["met_on"]) > server.journeys.today for each in dated)


def test_a_refusal_says_what_can_be_done_against_it_and_until_when(ended: Ended) -> None:
    assert len(ended.notice["remedies"]) == 2
    assert all("年" in remedy and "日" in remedy and "{" not in remedy for remedy in ended.notice["remedies"])


def test_a_replacement_ends_the_old_permit_and_exactly_one_lives(ended: Ended) -> None:
    by_id = {permit["id"]: permit for permit in ended.after_move}
    assert len(by_id) == 2
    assert by_id[ended.first["id"]]["ended_on"] is not None
    assert by_id[ended.first["id"]]["is_valid"] is False
    assert [permit["id"] for permit in ended.after_move if permit["is_valid"]] == [ended.moved["id"]]
    assert ended.moved["issue_count"] == 2


def test_the_number_stays_with_the_person_for_life(ended: Ended) -> None:
    assert ended.first["number"] == ended.moved["number"] == ended.reissued["number"]


def test_a_lost_card_proves_nothing_until_it_is_reissued(ended: Ended) -> None:
    assert [(check["is_match"], check["is_valid"]) for check in ended.lost_checks] == [(True, False), (True, True)]


def test_a_reissue_ends_the_lost_card_and_exactly_one_lives(ended: Ended) -> None:
    assert [permit["id"] for permit in ended.permits if permit["is_valid"]] == [ended.reissued["id"]]
    assert ended.reissued["issue_count"] == 3
    lost = next(permit for permit in ended.permits if permit["id"] == ended.moved["id"])
    assert (lost["is_valid"], lost["end_reason"]) == (False, "lost")


def test_a_wrong_name_a_wrong_birthday_and_an_unknown_number_are_answered_alike(ended: Ended, server: Running) -> None:
    bank = Client(server.port, {"Authorization": f"Bearer {server.journeys.city.relying_party_key}"})
    right = {"purpose": "bank", "number": ended.reissued["number"], "name": ended.holder.somebody.name}
    stranger = ended.child["number"]
    for wrong in ({"name": "别人"}, {"birth_date": "1901-01-01"}, {"number": stranger}):
        answer = bank.post("/api/partner/checks", {**right, **wrong})
        assert (answer["is_match"], answer["is_valid"]) == (False, False)


def test_a_check_for_a_purpose_that_is_not_registered_is_refused(ended: Ended, server: Running) -> None:
    bank = Client(server.port, {"Authorization": f"Bearer {server.journeys.city.relying_party_key}"})
    with pytest.raises(Refused) as refusal:
        bank.post("/api/partner/checks", {"purpose": "curiosity", "number": ended.first["number"], "name": "x"})
    assert (refusal.value.status, refusal.value.problem["code"]) == (403, "relying_parties.purpose_not_registered")


def test_the_holder_is_told_in_the_inbox_and_once_a_telephone_is_confirmed_there_too(ended: Ended) -> None:
    assert [each["kind"] for each in ended.messages] == ["accepted", "made_collect"]
    assert all(each["is_due"] for each in ended.messages)
    for each in ended.by_telephone:
        assert [way["channel"] for way in each["sent"]] == ["sms"]
        assert ended.first["number"] not in each["text"]


def test_the_data_platform_received_every_step_of_each_permit_in_order(ended: Ended, journeys: Journeys) -> None:
    assert journeys.platform is not None
    journeys.platform.wait_for(ended.moved["id"], "replace")
    kinds = [event.type.split(".")[-2] for event in journeys.platform.events_of(ended.moved["id"])]
    assert kinds == ["issued", "record_made", "hand_over", "report_loss", "replace"]


def test_each_step_was_told_with_what_it_rests_on(ended: Ended, server: Running) -> None:
    steps = [line for line in server.told if " ms " in line]
    assert len(steps) > 60
    assert all("〔" in step for step in steps)


def test_officers_elsewhere_see_nothing_of_it(ended: Ended, server: Running) -> None:
    elsewhere = server.journeys.officer("demo-shizhong")
    with pytest.raises(Refused) as refusal:
        elsewhere.get(f"{STAFF}/cases/{ended.first_case['id']}")
    assert refusal.value.status == 404


def test_what_happened_is_in_the_trail_and_no_name_is(ended: Ended, server: Running) -> None:
    with psycopg.connect(server.database) as connection:
        rows = connection.execute("SELECT action, request_id, audit_entry::text FROM audit_entry").fetchall()
    actions = {row[0] for row in rows}
    assert {"casework.accept", "casework.approve", "permits.issue", "permits.report_loss", "checks.match"} <= actions
    assert not [row for row in rows if ended.holder.somebody.name in row[2] or ended.first["number"] in row[2]]
