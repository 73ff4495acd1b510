"""The list of checks: one's own, by filters, page by page; the copy of one's data; how long it is kept."""

from datetime import timedelta

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.utils import timezone

from tests.support.events import deliver_everything
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.retention_classes import class_of, least_months
from yizhengtong.foundation.events.journal import publish
from yizhengtong.kernel.dates import add_months, legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.law import Law
from yizhengtong.registry.people.copies import parts_of
from yizhengtong.verification.checks.blocks import block, unblock
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.tasks import forget_old_checks
from yizhengtong.verification.holders.alerts import choose_alerts
from yizhengtong.verification.holders.models import AlertChoice, Ticket
from yizhengtong.verification.holders.queries import Wanted, checks_of, parties_of
from yizhengtong.verification.holders.tasks import forget_old_tickets
from yizhengtong.verification.holders.tests.conftest import CheckIt, Heads
from yizhengtong.verification.holders.tests.test_tickets import answered, doubted
from yizhengtong.verification.relying_parties.models import RelyingParty

pytestmark = pytest.mark.row("S1-097")
HISTORY = Ticket.history.field.model  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [3, 1, 0, 2]), (Wanted(way="share_code"), [2]), (Wanted(outcome="no_match"), [3, 1]),
        (Wanted(outcome="match"), [0]), (Wanted(outcome="refused"), []), (Wanted(purpose="rent"), [2]),
        (Wanted(party_id=new_id()), []), (Wanted(way="match", outcome="no_match", purpose="bank"), [3, 1]),
    ],
)  # fmt: skip
def test_checks_are_found_by_way_outcome_purpose_and_party_the_newest_first(
    checked: CheckIt, wang: Resident, bank: RelyingParty, wanted: Wanted, found: list[int]
) -> None:
    code = checked(party=None, way="share_code", purpose="rent", outcome="told")
    made = [checked(), checked(outcome="no_match"), code, checked(outcome="match")]
    Check.objects.filter(pk=made[3].pk).update(outcome="", is_match=False)  # as the release before wrote it
    checked(of=a_resident(name="李四"))
    shown = checks_of(person=wang.person, wanted=wanted, limit=9)
    assert [each.pk for each in shown] == [made[index].pk for index in found]
    assert parties_of(wang.person) == {bank.pk: bank.name}


def test_pages_follow_each_other_without_gap_or_repetition(checked: CheckIt, wang: Resident) -> None:
    made = [checked() for _ in range(7)]
    same = timezone.now()
    Check.objects.update(at=same)
    seen, before = [], None
    while page := checks_of(person=wang.person, wanted=Wanted(), before=before, limit=3):
        seen += [each.pk for each in page]
        before = (page[-1].at, page[-1].pk)
    assert sorted(seen) == sorted(each.pk for each in made)
    assert len(seen) == len(set(seen))


def test_the_copy_of_ones_data_holds_checks_tickets_blocks_and_choice_of_oneself_alone(
    checked: CheckIt, wang: Resident, bank: RelyingParty, law: Law, heads: Heads
) -> None:
    answered(doubted(checked(outcome="no_match"), wang, law), heads.own)
    block(person=wang.person, party_id=bank.pk, by=wang.principal)
    choose_alerts(person=wang.person, about="each", by=wang.principal)
    more = {name: list(part) for name, part in parts_of(wang.person).items()}
    assert [(each["relying_party"], each["outcome"], each["claims"]) for each in more["checks"]] == [
        ("泉城演示银行", "no_match", ["number", "name"])
    ]
    [ticket] = more["check_tickets"]
    assert (ticket["words"], ticket["answer"], ticket["state"]) == ("我没有去过这家银行", "已向银行核实", "explained")
    assert str(heads.own.id) not in str(more)
    assert [each["relying_party"] for each in more["check_blocks"]] == [bank.name]
    assert [each["about"] for each in more["check_alerts"]] == ["each"]
    other = parts_of(a_resident(name="李四").person)
    assert {name: list(other[name]) for name in more if name.startswith("check")} == {
        "checks": [], "check_tickets": [], "check_blocks": [], "check_alerts": [],
    }  # fmt: skip


def test_records_of_checks_and_their_trail_are_kept_three_years_and_own_look_ups_six_months() -> None:
    kept = class_of("read", "checks.match", "partner")
    assert (kept, least_months(kept)) == ("work", 36)
    assert class_of("read", "holders.read_ticket", "staff") == "work"
    assert class_of("act", "holders.doubt_check", "resident") == "archive"
    assert class_of("read", "privacy.read_history", "resident") == "log"


@pytest.mark.row("D11")
@pytest.mark.parametrize(("days", "is_kept"), [(-1, True), (0, True), (1, False)])
def test_a_check_and_an_answered_ticket_go_the_day_after_three_years_and_an_open_one_never(
    checked: CheckIt, wang: Resident, law: Law, heads: Heads, days: int, is_kept: bool
) -> None:
    check, other = checked(), checked()
    ticket, still_open = answered(doubted(check, wang, law), heads.own), doubted(other, wang, law)
    assert ticket.answered_at is not None
    kept_until = add_months(legal_day(ticket.answered_at), 36)
    with time_machine.travel(f"{kept_until + timedelta(days=days)}T02:45:00+08:00", tick=False):
        forget_old_checks(0)
        forget_old_tickets(0)
    assert Check.objects.filter(pk=check.pk).exists() is is_kept
    assert Ticket.objects.filter(pk=ticket.pk).exists() is is_kept
    assert HISTORY.objects.filter(pgh_obj_id=ticket.pk).exists() is is_kept
    assert Ticket.objects.filter(pk=still_open.pk).exists()
    assert Entry.objects.filter(action="holders.forget").exists() is not is_kept


def test_an_open_ticket_cannot_be_deleted(checked: CheckIt, wang: Resident, law: Law) -> None:
    ticket = doubted(checked(), wang, law)
    with pytest.raises(DatabaseError), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).delete()


@pytest.mark.django_db(transaction=True)
def test_the_choice_goes_with_the_working_data_and_the_record_of_checks_stays(checked: CheckIt, wang: Resident) -> None:
    checked()
    choose_alerts(person=wang.person, about="none", by=wang.principal)
    publish("privacy.deleted", on=("deletion", new_id()), person_id=wang.person.pk)
    deliver_everything("holders.deletions")
    assert not AlertChoice.objects.exists()
    assert Check.objects.filter(person_id=wang.person.pk).exists()


def test_a_block_is_lifted_by_its_person_alone(wang: Resident, bank: RelyingParty) -> None:
    block(person=wang.person, party_id=bank.pk, by=wang.principal)
    stranger = a_resident(name="陈大文")
    with pytest.raises(NotFound):
        unblock(person=stranger.person, party_id=bank.pk, by=stranger.principal)
    assert [each["relying_party"] for each in parts_of(wang.person)["check_blocks"]] == [bank.name]
