"""Writing a link and ending one: what every way to link, and every decision, does."""

from django.db import IntegrityError
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import together
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.kernel.numbers import DocumentNumber
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import PersonNumber
from yizhengtong.registry.people.services import add_number, number_index
from yizhengtong.verification.links.models import Link


def end_link(link: Link, reason: str, by: Principal) -> None:
    """End a link that the caller has locked; those who follow learn why it no longer holds."""
    link.state, link.end_reason, link.ended_at, link.ended_by = Link.State.ENDED, reason, timezone.now(), by.id
    link.save(update_fields=["state", "end_reason", "ended_at", "ended_by"])
    record_act("links.unlink", by=by, on=("link", link.pk), person_id=link.person_id, fields=[reason])
    publish("links.ended", on=("link", link.pk), person_id=link.person_id, facts={"reason": str(reason)})


def make_link(permit: Permit, number: DocumentNumber, proof: str, by: Principal) -> Link:
    """Write a link, and the number among the person's own where it is not yet.

    Raises Conflict `links.linked_already`, Invalid `people.number_contradicts_*`.
    """
    if by.id is None:  # the system itself links nobody
        raise NotFound("not_found")
    index, person = number_index(number), permit.person
    held = PersonNumber.objects.filter(person=person, kind=number.kind, number_index=index, is_current=True)
    if not held.exists():
        add_number(person=person, kind=number.kind, number=number.text, by=by)
    is_officer = by.kind == PrincipalKind.STAFF
    link = Link(
        person=person, permit_index=bytes(permit.number_index), travel_kind=number.kind, travel_index=index,
        proof=proof, agreed_on_paper=is_officer and proof == Link.Proof.ORIGINALS, linked_by=by.id,
        office_path=by.office_path,
    )  # fmt: skip
    try:
        with together():
            link.save(force_insert=True)
    except IntegrityError as error:  # by another request meanwhile
        raise Conflict("links.linked_already") from error
    record_act("links.link", by=by, on=("link", link.pk), person_id=person.pk, fields=[str(number.kind), str(proof)])
    publish("links.linked", on=("link", link.pk), person_id=person.pk)
    return link
