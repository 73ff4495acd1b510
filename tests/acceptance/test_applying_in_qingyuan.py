"""Mutual recognition in Qingyuan: at the window too, each box of the form, the file that is kept, what it grants."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.support.cases import fresh, permit_of
from tests.support.law import TODAY
from tests.support.zhejiang import law_in
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Invalid
from yizhengtong.permitting.applications.forgetting import forget_drafts
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.forgetting import forget_papers
from yizhengtong.permitting.casework.forms import filled_form
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.casework.services.deciding import accept_case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_PERMIT,
    BY_STAYS,
    QINGYUAN,
    RUIAN,
    STATIONS,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    registers_say,
    submitted,
    the_law,
)
from yizhengtong.rights.entitlements.queries import entitlements_at

pytestmark = pytest.mark.django_db
WINDOW: dict[str, Any] = {"promises": False, "channel": "window"}
PAPERS = {"identity": "identity_card", "employment_proof": "labour_contract"}
BOXES = {
    "employment_proof": (
        "labour_contract", "farming_contract", "social_insurance", "business_licence", "other_employment_proof",
    ),
    "dwelling_proof": ("own_home", "dormitory", "other_dwelling_proof"),
    "rented_dwelling_proof": (
        "rental_registration", "lease_filing", "lease", "safety_proof", "rental_tax", "other_rental_proof",
    ),
    "study_proof": (
        "primary_school_enrolment", "secondary_school_enrolment", "vocational_school_enrolment",
        "university_enrolment",
    ),
}  # fmt: skip
ROWS = {"employment": "S4-21", "dwelling": "S4-22", "rented_dwelling": "S4-22", "study": "S4-23"}


@pytest.fixture
def county(db: None) -> County:
    the_law()
    return a_county()


@pytest.fixture
def ruian(county: County) -> County:
    return a_county(RUIAN, "瑞安市", answering=False)


@pytest.mark.row("S4-08", "S4-10", "S4-12")
def test_at_the_window_of_the_station_the_papers_are_handed_in_and_looked_at_by_a_clerk(
    county: County, ruian: County
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    case = submitted(who, a_draft(who, papers=PAPERS, **WINDOW))
    assert (case.state, case.office.code) == (CaseState.RECEIVED, STATIONS[QINGYUAN])
    clerk = county.officer(Role.CLERK)
    case = fresh(accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=clerk))
    assert (case.state, case.accepted_by) == (CaseState.ACCEPTED, clerk.id)


@pytest.mark.row("S4-10")
def test_the_station_of_another_county_takes_no_conversion_in(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with pytest.raises(Invalid, match=r"casework\.service_point_closed"):
        submitted(who, a_draft(who, papers=PAPERS, **{**WINDOW, "service_point": STATIONS[RUIAN]}))
    assert not Case.objects.exists()


@pytest.mark.row("S4-12", "S4-17")
@pytest.mark.parametrize("missing", list(PAPERS))
@pytest.mark.parametrize("item", [BY_PERMIT, BY_STAYS])
def test_at_the_window_an_identity_document_and_one_proof_are_asked_for(
    county: County, ruian: County, missing: str, item: str
) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    if item == BY_PERMIT:
        a_card(who, ruian)
    papers = {code: kind for code, kind in PAPERS.items() if code != missing}
    case = submitted(who, a_draft(who, item, papers=papers, **WINDOW))
    found = examine(case, TODAY).outcome
    lacking = [each.facts["document_code"] for each in found.unmet if each.code == "applications.document_missing"]
    assert lacking == [missing]
    assert not found.granted


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        pytest.param(field, kind, marks=pytest.mark.row(ROWS[field.removesuffix("_proof")]), id=kind)
        for field, kinds in BOXES.items()
        for kind in kinds
    ],
)
def test_what_is_handed_in_ticks_its_box_of_the_form_and_no_other(
    county: County, ruian: County, field: str, kind: str
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    document = "dwelling_proof" if "dwelling" in field else field
    papers = {"identity": "identity_card", document: kind}
    draft = a_draft(who, claims=(document.removesuffix("_proof"),), papers=papers, **WINDOW)
    form = {each.field.code: each.ticked for each in filled_form(submitted(who, draft))}
    assert {code: form[code] for code in BOXES} == {**dict.fromkeys(BOXES, ()), field: (kind,)}


@pytest.mark.row("S4-20")
@pytest.mark.parametrize(("item", "box"), [(BY_PERMIT, "existing_permit"), (BY_STAYS, "registrations")])
def test_the_box_of_the_type_is_that_of_what_was_applied_for(
    county: County, ruian: County, item: str, box: str
) -> None:
    who = a_mainlander(half_a_year(RUIAN))
    if item == BY_PERMIT:
        a_card(who, ruian)
    form = {each.field.code: each.ticked for each in filled_form(submitted(who, a_draft(who, item, papers=PAPERS)))}
    assert form["conversion_type"] == (box,)


@pytest.mark.row("S4-27", "D11")
def test_the_form_stays_with_its_papers_in_one_persons_file_however_much_else_is_forgotten(
    county: County, ruian: County
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who, papers=PAPERS)))
        before = filled_form(case)
    assert case.state == CaseState.COMPLETED
    forget_drafts(before=timezone.now() + timedelta(days=36500))
    forget_papers(before=date(2126, 9, 18), on=date(2126, 9, 18))
    with registers_say():
        assert filled_form(fresh(case)) == before
    kept = Evidence.objects.filter(application__person=who.person).values_list("kind", flat=True)
    assert sorted(kept) == ["identity_card", "labour_contract"]
    assert Decision.objects.filter(case=case, case__person=who.person).count() == 1
    assert law_in(QINGYUAN).value("retention.archive").keep == "long_term"


@pytest.mark.row("S4-07", "D13")
def test_a_converted_permit_is_of_the_county_and_carries_what_is_granted_there(county: County, ruian: County) -> None:
    who = a_mainlander()
    old = a_card(who, ruian)
    with registers_say():
        permit = permit_of(fresh(submitted(who, a_draft(who))))
    assert (old.region, permit.region, permit.endorsed_until) == (RUIAN, QINGYUAN, date(2027, 9, 17))
    owed = [each.entitlement for each in entitlements_at(law_in(permit.region))]
    assert [sum(each.kind == kind for each in owed) for kind in ("right", "service", "convenience")] == [4, 6, 7]
    assert all(each.place_bound for each in owed)


@pytest.mark.row("S4-30", "S4-05")
@pytest.mark.parametrize(("moved", "state"), [(0, CaseState.COMPLETED), (1, CaseState.ACCEPTED)])
def test_who_moves_across_counties_does_not_begin_again_and_a_gap_is_an_officers(
    county: County, moved: int, state: CaseState
) -> None:
    first, change = half_a_year()[1] - timedelta(days=moved), date(2026, 9, 1)
    who = a_mainlander((RUIAN, first, change - timedelta(days=moved)), (QINGYUAN, change, None))
    with registers_say():
        case = fresh(submitted(who, a_draft(who, BY_STAYS)))
    assert case.state == state
