"""“This was not me”: a doubt with an owner and a day, answered by the head of the office, seen by nobody else."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from tests.support.city import City
from tests.support.days import real_today
from tests.support.people import Resident, a_resident
from tests.support.privacy import may_open
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import Duration
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.law import Law
from yizhengtong.registry.people.models import Representation
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.holders import bounds, tickets
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.queries import ticket_for, tickets_of, tickets_waiting
from yizhengtong.verification.holders.tests.conftest import CheckIt, Heads
from yizhengtong.verification.holders.tickets import answer_ticket, doubt_check, hand_up
from yizhengtong.verification.relying_parties.models import RelyingParty

pytestmark = pytest.mark.row("S1-097")


def doubted(check: Check, who: Resident, law: Law, *, acting: Resident | None = None) -> Ticket:
    by = acting or who
    return doubt_check(
        check_id=check.pk, person=who.person, acting=by.person, words="我没有去过这家银行", law=law, on=real_today(),
        by=by.principal,
    )  # fmt: skip


def answered(ticket: Ticket, by: Principal, **changes: Any) -> Ticket:
    given = {"was_wrong": False, "words": "已向银行核实", "version": ticket.version, **changes}
    return answer_ticket(ticket_id=ticket.pk, by=by, **given)


def refusal(does: Any) -> str:
    with pytest.raises(Problem) as refused:
        does()
    return refused.value.code


def test_it_is_owned_by_the_office_of_the_permit_and_due_in_working_days(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, settings: Any
) -> None:
    settings.YZT_TICKET_WORKING_DAYS = 3
    ticket = doubted(checked(outcome="no_match"), wang, law)
    assert ticket.due_on == law.calendar.deadline(real_today(), Duration(3, "workday")).day
    assert ticket.office_path.startswith(heads.own.office_path)
    assert (ticket.outcome, ticket.way, ticket.claims) == ("no_match", "match", ["number", "name"])
    for head, seen in ((heads.own, [ticket.pk]), (heads.other, []), (heads.top, [ticket.pk])):
        assert [each.pk for each in tickets_waiting(by=head, limit=9)] == seen


def test_without_a_permit_the_office_of_the_residence_answers_and_without_either_the_top_one(
    checked: CheckIt, law: Law, heads: Heads
) -> None:
    settled, unsettled = a_resident(name="李四"), a_resident(name="张三", since=None)
    assert doubted(checked(of=settled), settled, law).office_path == heads.own.office_path
    ticket = doubted(checked(of=unsettled), unsettled, law)
    assert ticket.office_path == ""
    assert ticket.pk not in {each.pk for each in tickets_waiting(by=heads.own, limit=9)}
    assert refusal(lambda: ticket_for(ticket_id=ticket.pk, by=heads.own)) == "not_found"
    assert ticket_for(ticket_id=ticket.pk, by=heads.top).pk == ticket.pk


def test_nobody_doubts_anothers_check_nor_for_a_person_they_may_not_act_for(
    checked: CheckIt, wang: Resident, law: Law
) -> None:
    check, stranger = checked(), a_resident(name="陈大文")
    assert refusal(lambda: doubted(check, stranger, law)) == "not_found"
    assert refusal(lambda: doubted(check, wang, law, acting=stranger)) == "not_found"
    assert refusal(lambda: doubted(Check(id=new_id()), wang, law)) == "not_found"
    Representation.objects.create(
        representative=stranger.person, represented=wang.person, relation="proxy", since=real_today()
    )
    assert doubted(check, wang, law, acting=stranger).filed_by == stranger.principal.id


def test_a_check_is_doubted_once_and_not_without_end(
    checked: CheckIt, wang: Resident, law: Law, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tickets, "MOST_OPEN_TICKETS", 2)
    assert bounds.MOST_OPEN_TICKETS > 2
    check = checked()
    doubted(check, wang, law)
    assert refusal(lambda: doubted(check, wang, law)) == "holders.doubted_already"
    doubted(checked(), wang, law)
    assert refusal(lambda: doubted(checked(), wang, law)) == "holders.enough_open"
    assert tickets_of(wang.person).count() == 2


@pytest.mark.parametrize(("was_wrong", "state"), [(False, "explained"), (True, "wrong")])
def test_the_head_of_the_office_answers_once_and_every_look_is_on_record(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, was_wrong: bool, state: str
) -> None:
    ticket = doubted(checked(), wang, law)
    assert ticket_for(ticket_id=ticket.pk, by=heads.own).words == "我没有去过这家银行"
    assert Entry.objects.filter(action="holders.read_ticket", person_id=wang.person.pk).count() == 1
    after = answered(ticket, heads.own, was_wrong=was_wrong)
    assert (after.state, after.answer, after.answered_by) == (state, "已向银行核实", heads.own.id)
    assert refusal(lambda: answered(after, heads.own)) == "holders.answered_already"
    assert tickets_waiting(by=heads.own, limit=9) == []
    assert [each.pk for each in tickets_waiting(by=heads.own, is_open=False, limit=9)] == [ticket.pk]


def test_no_other_officer_reads_or_answers(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, town: City
) -> None:
    ticket = doubted(checked(), wang, law)
    weak = town.officer(
        "head-weak", Role.SUPERVISOR, office=heads.own.office_path.split(".")[1], has_second_factor=False
    )
    refused = [
        (heads.other, "not_found"), (wang.principal, "not_found"), (town.clerk, "accounts.role_missing"),
        (town.approver, "accounts.role_missing"), (weak, "accounts.second_factor_needed"),
    ]  # fmt: skip
    for by, code in refused:
        assert refusal(partial(answered, ticket, by)) == code
        assert refusal(partial(ticket_for, ticket_id=ticket.pk, by=by)) == code
    assert not Entry.objects.filter(action="holders.read_ticket").exists()


def test_a_head_does_not_answer_for_oneself_and_the_database_knows(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads
) -> None:
    ticket = doubted(checked(), wang, law)
    Ticket.objects.filter(pk=ticket.pk).update(filed_by=heads.own.id)
    assert refusal(lambda: answered(ticket, heads.own)) == "holders.answers_for_self"
    with pytest.raises(IntegrityError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(
            state="explained", answered_by=heads.own.id, answered_at=timezone.now()
        )


def test_what_another_answered_meanwhile_is_not_overwritten(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads
) -> None:
    ticket = doubted(checked(), wang, law)
    assert refusal(lambda: answered(ticket, heads.own, version=ticket.version + 1)) == "web.stale_version"
    assert tickets_of(wang.person).get().state == "open"


def test_a_leaked_key_goes_up_to_the_top_office_which_suspends_its_organisation_at_once(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, bank: RelyingParty
) -> None:
    ticket = doubted(checked(), wang, law)
    assert refusal(lambda: answered(ticket, heads.own, was_wrong=True, suspends=True)) == "holders.top_suspends"
    handed = hand_up(ticket_id=ticket.pk, version=ticket.version, by=heads.own)
    assert refusal(lambda: answered(handed, heads.own)) == "holders.top_answers"
    assert refusal(lambda: answered(handed, heads.top, suspends=True)) == "holders.nobody_to_suspend"
    unsaid: dict[str, Any] = {"was_wrong": True, "suspends": True}
    assert refusal(lambda: answered(handed, heads.top, **unsaid)) == "relying_parties.review_invalid"
    after = answered(handed, heads.top, **unsaid, reason="密钥疑似泄露")
    assert after.has_suspended
    bank.refresh_from_db()
    assert (bank.state, bank.is_active, bank.decided_by) == ("suspended", False, heads.top.id)
    assert (after.answer, bank.reason) == ("已向银行核实", "密钥疑似泄露")  # what the holder is told is the holder's


def test_nobody_unregistered_and_nobody_twice_is_suspended(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, bank: RelyingParty
) -> None:
    anybody = doubted(checked(party=None, way="share_code"), wang, law)
    wrong = {"was_wrong": True, "suspends": True, "reason": "密钥疑似泄露"}
    assert refusal(lambda: answered(anybody, heads.top, **wrong)) == "holders.nobody_to_suspend"
    first, second = (doubted(checked(), wang, law) for _ in range(2))
    answered(first, heads.top, **wrong)
    assert refusal(lambda: answered(second, heads.top, **wrong)) == "holders.nobody_to_suspend"


def test_a_childs_ticket_is_opened_with_an_approval_alone(checked: CheckIt, law: Law, heads: Heads) -> None:
    child = a_resident(name="小明", birth_date=real_today() - timedelta(days=365 * 8))
    ticket = doubted(checked(of=child), child, law)
    assert refusal(lambda: ticket_for(ticket_id=ticket.pk, by=heads.own)) == "people.minor_needs_approval"
    may_open(child.person, heads.own)
    assert ticket_for(ticket_id=ticket.pk, by=heads.own).pk == ticket.pk


def test_the_words_lie_sealed(checked: CheckIt, wang: Resident, law: Law, heads: Heads) -> None:
    answered(doubted(checked(), wang, law), heads.own)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT words, answer FROM holders_ticket UNION ALL SELECT words, answer FROM holders_ticketevent"
        )
        sealed = [bytes(each) for row in cursor.fetchall() for each in row]
    assert sealed
    assert not [each for each in sealed if "银行".encode() in each]
