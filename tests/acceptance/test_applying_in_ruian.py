"""A first issue in Rui'an from the draft to the card in the hand: who applies, where, with what, what comes of it."""

from datetime import date
from typing import Any

import pytest

from tests.support.cases import capture_all, fresh, permit_of, words_for
from tests.support.law import TODAY
from tests.support.people import Resident
from yizhengtong.foundation.accounts.models import OfficeKind
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import create_office
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import start_application
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.deciding import accept_case, approve_case, refuse_case, review_case
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.casework.services.judging import Word, judge
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    QINGYUAN,
    RUIAN,
    STATIONS,
    County,
    a_county,
    a_draft,
    a_mainlander,
    submitted,
    the_law,
)

pytestmark = pytest.mark.django_db
ITEM = "floating.first_issue"
ON_THE_180TH_DAY = (RUIAN, date(2026, 3, 22), None)
ONE_OF_THREE: dict[str, tuple[str, dict[str, Any]]] = {
    "employment": ("labour_contract", {"since": "2026-06-01", "until": "2027-06-01"}),
    "dwelling": ("own_home", {}),
    "study": ("school_enrolment", {}),
}


@pytest.fixture
def ruian(db: None) -> County:
    the_law()
    return a_county(RUIAN, "瑞安市", answering=False)


def draft_of(who: Resident, claim: str, kind: str, *, county: str = RUIAN, office: str = "") -> Application:
    papers = {"identity": "identity_card", f"{claim}_proof": kind}
    point: dict[str, Any] = {"service_point": office} if office else {}
    return a_draft(
        who, ITEM, county=county, claims=(claim,), papers=papers, promises=False, delivery="collect", **point
    )


def accepted(who: Resident, draft: Application, county: County) -> Case:
    case = capture_all(submitted(who, draft), who, without=("fingerprints",))
    return accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=county.officer(Role.CLERK))


def reviewed(case: Case, county: County, claim: str = "", seen: dict[str, Any] | None = None) -> Case:
    by = county.officer(Role.REVIEWER, at="county")
    words = words_for(case)
    if claim and seen:
        words = [word for word in words if word.code != f"{claim}_proof"]
        words.append(Word("document", f"{claim}_proof", True, "", {ONE_OF_THREE[claim][0]: seen}))
    case = judge(case_id=case.pk, words=words, version=case.version, on=TODAY, by=by)
    return review_case(case_id=case.pk, version=case.version, recommends="grant", words="", on=TODAY, by=by)


@pytest.mark.row("S3-12", "S3-30", "S3-31", "S3-34", "S3-35")
@pytest.mark.parametrize("claim", ONE_OF_THREE)
def test_on_the_180th_day_with_one_of_three_the_card_is_applied_for_at_the_station_and_comes_into_the_hand(
    ruian: County, claim: str
) -> None:
    who = a_mainlander(ON_THE_180TH_DAY)
    kind, seen = ONE_OF_THREE[claim]
    case = accepted(who, draft_of(who, claim, kind), ruian)
    assert (case.office.code, case.office.kind) == (STATIONS[RUIAN], OfficeKind.POLICE)
    assert case.receipt_number
    assert case.receipt_number.startswith(f"{RUIAN}-20260918-")
    case = reviewed(case, ruian, claim, seen)
    approve_case(
        case_id=case.pk, version=case.version, words="", on=TODAY, by=ruian.officer(Role.APPROVER, at="county")
    )
    case, clerk = fresh(case), ruian.officer(Role.CLERK)
    case = record_card_made(case_id=case.pk, version=case.version, on=TODAY, by=clerk)
    hand_over(case_id=case.pk, version=case.version, tracking_number="", old_card_returned=False, on=TODAY, by=clerk)
    permit = permit_of(case)
    assert (permit.kind, permit.state, permit.region) == ("zhejiang_card", "held", RUIAN)
    assert (permit.last_valid_day, permit.endorsed_until) == (date.max, date(2027, 9, 17))


@pytest.mark.row("S3-33", "S3-34", "S3-35")
@pytest.mark.parametrize(
    ("since", "kind", "unmet"),
    [
        (date(2026, 3, 23), "own_home", {"residence.too_short_days"}),
        (date(2026, 3, 22), "student_card", {"applications.proves_one_of_three"}),
        (date(2026, 3, 23), "student_card", {"residence.too_short_days", "applications.proves_one_of_three"}),
    ],
)
def test_without_the_time_or_one_of_three_it_is_refused_with_every_reason(
    ruian: County, since: date, kind: str, unmet: set[str]
) -> None:
    who = a_mainlander((RUIAN, since, None))
    claim = "study" if kind == "student_card" else "dwelling"
    case = reviewed(accepted(who, draft_of(who, claim, kind), ruian), ruian)
    approver = ruian.officer(Role.APPROVER, at="county")
    with pytest.raises(Conflict, match="findings_unmet"):
        approve_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=approver)
    refuse_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=approver)
    case = fresh(case)
    assert case.state == CaseState.REFUSED
    assert unmet <= {finding["code"] for finding in case.notices.get().findings}


@pytest.mark.row("S3-30", "S4-10")
@pytest.mark.parametrize("kind", [OfficeKind.POLICE, OfficeKind.EXIT_ENTRY])
def test_only_a_police_station_of_the_county_where_one_lives_takes_it_in(ruian: County, kind: OfficeKind) -> None:
    a_county(answering=False)
    who = a_mainlander(ON_THE_180TH_DAY)
    office = STATIONS[QINGYUAN]
    if kind == OfficeKind.EXIT_ENTRY:
        office = "330381-ee"
        create_office(code=office, name="出入境", region=RUIAN, parent=ruian.county, by=SYSTEM, kind=kind)
    with pytest.raises(Invalid, match=r"service_point_closed|exit_entry_takes_no_other"):
        submitted(who, draft_of(who, "dwelling", "own_home", office=office))
    assert not Case.objects.exists()


@pytest.mark.row("S3-30")
def test_at_the_station_of_a_county_where_one_is_not_registered_it_is_not_granted(ruian: County) -> None:
    a_county(answering=False)
    who = a_mainlander(ON_THE_180TH_DAY)
    draft = draft_of(who, "dwelling", "own_home", county=QINGYUAN, office=STATIONS[QINGYUAN])
    case = submitted(who, draft)
    assert "residence.not_registered_here" in {finding.code for finding in examine(case, TODAY).outcome.unmet}


@pytest.mark.row("S3-29", "D3")
def test_nobody_applies_for_a_grown_up_who_did_not_let_them(ruian: County) -> None:
    who, other = a_mainlander(ON_THE_180TH_DAY), a_mainlander()
    with pytest.raises(NotFound):
        start_application(
            person=who.person, acting=other.person, item=ITEM, place=RUIAN, law=law_for(ITEM, RUIAN, TODAY), on=TODAY,
            by=other.principal,
        )  # fmt: skip
    draft = draft_of(who, "dwelling", "own_home")
    with pytest.raises(NotFound):
        submitted(other, draft)
    assert submitted(who, draft).application.filled_by == who.person
