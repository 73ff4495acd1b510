"""“This was not me”: a holder doubts a check, the head of the holder's office looks into it and answers."""

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound, Stale
from yizhengtong.law.law import Law
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.minors import is_guarded
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.holders.bounds import MOST_OPEN_TICKETS
from yizhengtong.verification.holders.deadlines import answer_due, office_of
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.policies import ensure_may_answer, is_at_the_top
from yizhengtong.verification.holders.queries import check_by_id, tickets_of
from yizhengtong.verification.relying_parties.reviewing import suspend

ANSWERED = "holders.ticket_answered"
"""The event: on ("check_ticket", its id), of the holder."""
_OF_THE_OFFICE = ("state", "answer", "answered_by", "answered_at", "has_suspended", "version")
State = Ticket.State


@use_case
def doubt_check(
    *, check_id: UUID, person: Person, acting: Person, words: str, law: Law, on: date, by: Principal
) -> Ticket:
    """Say of a check that it was not oneself. It goes to the office of the holder's permit, or of the residence.

    Raises NotFound for others' checks and for who may not act for the person, Conflict `holders.doubted_already` and
    `holders.enough_open`.
    """
    if by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    check = check_by_id(check_id)
    if check.person_id != person.pk:
        raise NotFound("not_found")
    if tickets_of(person).filter(state=State.OPEN).count() >= MOST_OPEN_TICKETS:
        raise Conflict("holders.enough_open")
    ticket = _ticket(check, person, words, answer_due(law, on), by.id)
    ticket.is_of_minor = is_guarded(person, on)
    _insert(ticket)
    record_act("holders.doubt_check", by=by, on=("check_ticket", ticket.pk), person_id=person.pk)
    return ticket


@use_case
def answer_ticket(
    *, ticket_id: UUID, was_wrong: bool, words: str, version: int, suspends: bool = False, reason: str = "",
    by: Principal,
) -> Ticket:  # fmt: skip
    """Explain a check, or say that it was wrong; then the top office may suspend the relying party (`suspends`).

    `words`: for the holder alone. `reason`: for the relying party, which is told why it is suspended. Raises NotFound
    outside the area, Forbidden, also `holders.top_answers` and `holders.top_suspends`, Conflict
    `holders.answered_already` and `holders.nobody_to_suspend`, Stale, Invalid as `suspend` without a reason.
    """
    ticket = _open(ticket_id, version, by)
    if suspends:
        _suspend(ticket, reason, was_wrong=was_wrong, by=by)
    ticket.state = State.WRONG if was_wrong else State.EXPLAINED
    ticket.answer, ticket.answered_by, ticket.answered_at = words, by.id, timezone.now()
    ticket.has_suspended = suspends
    ticket.version += 1
    ticket.save(update_fields=_OF_THE_OFFICE)
    record_act("holders.answer_ticket", by=by, on=("check_ticket", ticket.pk), person_id=ticket.person_id,
               fields=[ticket.state])  # fmt: skip
    publish(ANSWERED, on=("check_ticket", ticket.pk), person_id=ticket.person_id)
    return ticket


@use_case
def hand_up(*, ticket_id: UUID, version: int, by: Principal) -> Ticket:
    """Hand a ticket to the top office, the one that can suspend a relying party. The day stays. Raises as above."""
    ticket = _open(ticket_id, version, by)
    ticket.is_handed_up = True
    ticket.version += 1
    ticket.save(update_fields=["is_handed_up", "version"])
    record_act("holders.hand_up", by=by, on=("check_ticket", ticket.pk), person_id=ticket.person_id)
    return ticket


def _open(ticket_id: UUID, version: int, by: Principal) -> Ticket:
    ticket = Ticket.objects.select_for_update(of=("self",)).filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("not_found")
    ensure_may_answer(ticket, by)
    if ticket.state != State.OPEN:
        raise Conflict("holders.answered_already")
    if ticket.version != version:
        raise Stale("web.stale_version")
    return ticket


def _suspend(ticket: Ticket, reason: str, *, was_wrong: bool, by: Principal) -> None:
    """Suspend whoever checked, such as one whose key leaked: by no key is it let in until it is resumed."""
    party = ticket.relying_party
    if party is None or not was_wrong or not party.is_active:
        raise Conflict("holders.nobody_to_suspend")
    if not is_at_the_top(by):
        raise Forbidden("holders.top_suspends")
    suspend(party_id=party.pk, reason=reason, version=party.version, by=by, at=timezone.now())


def _ticket(check: Check, person: Person, words: str, due_on: date, filed_by: UUID) -> Ticket:
    return Ticket(
        person_id=person.pk, check_id=check.pk, checked_at=check.at, relying_party=check.relying_party, way=check.way,
        purpose=check.purpose, outcome=check.ended, claims=check.claims or [], words=words, filed_by=filed_by,
        office_path=office_of(person), due_on=due_on,
    )  # fmt: skip


def _insert(ticket: Ticket) -> None:
    try:
        with transaction.atomic():
            ticket.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "holders_one_ticket_a_check":
            raise
        raise Conflict("holders.doubted_already") from error
