"""What every page of one's own begins with: whose it is, the day, the record of the read."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.pages.serving import page, signed_in
from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.registry.people.models import Person

WHO = PrincipalKind.RESIDENT
own_page = page("own person or ward", who=WHO)


def today() -> date:
    """Return the legal day."""
    return legal_day(timezone.now())


def note(request: HttpRequest, action: str, person: Person, fields: Sequence[str] = ()) -> None:
    """Record that a person's own data are shown, before they are."""
    record_read(
        action, by=signed_in(request), on=("person", person.pk), person_id=person.pk, purpose="own data", fields=fields
    )


def privacy_law() -> Law:
    """Return the law of personal data at this deployment's place."""
    return law_in_force(settings.YZT_REGION, "privacy", today())
