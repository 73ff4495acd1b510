"""/api/partner: what relying parties do."""

from datetime import date, datetime

from django.http import HttpRequest
from ninja import Status
from pydantic import BaseModel, Field

from yizhengtong.sites.api.framework import In, PartnerAuth, PublicAPI, policy, today
from yizhengtong.verification.checks.services import check_permit
from yizhengtong.verification.relying_parties.models import RelyingParty

api = PublicAPI("Yizhengtong for relying parties", "partner", PartnerAuth())


class CheckIn(In):
    """What the holder showed, and what it is checked for."""

    purpose: str = Field(max_length=24)
    number: str = Field(max_length=32)
    name: str = Field(min_length=1, max_length=60)
    birth_date: date | None = None


class CheckOut(BaseModel):
    """Whether it all agrees with one permit, and whether that is good. Nothing that was not sent comes back."""

    is_match: bool
    is_valid: bool
    as_of: datetime


@api.post(
    "/checks", response={201: CheckOut}, tags=["checks"], openapi_extra=policy("purpose registered", limits=["checks"])
)
def check(request: HttpRequest, payload: CheckIn) -> Status[CheckOut]:
    """Check a permit; the holder can see that you did."""
    relying_party: RelyingParty = request.auth  # type: ignore[attr-defined]
    answer = check_permit(
        relying_party=relying_party,
        purpose=payload.purpose,
        number=payload.number,
        name=payload.name,
        birth_date=payload.birth_date,
        on=today(),
    )
    return Status(201, CheckOut(is_match=answer.is_match, is_valid=answer.is_valid, as_of=answer.as_of))
