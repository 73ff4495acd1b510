"""Consents and approvals that tests of other things rest on, by rows alone."""

from datetime import date, timedelta

from django.utils import timezone

from tests.support.people import Resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import new_id
from yizhengtong.registry.consents.models import Consent
from yizhengtong.registry.people.models import MinorApproval, Person

SOMEBODY_IN_CHARGE = new_id()


def agreed(resident: Resident, *uses: str) -> None:
    """Let a resident have agreed to uses of their data."""
    for use in uses:
        Consent.objects.create(
            person=resident.person, use=use, answer="given", account_id=resident.principal.id or new_id(), law_hash=""
        )


def may_open(person: Person, *officers: Principal, last_day: date | None = None) -> None:
    """Let officers open a minor's record."""
    for officer in officers:
        MinorApproval.objects.create(
            person=person, officer_id=officer.id, office_path=officer.office_path, reason="casework", state="granted",
            decided_by=SOMEBODY_IN_CHARGE, decided_at=timezone.now(),
            last_day=last_day or legal_day(timezone.now()) + timedelta(days=1),
        )  # fmt: skip
