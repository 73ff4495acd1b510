"""From the notice to the identity card's threshold: what a person of Taiwan and officers do, and what stands then."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, transaction

from tests.settlement.taipei import (
    CITY_EXIT_ENTRY,
    PAPERS,
    Jinan,
    a_draft,
    chen,
    confirmed,
    granted,
    handed_over,
    received,
)
from tests.support.cases import accepted, judged, reviewed
from tests.support.law import LIXIA, SHIZHONG, TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.forgetting import forget_drafts
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import discard_application, start_application
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.deciding import approve_case, withdraw_case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.takingin import ensure_takes_in
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import issue_permit, report_loss
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.settlement.household import check_household_papers
from yizhengtong.permitting.settlement.informing import ITEM, information_notice, words_of_point
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration, VoluntaryConfirmation
from yizhengtong.permitting.settlement.queries import settled_by
from yizhengtong.permitting.settlement.services import register_household
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.rights.messages.telling import TOLD

NOON = "2026-09-18T04:00:00Z"
pytestmark = pytest.mark.usefixtures("_at_noon")


@pytest.fixture
def _at_noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def notice() -> Any:
    return information_notice(law_in_force(LIXIA, "settlement", TODAY))


def papers_of(permit: Permit) -> dict[str, str]:
    return {"notice_shown": ApprovalNotice.objects.get(permit_id=permit.pk).number, "permit_shown": permit.number}


def check(jinan: Jinan, *, county: str = LIXIA, **shown: str) -> Any:
    return check_household_papers(
        on=TODAY, by=jinan.registrar(county), **{"notice_shown": "", "permit_shown": "", **shown}
    )


def settled(permit: Permit) -> Any:
    assert permit.case_id is not None
    return settled_by(permit.case_id, TODAY)


def register(jinan: Jinan, permit: Permit, *, county: str = LIXIA) -> HouseholdRegistration:
    shown = papers_of(permit)
    return register_household(
        notice_number=shown["notice_shown"], permit_number=shown["permit_shown"], on=TODAY, by=jinan.registrar(county)
    )


@pytest.mark.row("S0-T24", "S0-T25", "S0-T26", "S0-T15")
def test_an_approval_brings_both_papers_in_one_transaction(jinan: Jinan) -> None:
    who = chen()
    permit = granted(jinan, who)
    (paper,) = ApprovalNotice.objects.all()
    assert (permit.kind, permit.state, permit.last_valid_day) == ("settlement", PermitState.ORDERED, date.max)
    assert (paper.permit_id, paper.case_id, paper.issued_on) == (permit.pk, permit.case_id, TODAY)
    assert (paper.last_valid_day, paper.authority) == (None, "济南市公安局历下分局出入境管理机构")
    assert paper.number.startswith("370102-2026-")
    assert paper.paper["settles_at"] == "山东省济南市历下区和平路47号"
    assert paper.paper["travel_document_number"] == who.number
    assert set(paper.paper) == set(permit.card) - {"number", "issue_count"}


@pytest.mark.row("S0-T25", "S0-T26")
def test_neither_paper_is_issued_where_one_cannot_be(jinan: Jinan, monkeypatch: pytest.MonkeyPatch) -> None:
    who = chen()
    case = received(a_draft(who), who)
    case = reviewed(judged(accepted(case, jinan.clerk), jinan.reviewer), jinan.reviewer)

    def broken() -> int:
        raise IntegrityError

    monkeypatch.setattr("yizhengtong.permitting.settlement.services._next_running", broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        approve_case(case_id=case.pk, version=case.version, words="同意", on=TODAY, by=jinan.approver)
    assert not Permit.objects.exists()
    assert not ApprovalNotice.objects.exists()
    assert Case.objects.get().state == CaseState.REVIEWED


@pytest.mark.row("S0-T05")
def test_settling_neither_needs_nor_touches_the_residence_permit(jinan: Jinan) -> None:
    who = chen()
    held = issue_permit(
        person=who.person, kind="hmt", validity=law_in_force(LIXIA, "hmt", TODAY).value("validity"), case_id=new_id(),
        office_id=jinan.city.offices["370100-01"].pk, office_path=jinan.city.offices["370100-01"].path, region=LIXIA,
        authority="x", card={}, photo_id=None, delivery="collect", delivery_address="", on=TODAY, by=jinan.approver,
    )  # fmt: skip
    permit = handed_over(jinan, granted(jinan, who))
    assert check(jinan, **papers_of(permit)).holds_residence_permit
    registration = register(jinan, permit)
    assert registration.holds_residence_permit
    held.refresh_from_db()
    assert held.state == PermitState.ORDERED  # an officer is told; nothing ends by itself
    assert (
        law_in_force(LIXIA, "settlement", TODAY).value("residence_permit.after_household_registration")
        == "officer_looks"
    )


def test_who_holds_no_residence_permit_gives_the_officer_nothing_to_look_at(jinan: Jinan) -> None:
    assert not register(jinan, handed_over(jinan, granted(jinan, chen()))).holds_residence_permit


@pytest.mark.row("S0-T03", "S0-T33")
def test_nothing_is_submitted_before_the_notice_was_read_and_confirmed(jinan: Jinan) -> None:
    who = chen()
    draft = a_draft(who, confirms=False)
    with pytest.raises(Invalid) as refused:
        received(draft, who)
    assert "settlement.notice_not_confirmed" in [error.code for error in refused.value.errors]
    draft.refresh_from_db()
    assert received(confirmed(draft, who), who).state == CaseState.RECEIVED


@pytest.mark.row("S0-T03", "S0-T33")
def test_the_confirmation_keeps_which_text_was_read_and_when(jinan: Jinan) -> None:
    who = chen()
    draft = a_draft(who)
    kept = VoluntaryConfirmation.objects.get()
    assert (kept.text_hash, kept.language, kept.application_id) == (notice().hash, "zh-Hant", draft.pk)
    assert kept.confirmed_at.isoformat() == "2026-09-18T04:00:00+00:00"
    assert Entry.objects.filter(action="settlement.confirm_notice", person_id=who.person.pk).count() == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        VoluntaryConfirmation.objects.update(text_hash="0" * 64)


def test_another_text_is_not_confirmed_and_an_older_one_not_submitted(
    jinan: Jinan, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = chen()
    with pytest.raises(Conflict, match=r"settlement\.notice_changed"):
        confirmed(a_draft(who, confirms=False), who, text_hash="0" * 64)
    assert not VoluntaryConfirmation.objects.exists()
    draft = confirmed(a_draft_again(who), who)
    monkeypatch.setattr(
        "yizhengtong.permitting.settlement.informing.say", lambda code, language, **_: f"{code} {language} anew"
    )
    with pytest.raises(Invalid) as refused:
        received(draft, who)
    assert [error.code for error in refused.value.errors] == ["settlement.notice_not_confirmed"]


def a_draft_again(who: Resident) -> Application:
    return Application.objects.get(person=who.person)


def test_only_a_settlement_has_that_notice(jinan: Jinan) -> None:
    who = chen()
    law = law_for("hmt.first_issue", LIXIA, TODAY)
    other = start_application(
        person=who.person, acting=who.person, item="hmt.first_issue", place=LIXIA, law=law, on=TODAY, by=who.principal
    )
    with pytest.raises(Invalid, match=r"settlement\.not_a_settlement"):
        confirmed(other, who)
    other.refresh_from_db()
    assert (other.answers, VoluntaryConfirmation.objects.count()) == ({}, 0)


def test_a_discarded_draft_goes_with_its_confirmation(jinan: Jinan) -> None:
    who = chen()
    draft = a_draft(who, papers={})
    discard_application(application_id=draft.pk, acting=who.person, on=TODAY, by=who.principal)
    forget_drafts(before=draft.created_at, person_id=who.person.pk)
    assert not VoluntaryConfirmation.objects.exists()


@pytest.mark.row("S0-T03", "S0-T05", "S0-T33", "S0-T34", "S0-T35", "S0-T36", "S0-T37", "S0-T38", "S0-T39")
def test_the_notice_says_what_is_to_be_known_in_each_language_with_the_words_of_taiwan(jinan: Jinan) -> None:
    points = notice().points
    assert len(points) == 7
    for point in points:
        words = words_of_point(point)
        assert len(set(words)) == len(LANGUAGES)
        assert not any("{" in each or each == point for each in words)
        assert not any("内地" in each or "內地" in each for each in words)
    said = {point.rpartition("notice_")[2]: words_of_point(point) for point in points}
    assert "大陆" in said["reported_effects"][0]
    assert "大陸" in said["reported_effects"][1]
    assert "不提供建议" in said["reported_effects"][0]
    assert "no advice" in said["reported_effects"][2]
    assert "谨防上当受骗" in said["no_agents"][0]
    assert "只收取证件工本费" in said["only_card_cost"][0]


@pytest.mark.row("S0-T18")
@pytest.mark.parametrize("office", ["370100-01", "370102"])
def test_a_police_station_does_not_take_a_settlement_in(jinan: Jinan, office: str) -> None:
    who = chen()
    with pytest.raises(Invalid, match=r"settlement\.office_is_not_exit_entry"):
        received(a_draft(who, office=office), who)
    assert "出入境管理机构" in say("settlement.office_is_not_exit_entry")
    assert not Case.objects.exists()


@pytest.mark.row("S0-T18")
def test_the_exit_entry_office_of_the_city_takes_in_for_its_counties(jinan: Jinan) -> None:
    who = chen()
    assert received(a_draft(who, office=CITY_EXIT_ENTRY), who).office.code == CITY_EXIT_ENTRY


@pytest.mark.row("S0-T18")
def test_acceptance_and_booking_look_again_at_what_the_office_is(jinan: Jinan) -> None:
    who = chen()
    case = received(a_draft(who), who)
    case.office = jinan.city.offices["370100-01"]
    case.office_path = case.office.path
    case.save()
    with pytest.raises(Invalid, match=r"settlement\.office_is_not_exit_entry"):
        accepted(case, jinan.registrar())


@pytest.mark.row("S0-T14", "S0-T18")
def test_an_exit_entry_office_takes_in_no_residence_permit(jinan: Jinan) -> None:
    office = jinan.city.offices[CITY_EXIT_ENTRY]
    with pytest.raises(Invalid, match=r"settlement\.exit_entry_takes_no_other"):
        ensure_takes_in(office, law_in_force(LIXIA, "hmt", TODAY))


@pytest.mark.row("S0-T03")
@pytest.mark.parametrize("state", [CaseState.RECEIVED, CaseState.ACCEPTED, CaseState.REVIEWED])
def test_it_is_withdrawn_at_any_time_before_the_decision(jinan: Jinan, state: CaseState) -> None:
    who = chen()
    case = received(a_draft(who), who)
    if state != CaseState.RECEIVED:
        case = accepted(case, jinan.clerk)
    if state == CaseState.REVIEWED:
        case = reviewed(judged(case, jinan.reviewer), jinan.reviewer)
    case = withdraw_case(case_id=case.pk, acting=who.person, on=TODAY, by=who.principal)
    assert case.state == CaseState.WITHDRAWN
    assert not Permit.objects.exists()


def test_no_time_is_promised_where_no_source_gives_one(jinan: Jinan) -> None:
    who = chen()
    case = accepted(received(a_draft(who), who), jinan.clerk)
    assert (case.accepted_on, case.due_on, case.is_due_provisional) == (TODAY, None, False)
    assert case.receipt_number
    event = Event.objects.get(kind="cases.accepted")
    said = TOLD["cases.accepted"](event, who.person)
    assert said is not None
    assert said.kind == "accepted_undated"


@pytest.mark.row("S0-T31")
def test_the_household_register_names_just_the_paper_that_is_missing(jinan: Jinan) -> None:
    permit = handed_over(jinan, granted(jinan, chen()))
    papers = papers_of(permit)
    assert check(jinan, **papers).missing == ()
    assert check(jinan, notice_shown=papers["notice_shown"]).missing == ("settlement_permit",)
    assert check(jinan, permit_shown=papers["permit_shown"]).missing == ("approval_notice",)
    assert check(jinan).missing == ("approval_notice", "settlement_permit")
    with pytest.raises(Invalid, match=r"settlement\.papers_missing") as refused:
        register_household(notice_number="", permit_number=papers["permit_shown"], on=TODAY, by=jinan.registrar())
    assert [error.code for error in refused.value.errors] == ["settlement.approval_notice_missing"]
    assert not HouseholdRegistration.objects.exists()


@pytest.mark.row("S0-T31")
def test_papers_of_two_decisions_do_not_make_a_pair(jinan: Jinan) -> None:
    one, other = (handed_over(jinan, granted(jinan, chen(name=name))) for name in ("陈台生", "林台生"))
    mixed = {"notice_shown": papers_of(one)["notice_shown"], "permit_shown": papers_of(other)["permit_shown"]}
    assert check(jinan, **mixed).missing == ("settlement_permit",)


@pytest.mark.row("S0-T31")
def test_a_permit_that_is_lost_or_not_made_yet_counts_as_not_shown(jinan: Jinan) -> None:
    who = chen()
    permit = granted(jinan, who)
    assert check(jinan, **papers_of(permit)).missing == ("settlement_permit",)
    handed_over(jinan, permit)
    assert check(jinan, **papers_of(permit)).missing == ()
    report_loss(permit_id=permit.pk, by=who.principal)
    assert check(jinan, **papers_of(permit)).missing == ("settlement_permit",)


@pytest.mark.row("S0-T31")
def test_only_the_police_of_the_county_of_settlement_know_of_the_papers(jinan: Jinan) -> None:
    permit = handed_over(jinan, granted(jinan, chen()))
    assert check(jinan, county=SHIZHONG, **papers_of(permit)).notice is None
    with pytest.raises(Forbidden, match=r"settlement\.not_the_household_register"):
        check_household_papers(on=TODAY, by=jinan.clerk, **papers_of(permit))
    with pytest.raises(Forbidden, match=r"accounts\.role_missing"):
        check_household_papers(on=TODAY, by=jinan.city.approver, **papers_of(permit))


@pytest.mark.row("S0-T29", "S0-T30", "S0-T32")
def test_with_the_household_the_duty_of_the_identity_card_is_handed_over_and_nothing_is_rebuilt(jinan: Jinan) -> None:
    who = chen()
    permit = handed_over(jinan, granted(jinan, who))
    register(jinan, permit)
    event = Event.objects.get(kind="settlement.household_registered")
    assert (event.person_id, event.facts) == (who.person.pk, {})
    said = TOLD[event.kind](event, who.person)
    assert said is not None
    assert (said.kind, said.facts) == ("identity_card", {"day": TODAY})
    (step,) = settled(permit).next
    assert (step.code, step.source.text, step.source.article) == (
        "settlement.next_apply_for_identity_card", "居民身份证法", "9",
    )  # fmt: skip
    assert Permit.objects.filter(person=who.person).count() == 1
    with pytest.raises(Conflict, match=r"settlement\.registered_already"):
        register(jinan, permit)


@pytest.mark.row("S0-T30", "S0-T31", "S0-T32")
def test_what_comes_next_follows_what_was_done(jinan: Jinan) -> None:
    permit = granted(jinan, chen())
    codes = [[step.code.partition("next_")[2] for step in settled(permit).next]]
    handed_over(jinan, permit)
    codes.append([step.code.partition("next_")[2] for step in settled(permit).next])
    assert codes == [
        ["collect", "register_household", "apply_for_identity_card"],
        ["register_household", "apply_for_identity_card"],
    ]
    assert settled_by(new_id(), TODAY).notice is None


@pytest.mark.row("S0-T37", "S0-T38")
def test_each_stage_is_on_record_and_no_event_names_anybody(jinan: Jinan) -> None:
    who = chen()
    permit = handed_over(jinan, granted(jinan, who))
    register(jinan, permit)
    acts = set(Entry.objects.filter(person_id=who.person.pk).values_list("action", flat=True))
    assert {
        "settlement.confirm_notice", "casework.accept", "casework.review", "casework.approve",
        "settlement.issue_notice", "settlement.register_household",
    } <= acts  # fmt: skip
    for event in Event.objects.all():
        assert not {"陈台生", who.number, permit.number} & set(map(str, event.facts.values()))


def test_notices_and_registrations_are_never_changed(jinan: Jinan) -> None:
    register(jinan, handed_over(jinan, granted(jinan, chen())))
    for model, change in ((ApprovalNotice, {"region": SHIZHONG}), (HouseholdRegistration, {"by": None})):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete(model.objects.db)


@pytest.mark.row("D3")
def test_a_near_relative_applies_for_somebody_of_sixty(jinan: Jinan) -> None:
    old, child = chen(birth_date=date(1966, 9, 18)), a_resident(name="陈小台", region="TW", since=None)
    appoint_representative(
        representative=child.person, represented=old.person, relation="near_relative", confirmed_by=None,
        law=law_in_force(LIXIA, "settlement", TODAY), on=TODAY, by=child.principal,
    )  # fmt: skip
    papers = {**PAPERS, "representative_identity": "representative_identity", "authority_to_act": "power_of_attorney"}
    permit = granted(jinan, child, draft=a_draft(old, acting=child, papers=papers))
    assert permit.person_id == old.person.pk


def test_the_item_is_the_one_that_the_room_serves(jinan: Jinan) -> None:
    assert law_for(ITEM, LIXIA, TODAY).items[ITEM].outcome == "settlement"
