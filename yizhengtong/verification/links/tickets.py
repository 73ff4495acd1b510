"""Asking about a link: that it is wrong, or that two persons claim one number. Each question has an owner and a day."""

from datetime import date, timedelta
from uuid import UUID

from django.conf import settings

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound
from yizhengtong.kernel.numbers import DocumentNumber
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.registry.people.services import number_index
from yizhengtong.verification.links.bounds import LONGEST_WORDS
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.policies import ensure_may_ask
from yizhengtong.verification.links.queries import newest_permit


@use_case
def say_wrong(*, person: Person, acting: Person, words: str, on: date, by: Principal) -> Ticket:
    """Say that one's link is wrong: it is told to nobody until the office that looks after the permit has decided.

    Raises NotFound for a stranger, Conflict `links.not_linked`, `links.asked_already`, Invalid with the field.
    """
    if by.id is None or not may_act_for(acting, person, on):
        raise NotFound("not_found")
    permit = newest_permit(person)
    if permit is None:
        raise Conflict("links.not_linked")
    return _say_wrong(permit, words, on, by)


@use_case
def report_wrong(*, permit_id: UUID, words: str, on: date, by: Principal) -> Ticket:
    """Say as an officer of the area that the link of a permit's holder is wrong; a head decides.

    Raises NotFound outside the area, Forbidden, and as `say_wrong`.
    """
    return _say_wrong(permit_to_ask_about(permit_id=permit_id, on=on, by=by), words, on, by)


def permit_to_ask_about(*, permit_id: UUID, on: date, by: Principal) -> Permit:
    """Return a permit whose link an officer may say is wrong. Raises NotFound outside the area, Forbidden."""
    permit = Permit.objects.select_related("person").filter(pk=permit_id).first()
    if permit is None:
        raise NotFound("not_found")
    ensure_may_ask(permit, by)
    ensure_may_open(permit.person, by, on)
    return permit


def open_collision(*, permit: Permit, number: DocumentNumber, proof: str, on: date, by: Principal) -> Ticket:
    """Open the question whose a number is, within the caller's use-case; the one that is open where it was asked.

    Only a claim with proof comes here: whoever merely types a number keeps nobody's link from being told.
    """
    index = number_index(number)
    asked = Ticket.objects.filter(
        person_id=permit.person_id, travel_kind=number.kind, travel_index=index, state=Ticket.State.OPEN
    ).first()
    if asked is not None:
        return asked
    opened = Ticket(kind=Ticket.Kind.COLLISION, travel_kind=number.kind, travel_index=index, number=number.text)
    opened.proof = proof
    return _open(opened, permit, on, by)


def _say_wrong(permit: Permit, words: str, on: date, by: Principal) -> Ticket:
    link = Link.objects.select_for_update().filter(person_id=permit.person_id, state=Link.State.LINKED).first()
    if link is None:
        raise Conflict("links.not_linked")
    index = bytes(link.travel_index)
    asked = Ticket.objects.filter(person_id=link.person_id, travel_kind=link.travel_kind, travel_index=index)
    if asked.filter(state=Ticket.State.OPEN).exists():
        raise Conflict("links.asked_already")
    opened = Ticket(kind=Ticket.Kind.WRONG, travel_kind=link.travel_kind, travel_index=index)
    opened.words = written(words, "links.say_why")
    return _open(opened, permit, on, by)


def _open(ticket: Ticket, permit: Permit, on: date, by: Principal) -> Ticket:
    if by.id is None:
        raise NotFound("not_found")
    ticket.person, ticket.office_id, ticket.office_path = permit.person, permit.office_id, permit.office_path
    ticket.opened_by, ticket.opened_on, ticket.by_officer = by.id, on, by.kind == PrincipalKind.STAFF
    ticket.due_on = on + timedelta(days=settings.YZT_LINK_ANSWER_DAYS)
    ticket.save(force_insert=True)
    record_act("links.ask", by=by, on=("link_ticket", ticket.pk), person_id=ticket.person_id, fields=[ticket.kind])
    publish("links.asked", on=("link_ticket", ticket.pk), person_id=ticket.person_id, facts={"kind": ticket.kind})
    return ticket


def written(words: str, code: str) -> str:
    """Return what was written. Raises Invalid with `code` for nothing, `links.too_long` for more than there is room."""
    if not words.strip():
        raise Invalid("web.fields_wrong", errors=[FieldError("words", code)])
    if len(words) > LONGEST_WORDS:
        raise Invalid("web.fields_wrong", errors=[FieldError("words", "links.too_long", {"most": LONGEST_WORDS})])
    return words.strip()
