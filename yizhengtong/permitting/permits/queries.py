"""Reading permits."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from yizhengtong.foundation.postgresql.readers import asking
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.registry.people.models import Person


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a permit is good on a day, and if not, why: expired, lost, or how it ended."""

    is_valid: bool
    reason: str


def living_permits(person: Person, kind: str) -> QuerySet[Permit]:
    """Return the permit of a kind that a person has, lost or expired ones included: one or none."""
    return Permit.objects.filter(person=person, kind=kind, state__in=LIVING)


def latest_permit_by_number(number: str) -> Permit | None:
    """Return the newest permit with a number, living or not; its person comes with it."""
    index = blind_index("permits.number", number)
    asking(index)
    return Permit.objects.filter(number_index=index).select_related("person").order_by("-issued_at", "-id").first()


def standing(permit: Permit, on: date) -> Standing:
    """Say whether a permit is good on a legal day. It is from the day it is issued, also while its card is made."""
    if permit.state == PermitState.ENDED:
        return Standing(False, permit.end_reason)
    if permit.state == PermitState.LOST:
        return Standing(False, "lost")
    if on > permit.last_valid_day:
        return Standing(False, "expired")
    return Standing(permit.valid_from <= on, "" if permit.valid_from <= on else "not_yet_valid")
