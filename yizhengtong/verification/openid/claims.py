"""What can be told to an application, under which names, and of which permit.

Claims are those of `credentials.showing`, less the photograph, which no sign-in needs. Where OpenID Connect Core 1.0
(5.1) has a name for one, it goes by that.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from yizhengtong.credentials.showing.claims import NAMES, PHOTO, values_of
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.queries import claims_of

STANDARD: Final[Mapping[str, str]] = {"birth_date": "birthdate"}
"""Our code → the name of the standard, where they differ. `name` is `name`."""
SUBJECT: Final = "sub"
IN_EVERY_TOKEN: Final = frozenset({"iss", SUBJECT, "aud", "exp", "iat", "auth_time", "acr", "nonce", "at_hash", "sid"})
"""What an ID token says, asked for or not."""
OURS: Final[Mapping[str, str]] = {STANDARD.get(code, code): code for code in NAMES}
"""The name that applications use → our code."""


def allowed_for(party: RelyingParty, purpose: str) -> tuple[str, ...]:
    """Return the codes that a party may be told at most for a purpose.

    Raises Forbidden `relying_parties.purpose_not_registered`.
    """
    return tuple(code for code in claims_of(party, purpose) if code != PHOTO)


def permit_of(person_id: UUID, on: date) -> Permit | None:
    """Return the permit that speaks for a person today: good on this day, the newest; None where there is none."""
    return next((permit for permit in _LIVING_OF(person_id) if standing(permit, on).is_valid), None)


_LIVING_OF = Prepared(
    lambda person_id: (
        Permit.objects.filter(person_id=person_id, state__in=LIVING).select_related("person").order_by("-pk")
    )
)


def told_of(permit: Permit, codes: Iterable[str], on: date) -> dict[str, Any]:
    """Return the values of claims under the names that applications know, as JSON has them: days as YYYY-MM-DD.

    It opens personal data: the caller records the read.
    """
    found = values_of(permit, codes, on)
    return {
        STANDARD.get(code, code): value.isoformat() if isinstance(value, date) else value
        for code, value in found.items()
    }
