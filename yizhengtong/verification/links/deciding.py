"""Deciding a question about a link: by a head of the office that looks after the permit, who had no part in it."""

from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound, Stale
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.verification.links.linking import end_link, make_link
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.policies import ensure_may_decide
from yizhengtong.verification.links.queries import link_in, permit_to_link
from yizhengtong.verification.links.rules import decisions_on, remedy_of
from yizhengtong.verification.links.tickets import written

Decision, Remedy = Ticket.Decision, Ticket.Remedy


@use_case
def decide_ticket(*, ticket_id: UUID, decision: str, words: str, version: int, on: date, by: Principal) -> Ticket:
    """Decide a question: `stands` or `wrong` of a link; `claimant`, `other` or `neither` where two claim a number.

    What follows is done at once: the link is kept, ended, or made for the claimant, whose number it is from then on.
    Raises NotFound outside the area, Forbidden `links.decides_own`, Stale, Conflict `links.decided_already`,
    `links.not_linked`, `links.no_permit`, Invalid with the fields.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("person").filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("not_found")
    link = link_in(ticket)
    ensure_may_decide(ticket, link, by)
    ensure_may_open(ticket.person, by, on)
    if ticket.version != version:
        raise Stale("web.stale_version")
    if ticket.state != Ticket.State.OPEN:
        raise Conflict("links.decided_already")
    if decision not in decisions_on(ticket.kind):
        raise Invalid("web.fields_wrong", errors=[FieldError("decision", "links.choose_a_decision")])
    answer = written(words, "links.say_what_was_found")
    _bring_about(ticket, link, decision, by)
    ticket.decision, ticket.remedy, ticket.answer = decision, remedy_of(ticket.kind, decision), answer
    ticket.state, ticket.decided_by = Ticket.State.DECIDED, by.id
    ticket.decided_at, ticket.decided_on = timezone.now(), on
    ticket.version += 1
    ticket.save(
        update_fields=["state", "decision", "remedy", "answer", "decided_at", "decided_on", "decided_by", "version"]
    )
    record_act("links.decide", by=by, on=("link_ticket", ticket.pk), person_id=ticket.person_id,
               fields=[decision, ticket.remedy])  # fmt: skip
    publish("links.decided", on=("link_ticket", ticket.pk), person_id=ticket.person_id, facts={"remedy": ticket.remedy})
    return ticket


def _bring_about(ticket: Ticket, link: Link | None, decision: str, by: Principal) -> None:
    if decision == Decision.STANDS and link is None:  # its holder has ended it meanwhile
        raise Conflict("links.not_linked")
    if link is not None and decision in (Decision.WRONG, Decision.CLAIMANT, Decision.NEITHER):
        locked = Link.objects.select_for_update().get(pk=link.pk)
        if locked.state == Link.State.LINKED:
            end_link(locked, Link.Reason.WRONG, by)
    if decision in (Decision.CLAIMANT, Decision.NEITHER):
        _release(ticket)
    if decision == Decision.CLAIMANT:
        _link_claimant(ticket, by)


def _release(ticket: Ticket) -> None:
    """Let the number name nobody else in the register from now on, whoever looks after that person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT links_release(%s)", [ticket.pk])


def _link_claimant(ticket: Ticket, by: Principal) -> None:
    """The question keeps the new link from being told until it is decided, in this same transaction."""
    permit = permit_to_link(ticket.person)
    if permit is None:
        raise Conflict("links.no_permit")
    make_link(permit, parse(DocumentKind(ticket.travel_kind), ticket.number), ticket.proof, by)
