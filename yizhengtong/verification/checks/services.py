"""Matching what a relying party was shown against the permit."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.limits import Charge, charge
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.kernel.numbers import DocumentKind, parse
from yizhengtong.permitting.permits.queries import latest_permit_by_number, standing
from yizhengtong.registry.consents.queries import CHECK, may_use
from yizhengtong.registry.people.names import same_name
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.models import RelyingParty

NOT_AGREED = "not_agreed"
"""In the trail beside the fields: the holder's consent was lacking. The relying party is not told."""
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether all that was sent agrees with one permit, and whether it is good. Nothing that was not sent comes back.

    A number that nobody has, a name that does not fit and a holder who did not consent (个人信息保护法 art. 23) give
    the same answer: no oracle for who has a permit.
    """

    is_match: bool
    is_valid: bool
    as_of: datetime


@use_case
def check_permit(
    *, relying_party: RelyingParty, purpose: str, number: str, name: str, birth_date: date | None, on: date
) -> Answer:
    """Check a permit by number, name and, if sent, birth date.

    Raises Forbidden `checks.purpose_not_registered`; Invalid `numbers.*` for a number that cannot be a permit's;
    TooMany when one number is tried too often.
    """
    if purpose not in relying_party.purposes:
        raise Forbidden("checks.purpose_not_registered")
    shown = parse(DocumentKind.HMT_PERMIT, number).text
    # Of known and unknown numbers alike, before anything is looked up: names cannot be tried out on a number.
    charge([Charge("checks_of_one", f"partner:{relying_party.pk} {shown}")])
    permit = latest_permit_by_number(shown)
    # Both sides are always compared, so that the time taken does not tell which of them failed.
    fits_name = same_name(name, permit.person.name if permit else "")
    fits_birth = birth_date is None or (permit is not None and permit.person.birth_date == birth_date)
    # Whether the holder agreed is asked of nobody too: a refusal answers as a number that nobody has.
    is_agreed = may_use(permit.person_id if permit else _NOBODY, f"{CHECK}{purpose}", on)
    is_match = permit is not None and fits_name and fits_birth and is_agreed
    now = timezone.now()
    check = Check.objects.create(
        relying_party=relying_party,
        purpose=purpose,
        is_match=is_match,
        at=now,
        person_id=permit.person_id if permit else None,
    )
    by = Principal(PrincipalKind.PARTNER, relying_party.pk)
    record_read(
        "checks.match",
        by=by,
        on=("check", check.pk),
        person_id=check.person_id,
        purpose=purpose,
        fields=["number", "name", *(["birth_date"] if birth_date else []), *([] if is_agreed else [NOT_AGREED])],
    )
    return Answer(is_match, bool(is_match and permit and standing(permit, on).is_valid), now)
