"""Mutual recognition: accepted by the system, approved by named rules, never refused by them."""

from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import IntegrityError, transaction

from tests.support.cases import fresh, permit_of
from tests.support.law import TODAY
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.permitting.casework.models import Case, Decision, JournalEntry
from yizhengtong.permitting.casework.queries import clock_of, opinions_of
from yizhengtong.permitting.casework.services import automatic
from yizhengtong.permitting.casework.services.checking import ask_for_officer, record_post_check
from yizhengtong.permitting.casework.services.deciding import accept_case, approve_case, refuse_case, review_case
from yizhengtong.permitting.casework.services.judging import Word, judge
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.casework.services.recomputing import redecide
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_PERMIT,
    BY_STAYS,
    QINGYUAN,
    RUIAN,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    confirmed,
    half_a_year,
    name_all,
    registers_say,
    submitted,
    the_law,
)
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss

pytestmark = pytest.mark.django_db
PAPERS = {"identity": "identity_card", "employment_proof": "labour_contract"}


@pytest.fixture
def county(db: None) -> County:
    the_law()
    return a_county()


@pytest.fixture
def ruian(county: County) -> County:
    return a_county(RUIAN, "瑞安市", answering=False)


def decided_by_officers(case: Case, county: County, *, grant: bool = True) -> Case:
    """Take an accepted case through the two officers who are left."""
    reviewer, approver = (county.officer(role, at="county") for role in (Role.REVIEWER, Role.APPROVER))
    from tests.support.cases import words_for

    case = judge(case_id=case.pk, words=words_for(case), version=case.version, on=TODAY, by=reviewer)
    case = review_case(case_id=case.pk, version=case.version, recommends="grant", words="", on=TODAY, by=reviewer)
    decide = approve_case if grant else refuse_case
    decide(case_id=case.pk, version=case.version, words="", on=TODAY, by=approver)
    return fresh(case)


@pytest.mark.row("S4-04", "S4-13", "S4-26", "D24")
def test_a_permit_elsewhere_is_converted_at_once_where_registers_confirm_everything(
    county: County, ruian: County
) -> None:
    who = a_mainlander()
    old = a_card(who, ruian)
    with registers_say():
        case = submitted(who, a_draft(who))
    case = fresh(case)
    new = permit_of(case)
    assert (case.state, new.kind, new.state, new.region) == (CaseState.COMPLETED, ZHEJIANG_ELECTRONIC, "held", QINGYUAN)
    old.refresh_from_db()
    assert (old.state, old.end_reason, old.succeeded_by_id) == ("ended", "converted", new.pk)
    assert (case.accepted_by, case.reviewed_by, case.approved_by) == (None, None, None)
    opinions = [(each.action, each.rule, each.office) for each in opinions_of(case)]
    assert opinions == [
        ("accept", "form_is_complete_and_declared", "庆元县派出所"),
        ("review", "every_fact_is_confirmed", "庆元县公安局"),
        ("approve", "every_condition_is_met", "庆元县公安局"),
    ]
    answering = list(case.journal.exclude(rule="").values_list("answering_officer", flat=True))
    assert None not in answering
    assert len(set(answering)) == 3
    assert Decision.objects.get(case=case).granted
    assert redecide(case.pk).agrees


@pytest.mark.row("S4-05")
def test_registrations_of_six_months_anywhere_in_the_province_are_converted(county: County) -> None:
    start, moved, *_ = half_a_year()[1], date(2026, 6, 1)
    who = a_mainlander((RUIAN, start, moved), (QINGYUAN, moved, None))
    with registers_say():
        case = submitted(who, a_draft(who, BY_STAYS))
    assert fresh(case).state == CaseState.COMPLETED
    assert permit_of(case).kind == ZHEJIANG_ELECTRONIC


@pytest.mark.row("S4-05", "D6")
def test_a_gap_of_one_day_goes_to_an_officer_and_is_no_refusal(county: County) -> None:
    start, moved = half_a_year()[1] - timedelta(days=30), date(2026, 6, 1)
    who = a_mainlander((RUIAN, start, moved - timedelta(days=1)), (QINGYUAN, moved, None))
    with registers_say():
        case = submitted(who, a_draft(who, BY_STAYS))
    assert fresh(case).state == CaseState.ACCEPTED
    assert fresh(case).automatic_declined_because == ["casework.declined_open"]
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (confirmed(labour_contract={}), []),
        (confirmed(), ["casework.declined_unmet"]),
        ({"labour_contract": confirmed(labour_contract={})["labour_contract"]}, ["casework.declined_not_confirmed"]),
        (confirmed(other_employment_proof={}), ["casework.declined_open"]),
        (confirmed(other_employment_proof={"lacks": ("found_fitting",)}), ["casework.declined_unmet"]),
    ],
)
def test_what_is_unmet_open_or_not_confirmed_is_left_to_officers_with_the_reason(
    county: County, ruian: County, said: Any, why: list[str]
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    papers = {code: kind for code, kind in PAPERS.items() if kind not in said}
    if "other_employment_proof" in said:
        papers.pop("employment_proof")
    if why == ["casework.declined_unmet"] and set(said) == {"identity_card"}:
        papers = {"employment_proof": "labour_contract"}
        why = ["casework.declined_not_confirmed"]
    with registers_say(said):
        case = fresh(submitted(who, a_draft(who, papers=papers)))
    assert (case.automatic_declined_because or []) == why
    assert case.state == (CaseState.ACCEPTED if why else CaseState.COMPLETED)
    assert case.receipt_number
    assert case.due_on is not None


def test_papers_alone_are_for_officers_and_are_decided_by_them(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    case = fresh(submitted(who, a_draft(who, papers=PAPERS)))
    assert case.automatic_declined_because == ["casework.declined_not_confirmed"]
    case = decided_by_officers(case, county)
    assert case.state == CaseState.COMPLETED
    assert case.reviewed_by
    assert case.approved_by
    assert [each.rule for each in opinions_of(case)] == ["form_is_complete_and_declared", "", ""]


@pytest.mark.row("S4-24")
def test_a_refused_conversion_cancels_nothing(county: County, ruian: County) -> None:
    who = a_mainlander()
    old = a_card(who, ruian)
    draft = a_draft(who, papers=PAPERS)
    report_loss(permit_id=old.pk, by=who.principal)
    case = fresh(submitted(who, draft))
    assert case.automatic_declined_because is not None
    assert "casework.declined_unmet" in case.automatic_declined_because
    case = decided_by_officers(case, county, grant=False)
    old.refresh_from_db()
    assert (case.state, old.state) == (CaseState.REFUSED, "lost")
    assert Permit.objects.count() == 1


@pytest.mark.row("S4-24", "S4-17")
def test_without_acknowledgement_declaration_promise_and_papers_everything_missing_is_told_at_once(
    county: County, ruian: County
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    draft = a_draft(who, promises=False, acknowledges_cancellation=False, declares_true=False, phone="")
    with pytest.raises(Invalid) as refused:
        submitted(who, draft)
    assert {error.field for error in refused.value.errors} == {
        "answers.phone", "answers.declares_true", "answers.acknowledges_cancellation", "answers.promises",
        "evidence.identity", "evidence.employment_proof",
    }  # fmt: skip
    assert not Case.objects.exists()


@pytest.mark.row("S4-11", "S4-25")
def test_the_last_of_four_steps_declares_and_acknowledges(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    draft = a_draft(who, declares_true=False, acknowledges_cancellation=False)
    with registers_say():
        case = submitted(who, draft, declares_true=True, acknowledges_cancellation=True)
    assert fresh(case).state == CaseState.COMPLETED
    assert fresh(case).application.answers["acknowledges_cancellation"] is True


@pytest.mark.row("S4-11")
def test_another_text_than_that_of_the_law_cannot_be_promised(county: County) -> None:
    who = a_mainlander()
    draft = a_draft(who, promises=False)
    with pytest.raises(Conflict, match="promise_changed"):
        make_promise(
            application_id=draft.pk, text_hash="0" * 64, acting=who.person, version=draft.version, on=TODAY,
            by=who.principal,
        )  # fmt: skip


@pytest.mark.row("S4-20")
def test_the_type_chosen_is_that_of_the_item(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say(), pytest.raises(Invalid) as refused:
        submitted(who, a_draft(who, conversion_type="registrations"))
    assert [error.code for error in refused.value.errors] == ["casework.type_differs"]


@pytest.mark.row("S4-14")
@pytest.mark.parametrize(("on", "due"), [(TODAY, date(2026, 9, 21)), (date(2026, 9, 30), date(2026, 10, 9))])
def test_two_working_days_are_counted_from_acceptance_over_weekends_and_holidays(
    county: County, ruian: County, on: date, due: date
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who, on=on), on=on))
    law_due = case.due_on
    assert law_due == due
    assert clock_of(case).decided_in_time
    assert clock_of(case).push_due_on == due
    assert clock_of(case).pushed_at is None


@pytest.mark.row("D24")
def test_without_an_officer_who_answers_the_rules_are_silent(ruian: County, county: County) -> None:
    from yizhengtong.permitting.casework.models import Answering

    Answering.objects.filter(rule="every_condition_is_met").update(until=TODAY)
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who)))
    assert (case.state, case.automatic_declined_because) == (CaseState.ACCEPTED, ["casework.declined_nobody_answers"])


def test_who_asks_for_an_officer_beforehand_gets_one(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who, asks_for_officer=True)))
    assert (case.state, case.automatic_declined_because) == (
        CaseState.ACCEPTED,
        ["casework.declined_asked_for_officer"],
    )


def test_who_asks_for_an_officer_afterwards_is_looked_at_again(county: County, ruian: County, settings: Any) -> None:
    settings.YZT_POST_CHECK_SHARE = 0.0
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who)))
    assert case.post_check == ""
    case = ask_for_officer(case_id=case.pk, acting=who.person, on=TODAY, by=who.principal)
    assert case.post_check == "asked"
    by = county.officer(Role.REVIEWER, at="county")
    case = record_post_check(case_id=case.pk, version=case.version, is_in_order=True, words="已核", on=TODAY, by=by)
    assert case.post_check == "in_order"
    with pytest.raises(Conflict, match="nothing_to_check"):
        record_post_check(case_id=case.pk, version=case.version, is_in_order=True, words="", on=TODAY, by=by)


def test_every_approval_is_drawn_at_a_share_of_one_and_none_at_nought(settings: Any) -> None:
    settings.YZT_POST_CHECK_SHARE = 1.0
    assert {automatic.sampled() for _ in range(50)} == {"sampled"}
    settings.YZT_POST_CHECK_SHARE = 0.0
    assert {automatic.sampled() for _ in range(50)} == {""}


@pytest.mark.row("S4-13", "S4-08")
def test_at_the_window_a_clerk_accepts_on_the_spot_and_the_system_does_the_rest(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = submitted(who, a_draft(who, promises=False, channel="window"))
        assert case.state == CaseState.RECEIVED
        clerk = county.officer(Role.CLERK)
        case = accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=clerk)
    assert case.state == CaseState.COMPLETED
    assert case.accepted_by == clerk.id
    assert [each.rule for each in opinions_of(case)] == ["", "every_fact_is_confirmed", "every_condition_is_met"]


def test_what_stands_in_the_way_of_the_permit_undoes_the_approval_alone(county: County, ruian: County) -> None:
    who = a_mainlander()
    old = a_card(who, ruian)
    with (
        registers_say(),
        mock.patch.object(automatic, "grant", side_effect=Conflict("permits.already_holds_one")),
    ):
        case = fresh(submitted(who, a_draft(who)))
    assert (case.state, case.automatic_declined_because) == (CaseState.ACCEPTED, ["casework.declined_conflict"])
    assert not Decision.objects.exists()
    assert not case.journal.filter(action="review").exists()
    old.refresh_from_db()
    assert old.state == "held"
    with registers_say():
        case = decided_by_officers(case, county)
    assert case.state == CaseState.COMPLETED


def test_several_earlier_permits_end_together(county: County, ruian: County) -> None:
    who = a_mainlander()
    olds = [a_card(who, ruian, kind=kind) for kind in (ZHEJIANG_CARD,)]
    Permit.objects.filter(pk=olds[0].pk).update(kind="zhejiang_paper")
    olds.append(a_card_beside(who, ruian))
    with registers_say():
        case = fresh(submitted(who, a_draft(who)))
    assert {each.state for each in Permit.objects.filter(pk__in=[old.pk for old in olds])} == {"ended"}
    assert Permit.objects.exclude(state="ended").get().pk == case.permit_id


def a_card_beside(who: Any, county: County) -> Permit:
    """A card beside a paper permit, as old records have them."""
    paper = Permit.objects.get(person=who.person)
    row = {field.attname: getattr(paper, field.attname) for field in Permit._meta.concrete_fields}
    from yizhengtong.kernel.ids import new_id

    beside = Permit(**{**row, "id": new_id(), "kind": ZHEJIANG_CARD, "case_id": None})
    beside.save(force_insert=True)
    return beside


@pytest.mark.row("S4-26", "D24")
def test_the_database_itself_lets_no_rule_refuse(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    case = fresh(submitted(who, a_draft(who, papers=PAPERS)))
    entry: dict[str, Any] = {
        "case": case, "from_state": "reviewed", "to_state": "refused", "by_kind": "system", "source": "x", "on": TODAY,
        "answering_office_id": county.county.pk, "answering_officer": county.county.pk,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="casework_no_rule_refuses"), transaction.atomic():
        JournalEntry.objects.create(action="refuse", rule="every_condition_is_met", **entry)
    with pytest.raises(IntegrityError, match="casework_an_officer_answers"), transaction.atomic():
        JournalEntry.objects.create(action="approve", rule="r", **{**entry, "answering_officer": None})
    with pytest.raises(IntegrityError, match="casework_rule_or_person"), transaction.atomic():
        JournalEntry.objects.create(action="approve", rule="r", by=county.county.pk, **entry)


def test_nobody_answers_for_two_rules(county: County) -> None:
    from yizhengtong.permitting.casework.models import Answering

    member = Answering.objects.get(rule="every_fact_is_confirmed")
    with pytest.raises(IntegrityError, match="two_rules"), transaction.atomic():
        Answering.objects.filter(rule="every_condition_is_met").update(officer_id=member.officer_id)
    name_all(county)
    assert Answering.objects.filter(until=None).count() == 3


def test_what_is_told_holds_item_office_case_and_day_and_nobody(county: County, ruian: County) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who)))
    told = {each.kind: each for each in Event.objects.filter(kind__startswith="cases.")}
    assert list(told) == ["cases.received", "cases.accepted", "cases.approved"]
    assert told["cases.accepted"].facts == {
        "item": BY_PERMIT, "office": str(county.station.pk), "due_on": case.due_on.isoformat() if case.due_on else "",
    }  # fmt: skip
    assert {each.object_id for each in told.values()} == {case.pk}


@pytest.mark.row("S4-19", "S4-21", "S4-22", "S4-23", "S4-18")
def test_the_form_is_filled_field_by_field_with_its_number(county: County, ruian: County) -> None:
    from yizhengtong.permitting.casework.forms import filled_form

    who = a_mainlander()
    a_card(who, ruian)
    with registers_say():
        case = fresh(submitted(who, a_draft(who)))
        form = {each.field.code: each for each in filled_form(case)}
    assert form["application_number"].text.startswith(f"{QINGYUAN}-A-2026-")
    assert form["number"].text == who.number
    assert form["number"].field.cells == len(who.number)
    shown = [form[code].text for code in ("name", "sex", "nation", "household_province", "household_county")]
    assert shown == ["姚小明", "男", "汉", "四川省", "顺庆区"]
    assert form["household_address"].text.endswith("某街1号")
    assert form["residence_address"].text.startswith("浙江省庆元县")
    assert form["conversion_type"].ticked == ("existing_permit",)
    assert form["employment_proof"].ticked == ("labour_contract",)
    assert form["study_proof"].ticked == ()
    assert form["declaration"].on == TODAY
    assert [form[f"{who}_opinion"].rule for who in ("clerk", "reviewer", "approver")] == [
        "form_is_complete_and_declared", "every_fact_is_confirmed", "every_condition_is_met",
    ]  # fmt: skip


def test_what_an_officer_saw_in_a_paper_settles_what_the_rule_left_open(county: County) -> None:
    who = a_mainlander((QINGYUAN, half_a_year()[1], None))
    papers = {"identity": "identity_card", "employment_proof": "other_employment_proof"}
    case = fresh(submitted(who, a_draft(who, BY_STAYS, papers=papers)))
    reviewer = county.officer(Role.REVIEWER, at="county")
    from yizhengtong.permitting.casework.examination import examine

    assert [each.code for each in examine(case, TODAY).outcome.open] == ["applications.proof_open"]
    seen = {"other_employment_proof": {"shows": ["found_fitting"]}}
    word = Word("document", "employment_proof", True, "", seen)
    case = judge(case_id=case.pk, words=[word], version=case.version, on=TODAY, by=reviewer)
    assert examine(case, TODAY).outcome.granted
