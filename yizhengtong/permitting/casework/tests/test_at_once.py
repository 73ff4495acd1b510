"""Two at the same moment: real connections, a barrier; one of them wins and the other is told why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import transaction

from tests.support.cases import an_application, case_at, fresh, permit_of
from tests.support.city import City
from tests.support.law import JINAN, TODAY
from tests.support.people import a_resident, travel_number
from tests.support.threads import at_once
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.ids import new_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.applications.models import Application, Evidence
from yizhengtong.permitting.casework.models import Appointment, Case, Decision, Judgement, Notice
from yizhengtong.permitting.casework.services.deciding import accept_case, approve_case, refuse_case
from yizhengtong.permitting.casework.services.reception import book_appointment, receive_application, receive_visitor
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.residence.models import Registration

pytestmark = pytest.mark.django_db(transaction=True)
MONDAY_NINE = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
TOMORROW = TODAY + timedelta(days=1)


def copies(case: Case, count: int) -> list[Case]:
    """Copy a reviewed case with its person, papers and words, as often as asked."""
    made: list[Case] = []
    with transaction.atomic():
        for _ in range(count):
            person = _copy(Person.objects.get(pk=case.person_id))
            number = travel_number(DocumentKind.HRP, "HK")
            index = blind_index("people.number", f"hrp:{number}")
            for row in PersonNumber.objects.filter(person_id=case.person_id):
                _copy(row, person=person, number=number, number_index=index)
            for stay in Registration.objects.filter(person_id=case.person_id):
                _copy(stay, person=person)
            application = _copy(Application.objects.get(pk=case.application_id), person=person, filled_by=person)
            for paper in Evidence.objects.filter(application_id=case.application_id):
                _copy(paper, application=application)
            copy = _copy(fresh(case), application=application, person=person, receipt_number=new_id().hex)
            Judgement.objects.bulk_create(
                [
                    Judgement(
                        case=copy, target=word.target, code=word.code, met=word.met, reason=word.reason, by=word.by
                    )
                    for word in case.judgements.all()
                ]
            )
            made.append(copy)
    return made


def _copy(row: Any, **changes: Any) -> Any:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    copy = type(row)(**{**values, "id": new_id()})
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def _decide(service: Callable[..., object], case: Case, by: Any, on: Any) -> Callable[[], object]:
    return partial(service, case_id=case.pk, version=case.version, words="", on=on, by=by)


@pytest.mark.row("S4-26")
def test_of_two_officers_who_grant_at_once_one_does_and_there_is_one_permit(town: City) -> None:
    base, _ = case_at(town, CaseState.REVIEWED)
    cases = copies(base, 100)
    wu, zhang = town.officer("demo-city-approver"), town.approver
    outcomes = at_once([[_decide(approve_case, case, by, TODAY) for by in (wu, zhang)] for case in cases])
    assert {tuple(sorted(each)) for each in outcomes} == {("", "web.stale_version")}
    assert Decision.objects.count() == Permit.objects.count() == len(cases)
    assert Event.objects.filter(kind="cases.approved").count() == len(cases)
    numbers = [permit.number for permit in Permit.objects.all()]
    assert len(set(numbers)) == len(cases)


@pytest.mark.row("S4-26")
def test_of_two_officers_who_grant_and_refuse_at_once_one_does_and_the_other_is_told(town: City) -> None:
    """The travel document ends today: one officer decides today and grants, the other tomorrow and refuses."""
    base, _ = case_at(town, CaseState.REVIEWED, resident=a_resident(valid_until=TODAY))
    cases = copies(fresh(base), 100)
    wu, zhang = town.officer("demo-city-approver"), town.approver
    outcomes = at_once(
        [[_decide(approve_case, case, wu, TODAY), _decide(refuse_case, case, zhang, TOMORROW)] for case in cases]
    )
    for case, (grant, refusal) in zip(cases, outcomes, strict=True):
        decision = Decision.objects.get(case=case)
        state = fresh(case).state
        assert sorted([grant == "", refusal == ""]) == [False, True]
        assert decision.granted is (grant == "") is (state == CaseState.APPROVED)
        assert Permit.objects.filter(case_id=case.pk).exists() is decision.granted
        assert Notice.objects.filter(case=case).exists() is (not decision.granted)


def test_the_same_application_submitted_twice_at_once_is_one_case(town: City) -> None:
    rounds = []
    for _ in range(20):
        wang = a_resident()
        draft = an_application(wang)
        submit = partial(
            receive_application, application_id=draft.pk, acting=wang.person, version=draft.version, on=TODAY,
            by=wang.principal,
        )  # fmt: skip
        rounds.append([submit, submit])
    outcomes = at_once(rounds)
    assert {tuple(sorted(each)) for each in outcomes} <= {
        ("", "applications.submitted_already"), ("", "web.stale_version"),
    }  # fmt: skip
    assert Case.objects.count() == Event.objects.filter(kind="cases.received").count() == 20


def test_of_two_who_book_the_last_seat_one_has_it(town: City, settings: Any) -> None:
    settings.YZT_WINDOWS_PER_POINT = 1
    with time_machine.travel("2026-09-18T04:00:00Z", tick=True):
        rounds = []
        for number in range(12):
            at = MONDAY_NINE + timedelta(days=number // 6, minutes=20 * (number % 6))
            pair = [case_at(town, CaseState.RECEIVED) for _ in range(2)]
            rounds.append(
                [
                    partial(
                        book_appointment, case_id=case.pk, starts_at=at, acting=who.person, on=TODAY, by=who.principal
                    )
                    for case, who in pair
                ]
            )
        outcomes = at_once(rounds)
    assert {tuple(sorted(each)) for each in outcomes} == {("", "casework.slot_full")}
    assert Appointment.objects.count() == 12


def test_one_person_who_books_twice_at_once_has_one_seat(town: City, settings: Any) -> None:
    settings.YZT_WINDOWS_PER_POINT = 10
    with time_machine.travel("2026-09-18T04:00:00Z", tick=True):
        rounds = []
        for _ in range(10):
            case, wang = case_at(town, CaseState.RECEIVED)
            book = partial(book_appointment, case_id=case.pk, acting=wang.person, on=TODAY, by=wang.principal)
            rounds.append(
                [partial(book, starts_at=MONDAY_NINE), partial(book, starts_at=MONDAY_NINE + timedelta(hours=1))]
            )
        outcomes = at_once(rounds)
    assert {tuple(sorted(each)) for each in outcomes} == {("", "casework.booked_already")}


def test_two_visitors_who_draw_tickets_at_once_draw_different_ones(town: City) -> None:
    rounds = []
    for _ in range(15):
        pair = [case_at(town, CaseState.RECEIVED)[0] for _ in range(2)]
        rounds.append([partial(receive_visitor, case_id=case.pk, by=town.clerk) for case in pair])
    at_once(rounds)
    assert set(Appointment.objects.values_list("ticket_number", flat=True)) == set(range(1, 31))


def test_a_loss_reported_twice_at_once_is_one_loss(town: City) -> None:
    rounds = []
    for _ in range(10):
        case, wang = case_at(town, CaseState.COMPLETED)
        report = partial(report_loss, permit_id=permit_of(case).pk, by=wang.principal)
        rounds.append([report, report])
    outcomes = at_once(rounds)
    assert {tuple(sorted(each)) for each in outcomes} == {("", "permits.not_now")}
    assert Event.objects.filter(kind="permits.report_loss").count() == 10


def test_two_cases_accepted_at_once_have_receipts_of_their_own(town: City) -> None:
    rounds = []
    for _ in range(10):
        pair = []
        for _ in range(2):
            case, _who = case_at(town, CaseState.RECEIVED)
            case.signed_form = case.application.evidence.all()[0].document
            case.save()
            pair.append(_decide(accept_case, case, town.clerk, TODAY))
        rounds.append(pair)
    assert at_once(rounds) == [["", ""]] * 10
    numbers = Case.objects.values_list("receipt_number", flat=True)
    assert len(set(numbers)) == 20


def test_two_permits_for_one_birth_date_and_sex_issued_at_once_have_numbers_of_their_own(town: City) -> None:
    rounds = []
    by = town.officer("x", Role.APPROVER, office=JINAN)
    for _ in range(10):
        rounds.append([_decide(approve_case, case_at(town, CaseState.REVIEWED)[0], by, TODAY) for _ in range(2)])
    assert at_once(rounds) == [["", ""]] * 10
    assert len({permit.number for permit in Permit.objects.all()}) == 20
