"""The yearly endorsement as a case: at any place, on the same card, refused with all reasons to who is not eligible."""

from datetime import date, timedelta

import pytest

from tests.support.cases import fresh, words_for
from tests.support.law import TODAY
from tests.support.people import Resident
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.models import Case, Notice
from yizhengtong.permitting.casework.services.deciding import accept_case, approve_case, refuse_case, review_case
from yizhengtong.permitting.casework.services.judging import judge
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    QINGYUAN,
    RUIAN,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    submitted,
    the_law,
)
from yizhengtong.permitting.permits.models import Endorsement, Permit

pytestmark = pytest.mark.django_db
ITEM = "floating.endorsement"
PAPERS = {"identity": "identity_card", "dwelling_proof": "property_title"}
ISSUED = date(2025, 9, 30)
"""Its year is full on 2026-09-30: the window is open on TODAY."""


@pytest.fixture
def qingyuan(db: None) -> County:
    the_law()
    return a_county()


@pytest.fixture
def ruian(qingyuan: County) -> County:
    return a_county(RUIAN, "瑞安市", answering=False)


def asked(who: Resident, county: County, *, on: date = TODAY, papers: dict[str, str] | None = None) -> Case:
    given = PAPERS if papers is None else papers
    draft = a_draft(
        who, ITEM, county=county.code, on=on, claims=("dwelling",), papers=given, promises=county.code == QINGYUAN
    )
    return fresh(submitted(who, draft, on=on))


def reviewed(case: Case, county: County, *, on: date = TODAY) -> Case:
    if case.state == CaseState.RECEIVED:
        clerk = county.officer(Role.CLERK)
        case = accept_case(case_id=case.pk, version=case.version, words="", on=on, by=clerk)
    reviewer = county.officer(Role.REVIEWER, at="county")
    case = judge(case_id=case.pk, words=words_for(case, on=on), version=case.version, on=on, by=reviewer)
    return review_case(case_id=case.pk, version=case.version, recommends="grant", words="", on=on, by=reviewer)


def approved(case: Case, county: County, *, on: date = TODAY) -> Permit:
    approver = county.officer(Role.APPROVER, at="county")
    return approve_case(case_id=case.pk, version=case.version, words="", on=on, by=approver)


@pytest.mark.row("S3-31", "S3-32", "S3-46")
def test_a_complete_application_is_accepted_on_the_spot_with_a_receipt_and_ends_approved(
    ruian: County,
) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    card = a_card(who, ruian, on=ISSUED)
    case = asked(who, ruian)
    assert case.state == CaseState.RECEIVED
    case = reviewed(case, ruian)
    assert case.receipt_number
    assert case.receipt_number.startswith(f"{RUIAN}-20260918-")
    assert case.due_on == date(2026, 10, 8)  # 15 days end on 3 October, within the holiday
    permit = approved(case, ruian)
    case = fresh(case)
    assert (permit.pk, case.permit_id, case.state) == (card.pk, card.pk, CaseState.COMPLETED)
    card.refresh_from_db()
    assert (card.state, card.endorsed_until, card.endorsed_on) == ("held", date(2027, 9, 29), TODAY)
    assert Permit.objects.count() == 1


@pytest.mark.row("S3-27", "D12")
def test_who_moved_is_endorsed_at_the_new_place_on_the_same_card(qingyuan: County, ruian: County) -> None:
    who = a_mainlander((RUIAN, date(2026, 1, 1), date(2026, 8, 1)), (QINGYUAN, date(2026, 8, 1), None))
    card = a_card(who, ruian, on=ISSUED)
    case = asked(who, qingyuan)
    assert case.state == CaseState.ACCEPTED
    approved(reviewed(case, qingyuan), qingyuan)
    card.refresh_from_db()
    assert (card.region, card.endorsed_region, card.office_id) == (RUIAN, QINGYUAN, qingyuan.station.pk)
    assert Endorsement.objects.get().case_id == case.pk


@pytest.mark.row("S3-33")
def test_who_is_no_longer_eligible_is_not_endorsed_and_told_every_reason(ruian: County) -> None:
    who = a_mainlander()
    card = a_card(who, ruian, on=ISSUED)
    case = reviewed(asked(who, ruian, papers={"dwelling_proof": "dormitory"}), ruian)
    with pytest.raises(Conflict, match="findings_unmet"):
        approved(case, ruian)
    approver = ruian.officer(Role.APPROVER, at="county")
    refuse_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=approver)
    codes = {finding["code"] for finding in Notice.objects.get().findings}
    assert {"applications.is_registered_here", "applications.document_missing"} <= codes
    card.refresh_from_db()
    assert (card.state, card.endorsed_on) == ("held", None)


def test_who_asked_in_time_is_in_time_however_long_the_case_takes(ruian: County) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    card = a_card(who, ruian, on=ISSUED)
    last_day = date(2026, 9, 29)
    case = asked(who, ruian, on=last_day)
    later = last_day + timedelta(days=9)
    approved(reviewed(case, ruian, on=later), ruian, on=later)
    assert not Endorsement.objects.get().was_late
    card.refresh_from_db()
    assert card.years_count_from == ISSUED


def test_who_asked_in_time_and_was_suspended_meanwhile_has_the_functions_back(ruian: County) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    card = a_card(who, ruian, on=ISSUED)
    case = asked(who, ruian, on=date(2026, 9, 29))
    Permit.objects.filter(pk=card.pk).update(state="suspended")
    later = date(2026, 10, 8)
    approved(reviewed(case, ruian, on=later), ruian, on=later)
    card.refresh_from_db()
    assert (card.state, Endorsement.objects.get().was_late) == ("held", False)


def test_too_early_is_told_beforehand_with_the_day(ruian: County) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    a_card(who, ruian, on=TODAY - timedelta(days=10))
    case = reviewed(asked(who, ruian), ruian)
    with pytest.raises(Conflict, match="findings_unmet"):
        approved(case, ruian)
