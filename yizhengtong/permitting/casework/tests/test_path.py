"""The main job from draft to card, by the services: every step, real files, what stands in the end."""

from datetime import date

import pytest
import time_machine

from tests.support.cases import (
    accepted,
    add_paper,
    an_application,
    approved,
    capture_all,
    case_at,
    fresh,
    judged,
    on_the_way,
    permit_of,
    received,
    reviewed,
)
from tests.support.city import City
from tests.support.law import LIXIA, SHIZHONG, TODAY, law_of
from tests.support.papers import paper_jpeg, photo_jpeg
from tests.support.people import Resident, a_resident
from tests.support.privacy import may_open
from yizhengtong.foundation.events.journal import _subscribers
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.models import Case, Decision, JournalEntry
from yizhengtong.permitting.casework.services.handing import close_case_of_ended_permit, hand_over, record_card_made
from yizhengtong.permitting.casework.services.reception import capture, print_form, receive_visitor
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_permits, standing
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.registry.people.queries import relation_to
from yizhengtong.registry.people.representations import appoint_representative

NOON = "2026-09-18T04:00:00Z"


@pytest.mark.row("S2-11", "S2-12", "S2-13", "S2-15", "S2-18", "S1-041", "S1-042", "S1-043", "S1-044", "S1-045", "D25")
@time_machine.travel(NOON, tick=False)
def test_a_hong_kong_resident_applies_is_granted_and_collects_a_permit(town: City) -> None:
    wang = a_resident()
    case = received(wang, an_application(wang))
    assert (case.state, case.received_on, case.receipt_number) == (CaseState.RECEIVED, TODAY, None)
    receive_visitor(case_id=case.pk, by=town.clerk)
    capture(case_id=case.pk, kind="photo", content=photo_jpeg(), declared_type="image/jpeg", by=town.clerk)
    capture(case_id=case.pk, kind="fingerprints", content=paper_jpeg("f"), declared_type="image/jpeg", by=town.clerk)
    print_form(case_id=case.pk, by=town.clerk)
    case = capture(
        case_id=case.pk, kind="signed_form", content=paper_jpeg("s"), declared_type="image/jpeg", by=town.clerk
    )
    case = accepted(case, town.clerk)
    assert (case.accepted_on, case.due_on, case.is_due_provisional) == (TODAY, date(2026, 10, 22), False)
    assert case.receipt_number is not None
    assert case.receipt_number.startswith("370102-20260918-")
    permit = approved(reviewed(judged(case, town.reviewer), town.reviewer), town.approver)
    assert permit.number.startswith("810000")
    assert (permit.valid_from, permit.last_valid_day) == (TODAY, date(2031, 9, 18))
    assert (permit.authority, permit.region) == ("济南市公安局历下分局", LIXIA)
    case = record_card_made(case_id=case.pk, version=fresh(case).version, on=TODAY, by=town.clerk)
    case = hand_over(
        case_id=case.pk, version=case.version, tracking_number="", old_card_returned=False, on=TODAY, by=town.clerk
    )
    permit.refresh_from_db()
    assert (case.state, permit.state, permit.handed_over_on) == (CaseState.COMPLETED, PermitState.HELD, TODAY)
    assert permit.handed_over_by == town.clerk.id
    assert standing(permit, TODAY).is_valid


@pytest.mark.row("S2-06")
def test_the_card_shows_what_article_3_lists(town: City) -> None:
    case, wang = case_at(town, CaseState.APPROVED)
    permit = permit_of(case)
    assert permit.card == {
        "name": "王小明", "sex": "M", "birth_date": "1994-08-23",
        "residence_address": "山东省济南市历下区和平路47号1单元101", "authority": "济南市公安局历下分局",
        "travel_document_number": wang.number, "number": permit.number, "issue_count": 1,
    }  # fmt: skip
    assert permit.photo_id == case.photo_id
    shown = {"photo", "fingerprints", "validity"}  # the photograph, its holder's fingers and the days are not words
    assert set(law_of().value("card.items")) == set(permit.card) | shown


@pytest.mark.row("S4-26", "D24")
def test_the_journal_names_three_officers_each_with_opinion_and_day(town: City) -> None:
    case, wang = case_at(town, CaseState.COMPLETED)
    entries = list(JournalEntry.objects.filter(case=case).order_by("id"))
    assert [(each.action, each.from_state, each.to_state) for each in entries] == [
        ("receive", "", "received"),
        ("accept", "received", "accepted"),
        ("review", "accepted", "reviewed"),
        ("approve", "reviewed", "approved"),
        ("record_made", "approved", "made"),
        ("hand_over", "made", "completed"),
    ]
    opinions = [each for each in entries if each.opinion]
    assert [each.opinion["words"] for each in opinions] == ["材料已收", "已审核", "同意"]
    assert [each.by for each in opinions] == [town.clerk.id, town.reviewer.id, town.approver.id]
    assert {each.on for each in entries} == {TODAY}
    assert all(each.source for each in entries)
    assert entries[0].by == wang.principal.id


def test_a_decision_freezes_facts_law_and_findings(town: City) -> None:
    case, _ = case_at(town, CaseState.APPROVED)
    decision = Decision.objects.get(case=case)
    law = law_of()
    assert (decision.granted, decision.by, decision.item) == (True, town.approver.id, "hmt.first_issue")
    assert (decision.law_hash, decision.pack_hashes) == (law.hash, [each for _, each in law.pack_hashes])
    assert (decision.law_on, decision.looked_on, decision.place, decision.subject) == (TODAY, TODAY, LIXIA, "hmt")
    assert len(decision.findings) == 12
    assert all(finding["met"] for finding in decision.findings)


@pytest.mark.row("S2-13", "D4")
def test_the_law_of_the_day_of_acceptance_decides_and_the_conditions_are_looked_at_when_it_is_decided(
    town: City,
) -> None:
    case, wang = case_at(town, CaseState.REVIEWED)
    approved(case, town.approver, on=date(2026, 9, 21))
    decision = Decision.objects.get(case=case)
    assert (decision.law_on, decision.looked_on) == (TODAY, date(2026, 9, 21))
    assert living_permits(wang.person, "hmt").exists()


@pytest.mark.row("S1-034", "S2-10", "D3")
def test_a_guardian_applies_for_a_child_and_the_guardianship_is_confirmed(town: City) -> None:
    parent = a_resident(name="林志明", region="MO")
    child = a_resident(name="林小彤", region="MO", birth_date=date(2017, 3, 1))
    appoint_representative(
        representative=parent.person, represented=child.person, relation="guardian", law=law_of(), on=TODAY,
        confirmed_by=None, by=parent.principal,
    )  # fmt: skip
    papers = {
        "travel_document": "hrp", "study_proof": "student_card", "guardian_identity": "guardian_identity",
        "guardianship": "guardianship_proof",
    }  # fmt: skip
    case = received(parent, an_application(child, acting=parent, papers=papers))
    may_open(child.person, town.clerk, town.reviewer, town.approver)
    case = on_the_way(case, town, child, CaseState.APPROVED)
    assert permit_of(case).number.startswith("820000")
    assert child.person.represented_by.get().confirmed_by == town.approver.id
    assert relation_to(parent.person, child.person, TODAY) == "guardian"


@pytest.mark.row("D12", "S2-06")
def test_after_a_move_the_permit_is_replaced_and_the_old_one_ends(town: City) -> None:
    first, wang = case_at(town, CaseState.COMPLETED)
    old = permit_of(first)
    papers = {"travel_document": "hrp", "old_permit": "old_permit", "new_dwelling_proof": "lease"}
    draft = an_application(wang, "hmt.replacement", ground="moved", place=SHIZHONG, papers=papers)
    new = permit_of(_decided_in_shizhong(town, received(wang, draft), wang))
    old.refresh_from_db()
    assert (old.state, old.end_reason, old.ended_on) == (PermitState.ENDED, "moved", TODAY)
    assert (new.number, new.issue_count, new.replaces_id) == (old.number, 2, old.pk)
    assert (new.region, new.authority) == (SHIZHONG, "济南市公安局市中分局")


def test_a_lost_permit_is_reissued_under_the_same_number_and_ends(town: City) -> None:
    first, wang = case_at(town, CaseState.COMPLETED)
    lost = report_loss(permit_id=permit_of(first).pk, by=wang.principal)
    papers = {"travel_document": "hrp"}
    second, _ = case_at(town, CaseState.COMPLETED, resident=wang, item="hmt.reissue", ground="lost", papers=papers)
    new = permit_of(second)
    lost.refresh_from_db()
    assert (lost.state, lost.end_reason) == (PermitState.ENDED, "lost")
    assert (new.number, new.state, new.issue_count) == (lost.number, PermitState.HELD, 2)
    assert Permit.objects.filter(person=wang.person).exclude(state=PermitState.ENDED).count() == 1


def test_a_damaged_card_is_replaced_once_an_officer_saw_it(town: City) -> None:
    first, wang = case_at(town, CaseState.COMPLETED)
    papers = {"travel_document": "hrp", "old_permit": "old_permit"}
    draft = an_application(wang, "hmt.replacement", ground="damaged", papers=papers)
    case = on_the_way(received(wang, draft), town, wang, CaseState.APPROVED)
    seen = Decision.objects.get(case=case).facts["judged_conditions"]["ground_for_replacement_holds"]
    assert seen == {"met": True, "reason": ""}
    assert permit_of(first).end_reason == "damaged"


@pytest.mark.parametrize("state", [CaseState.APPROVED, CaseState.MADE])
def test_a_case_whose_card_is_lost_before_it_is_handed_over_can_still_end(town: City, state: CaseState) -> None:
    case, wang = case_at(town, state)
    report_loss(permit_id=permit_of(case).pk, by=wang.principal)
    papers = {"travel_document": "hrp"}
    case_at(town, CaseState.COMPLETED, resident=wang, item="hmt.reissue", ground="lost", papers=papers)
    for event in Event.objects.filter(kind="permits.replace"):
        close_case_of_ended_permit(permit_id=event.object_id, on=TODAY)
    assert fresh(case).state == CaseState.COMPLETED
    assert JournalEntry.objects.get(case=case, action="close").by_kind == "system"


def test_casework_follows_permits_that_end() -> None:
    ends = {"permits.void", "permits.replace", "permits.convert", "permits.end_functions"}
    assert _subscribers["casework.cards"].kinds == ends


@pytest.mark.parametrize("state", [CaseState.REFUSED, CaseState.COMPLETED, CaseState.WITHDRAWN])
def test_no_paper_is_added_to_a_case_that_is_over(town: City, state: CaseState) -> None:
    case, wang = case_at(town, state)
    with pytest.raises(Conflict):
        add_paper(case.application, wang, "dwelling_proof", "lease")


def _decided_in_shizhong(town: City, case: Case, wang: Resident) -> Case:
    clerk = town.officer("demo-shizhong")
    case = accepted(capture_all(case, wang), clerk)
    case = judged(case, town.officer("demo-city-reviewer"))
    case = reviewed(case, town.officer("demo-city-reviewer"))
    approved(case, town.officer("demo-city-approver"))
    return case
