"""Reading links. What answers relying parties asks across all persons and gives one keyed hash, never a row."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.numbers import DocumentNumber
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.law.values import DataUse
from yizhengtong.permitting.permits.kinds import HMT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_permits
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.registry.consents.queries import has_consent, uses_of
from yizhengtong.registry.people.minors import ensure_may_open
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.services import number_index
from yizhengtong.verification.links.bounds import ROWS_SHOWN
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.policies import ensure_head, ensure_may_decide, ensure_may_link

LINK_USE = "link_numbers"
"""The use of the law (`consent.uses`) that a link rests on."""


def in_question(kind: str, index: bytes | memoryview) -> bool:
    """Whether anybody's open question keeps a travel document from being told as linked."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT links_in_question(%s, %s)", [kind, bytes(index)])
        return bool(cursor.fetchone()[0])


def is_claimed_by_another(number: DocumentNumber, person_id: UUID) -> bool:
    """Whether a travel document names, or is linked to, somebody else; whoever reads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT links_claimed(%s, %s, %s)", [str(number.kind), number_index(number), person_id])
        return bool(cursor.fetchone()[0])


def use_to_agree_to(person: Person, on: date) -> DataUse | None:
    """Return the use of the law to be agreed to before linking; None where nothing is asked, or no more."""
    law = law_of_personal_data(on)
    if law is None or has_consent(person.pk, LINK_USE):
        return None
    return uses_of(law).get(LINK_USE)


def permit_to_link(person: Person) -> Permit | None:
    """Return the living residence permit of a person whose number can be linked."""
    return living_permits(person, HMT).select_related("person").first()


def permit_at_window(*, permit_id: UUID, by: Principal, on: date) -> Permit:
    """Return the living permit whose number a clerk of the area may link. Raises NotFound outside it, Forbidden."""
    permit = Permit.objects.select_related("person").filter(pk=permit_id, kind=HMT, state__in=LIVING).first()
    if permit is None:
        raise NotFound("not_found")
    ensure_may_link(permit, by)
    ensure_may_open(permit.person, by, on)
    return permit


def newest_permit(person: Person) -> Permit | None:
    """Return the person's newest permit whose number can be linked, living or not: its office looks after the link."""
    found = Permit.objects.filter(person=person, kind=HMT).select_related("person")
    return found.order_by("-issued_at", "-id").first()


def living_link(person: Person) -> Link | None:
    """Return the person's link, in question or not."""
    return Link.objects.filter(person=person, state=Link.State.LINKED).first()


def links_of(person: Person) -> Sequence[Link]:
    """Return a person's links, ended ones too, the newest first."""
    return list(Link.objects.filter(person=person).order_by("-id")[:ROWS_SHOWN])


def tickets_of(person: Person) -> Sequence[Ticket]:
    """Return the questions a person asked, or officers for them, the newest first."""
    return list(Ticket.objects.filter(person=person).order_by("-id")[:ROWS_SHOWN])


def travel_number_of(link: Link) -> str:
    """Return the number of a linked document as it was registered last; empty where it stands there no longer."""
    found = PersonNumber.objects.filter(
        person_id=link.person_id, kind=link.travel_kind, number_index=bytes(link.travel_index)
    )
    newest = found.order_by("-is_current", "-id").first()
    return newest.number if newest else ""


def tickets_for_head(*, by: Principal, after: UUID | None = None, limit: int) -> Sequence[Ticket]:
    """Return the open questions of a head's area in the order they came; nothing written is opened."""
    ensure_head(by)
    area = Q(office_path=by.office_path) | Q(office_path__startswith=f"{by.office_path}.")
    found = Ticket.objects.filter(area, state=Ticket.State.OPEN).defer("words", "answer", "number").order_by("id")
    return list((found.filter(pk__gt=after) if after else found)[:limit])


def ticket_for_head(*, ticket_id: UUID, by: Principal, on: date) -> tuple[Ticket, Link | None]:
    """Return a question of the head's area with what was written, and the link it is about; the read is recorded.

    Raises NotFound outside the area, Forbidden.
    """
    ticket = Ticket.objects.select_related("person").filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("not_found")
    link = link_in(ticket)
    ensure_may_decide(ticket, link, by)
    ensure_may_open(ticket.person, by, on)
    record_read("links.read_ticket", by=by, on=("link_ticket", ticket.pk), person_id=ticket.person_id,
                purpose="complaint", fields=["words", "number"])  # fmt: skip
    return ticket, link


def link_in(ticket: Ticket) -> Link | None:
    """Return the living link of the document that a question is about, whosever it is."""
    index = bytes(ticket.travel_index)
    return Link.objects.filter(travel_kind=ticket.travel_kind, travel_index=index, state=Link.State.LINKED).first()
