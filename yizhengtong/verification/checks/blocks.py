"""Relying parties that a holder has shut out. Each is answered as for a number that nobody has, and is never told."""

from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, F, Func, QuerySet

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.checks.models import Block
from yizhengtong.verification.relying_parties.models import RelyingParty


def is_blocked(person_id: UUID, party_id: UUID) -> bool:
    """Whether a person has shut a relying party out. Whoever reads: a policy that hid the row would open the door."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT checks_is_blocked(%s, %s)", [person_id, party_id])
        return bool(cursor.fetchone()[0])


def is_blocked_among(person_id: str, party_id: str) -> Func:
    """Return `is_blocked` as a part of a query, of two of its columns."""
    return Func(F(person_id), F(party_id), function="checks_is_blocked", output_field=BooleanField())


def blocks_of(person: Person) -> QuerySet[Block]:
    """Return whom a person has shut out, the newest first, each with its relying party."""
    return Block.objects.filter(person_id=person.pk).select_related("relying_party").order_by("-at", "-pk")


@use_case
def block(*, person: Person, party_id: UUID, by: Principal) -> Block:
    """Shut a relying party out; again changes nothing. Who may act for the person has been looked at.

    Raises NotFound `not_found` for a relying party that there is not.
    """
    if not RelyingParty.objects.filter(pk=party_id).exists():
        raise NotFound("not_found")
    found, is_new = Block.objects.get_or_create(person_id=person.pk, relying_party_id=party_id)
    if is_new:
        record_act("checks.block", by=by, on=("relying_party", party_id), person_id=person.pk)
    return found


@use_case
def unblock(*, person: Person, party_id: UUID, by: Principal) -> None:
    """Let a relying party in again. Raises NotFound `not_found` where it was not shut out."""
    if not Block.objects.filter(person_id=person.pk, relying_party_id=party_id).delete()[0]:
        raise NotFound("not_found")
    record_act("checks.unblock", by=by, on=("relying_party", party_id), person_id=person.pk)
