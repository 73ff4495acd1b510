"""Settlement at the exit–entry office, and the household register to which it is handed over."""

from datetime import date

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.permitting.settlement.household import check_household_papers
from yizhengtong.permitting.settlement.queries import settled_by
from yizhengtong.permitting.settlement.rules import next_steps
from yizhengtong.permitting.settlement.services import register_household
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.settlements import NextStepOut, SettledOut, next_step_out, settled_out
from yizhengtong.sites.api.words import reader_language

router = Router()


class PapersIn(In):
    """The papers that were shown, by their numbers; empty: not shown."""

    approval_notice_number: str = Field("", max_length=40)
    settlement_permit_number: str = Field("", max_length=40)


class MissingPaperOut(BaseModel):
    code: str
    words: str


class PapersCheckOut(BaseModel):
    """Whether both papers are there, else which one is missing. Nothing of the person."""

    is_complete: bool
    missing: list[MissingPaperOut]
    is_registered: bool
    source: SourceOut


class HouseholdRegistrationOut(BaseModel):
    """The registration, what its holder does next, and what the officer should look at."""

    registered_on: date
    next: list[NextStepOut]
    look_at: list[str] = Field(description="What only an officer can settle; nothing ends by itself.")


@router.get("/cases/{case_id}/settlement", response=SettledOut, openapi_extra=policy("officer of the area"))
def read_settlement(request: HttpRequest, case_id: str) -> SettledOut:
    """The approval notice of a case, for printing; empty before the approval."""
    case = case_for_officer(case_id=parse_public_id("cas", case_id), by=by(request), purpose="casework")
    record_read("settlement.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="casework")
    return settled_out(settled_by(case.pk, today()), reader_language(request))


@router.post(
    "/household/papers-checks",
    response=PapersCheckOut,
    openapi_extra=policy("clerk of the area", limits=["searches"]),
)
def check_papers(request: HttpRequest, payload: PapersIn) -> PapersCheckOut:
    """Say which of the two papers for the household register is missing."""
    shown = check_household_papers(
        notice_shown=payload.approval_notice_number,
        permit_shown=payload.settlement_permit_number,
        on=today(),
        by=by(request),
    )
    language, source = reader_language(request), shown.source
    return PapersCheckOut(
        is_complete=not shown.missing,
        missing=[
            MissingPaperOut(code=paper, words=say(f"settlement.{paper}_missing", language)) for paper in shown.missing
        ],
        is_registered=shown.is_registered,
        source=SourceOut(text=source.text, article=source.article, words=source.words),
    )


@router.post(
    "/household/registrations",
    response={201: HouseholdRegistrationOut},
    openapi_extra=policy("clerk of the area"),
)
def register(request: HttpRequest, payload: PapersIn) -> Status[HouseholdRegistrationOut]:
    """Note the household registration: both papers are needed. The duty to apply for the identity card is told."""
    registration = register_household(
        notice_number=payload.approval_notice_number,
        permit_number=payload.settlement_permit_number,
        on=today(),
        by=by(request),
    )
    language = reader_language(request)
    law = law_in_force(registration.notice.region, "settlement", today())
    steps = next_steps(
        is_handed_over=True, is_registered=True, household=law["household.needs"].source,
        card=law["identity_card.duty_on_registration"].source,
    )  # fmt: skip
    looks = ["settlement.residence_permit_to_look_at"] if registration.holds_residence_permit else []
    return Status(
        201,
        HouseholdRegistrationOut(
            registered_on=registration.registered_on,
            next=[next_step_out(step, language) for step in steps],
            look_at=[say(code, language, region="TW") for code in looks],
        ),
    )
