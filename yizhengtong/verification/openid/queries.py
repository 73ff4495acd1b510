"""What a person agreed to, for the person's own list and copy."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.consents.given import Given
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.openid.models import Consent

CONSENT = "oic"


def living_consent(person_id: UUID, party_id: UUID, purpose: str) -> Consent | None:
    """Return what a person agreed that a party is told for a purpose, as long as it holds."""
    found = Consent.objects.filter(person_id=person_id, relying_party_id=party_id, purpose=purpose)
    return found.filter(ended_at=None, expires_at__gt=timezone.now()).first()


def consents_of(person: Person) -> QuerySet[Consent]:
    """Return what a person agreed to by sign-in and what of it holds, the newest first, each with its party."""
    living = Consent.objects.filter(person_id=person.pk, ended_at=None, expires_at__gt=timezone.now())
    return living.select_related("relying_party").order_by("-given_at", "-id")


def consent_of(person: Person, consent_id: UUID) -> Consent:
    """Return one of the consents of a person that hold, with its party. Raises NotFound."""
    found = consents_of(person).filter(pk=consent_id).first()
    if found is None:
        raise NotFound("not_found")
    return found


def given_by(person_id: UUID) -> list[Given]:
    """Return the sign-ins that a person agreed to and that hold, as the page of all consents lists them."""
    living = Consent.objects.filter(person_id=person_id, ended_at=None, expires_at__gt=timezone.now())
    return [
        Given(
            words="openid.given", since=each.given_at, address=f"/data-use/sign-ins/{public_id(CONSENT, each.pk)}",
            party=each.relying_party.name, purpose=f"relying_parties.purpose_{each.purpose}", until=each.expires_at,
        )
        for each in living.select_related("relying_party").order_by("-given_at", "-id")
    ]  # fmt: skip


def copy_of(person: Person) -> list[dict[str, Any]]:
    """Return what a person agreed to by sign-in, as the copy of their data holds it (个人信息保护法 art. 45)."""
    kept = Consent.objects.filter(person_id=person.pk).select_related("relying_party").order_by("given_at", "id")
    return [
        {
            "relying_party": each.relying_party.name, "purpose": each.purpose, "claims": each.claims,
            "given_at": each.given_at, "expires_at": each.expires_at, "ended_at": each.ended_at,
        }
        for each in kept
    ]  # fmt: skip
