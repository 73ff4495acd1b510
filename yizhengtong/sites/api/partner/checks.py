"""Checking a permit by what its holder showed: its number and name, and if sent the birth date."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.registry.people.names import LONGEST_NAME
from yizhengtong.sites.api.framework import In, policy, today
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.checks.matching import match
from yizhengtong.verification.checks.rules import State
from yizhengtong.verification.checks.shapes import told_of_answer

router = Router()


class CheckIn(In):
    """What the holder showed, and what it is checked for."""

    purpose: str = Field(max_length=24)
    kind: DocumentKind = Field(
        DocumentKind.HMT_PERMIT, description="Which document the number is of. A travel document is matched as well."
    )
    number: str = Field(max_length=LONGEST)
    name: str = Field(min_length=1, max_length=LONGEST_NAME, description="In Chinese or in Latin letters, as printed.")
    birth_date: date | None = None


class FieldsOut(BaseModel):
    """Which of the fields sent agree. A number agrees only together with a name that fits: it alone tells nothing."""

    number: bool
    name: bool
    birth_date: bool | None = Field(description="None: it was not sent.")


class CheckOut(BaseModel):
    """Whether it all agrees with one permit, and how that stands. Nothing that was not sent comes back."""

    id: str = Field(description="Of the check, whatever it found. With a test key it is nobody's.")
    is_match: bool = Field(description="Whether every field sent agrees.")
    is_valid: bool = Field(description="Whether it all agrees and the permit is good today.")
    fields: FieldsOut
    state: State | None = Field(description="How the permit stands; None where not all agrees or it is not known here.")
    is_final: bool = Field(
        description="False: who does not match may do so yet. The authority of the travel document does not answer: "
        "ask again before you refuse. Or it was not asked, as it needs a birth date and none was sent: send it, or ask "
        "for the residence permit where the purpose compares none."
    )
    as_of: datetime


@router.post("/checks", response={201: CheckOut}, openapi_extra=policy("purpose registered", limits=["checks"]))
def check(request: HttpRequest, payload: CheckIn) -> Status[Mapping[str, Any]]:
    """Check a permit; the holder can see that you did.

    A number that nobody has, a name that does not fit, and a holder who did not agree or has shut you out are answered
    alike.
    """
    caller = caller_here(request)
    answer = match(
        caller=caller,
        purpose=payload.purpose,
        kind=payload.kind,
        number=payload.number,
        name=payload.name,
        birth_date=payload.birth_date,
        on=today(),
    )
    return Status(201, told_of_answer(answer))
