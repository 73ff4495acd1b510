"""Three opinions, a decision, a card."""

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.casework.answering import (
    answering_in_area,
    ensure_may_name,
    name_answering,
    office_of_code,
)
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Answering, Case
from yizhengtong.permitting.casework.services import checking, deciding, handing, judging
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.out import case_out, permit_out
from yizhengtong.sites.api.schemas import CaseOut, NoticeOut, PermitOut
from yizhengtong.sites.api.words import notice_out, reader_language

router = Router()
Code = Annotated[str, Field(max_length=48)]


class ProofIn(In):
    """What an officer saw in a paper of one kind: what is not said is not known."""

    kind: str = Field(max_length=40)
    months: int | None = Field(None, ge=0, le=1200, description="Full months paid or held.")
    since: date | None = Field(None, description="First day of a contract, or since when something is held.")
    until: date | None = Field(None, description="First day on which a contract no longer runs.")
    shows: list[Code] = Field([], max_length=8)
    lacks: list[Code] = Field([], max_length=8)


class WordIn(In):
    """One's word on a line of the checklist."""

    target: Literal["condition", "document"]
    code: str = Field(max_length=48)
    met: bool
    reason: str = Field("", max_length=64, description="Needed where it differs from what the rule finds.")
    details: list[ProofIn] = Field([], max_length=16, description="What the papers of a document show.")


class JudgementIn(In):
    words: list[WordIn] = Field(min_length=1, max_length=64)


class OpinionIn(In):
    """An officer's opinion in words."""

    words: str = Field("", max_length=500)


class ReviewIn(OpinionIn):
    recommends: Literal["grant", "refuse"]


class HandOverIn(In):
    """How the card reached its holder."""

    tracking_number: str = Field("", max_length=40, description="Of a posted card.")
    old_card_returned: bool = False


@router.post("/{case_id}/judgement", response=CaseOut, openapi_extra=policy("clerk or reviewer", versioned=True))
def judge(request: HttpRequest, response: HttpResponse, case_id: str, payload: JudgementIn) -> CaseOut:
    """Judge lines of the checklist."""
    words = [
        judging.Word(word.target, word.code, word.met, word.reason, _details(word.details)) for word in payload.words
    ]
    return _out(
        request,
        response,
        judging.judge(
            case_id=parse_public_id("cas", case_id),
            words=words,
            version=version_read(request),
            on=today(),
            by=by(request),
        ),
    )


@router.post(
    "/{case_id}/supplement-request",
    response={201: NoticeOut},
    openapi_extra=policy("clerk or reviewer", versioned=True),
)
def request_supplement(request: HttpRequest, case_id: str) -> Status[NoticeOut]:
    """Ask once for everything that is missing. Every line must be judged first."""
    notice = judging.request_supplement(
        case_id=parse_public_id("cas", case_id), version=version_read(request), on=today(), by=by(request)
    )
    return Status(201, notice_out(notice, reader_language(request), notice.case.person.region))


@router.post("/{case_id}/acceptance", response=CaseOut, openapi_extra=policy("clerk of the area", versioned=True))
def accept(request: HttpRequest, response: HttpResponse, case_id: str, payload: OpinionIn) -> CaseOut:
    """Accept on the spot: a receipt number is given, the clock starts."""
    return _out(
        request,
        response,
        deciding.accept_case(
            case_id=parse_public_id("cas", case_id),
            version=version_read(request),
            words=payload.words,
            on=today(),
            by=by(request),
        ),
    )


@router.post("/{case_id}/review", response=CaseOut, openapi_extra=policy("reviewer of the area", versioned=True))
def review(request: HttpRequest, response: HttpResponse, case_id: str, payload: ReviewIn) -> CaseOut:
    """Give the second opinion."""
    return _out(
        request,
        response,
        deciding.review_case(
            case_id=parse_public_id("cas", case_id),
            version=version_read(request),
            recommends=payload.recommends,
            words=payload.words,
            on=today(),
            by=by(request),
        ),
    )


@router.post("/{case_id}/return", response=CaseOut, openapi_extra=policy("approver of the area", versioned=True))
def send_back(request: HttpRequest, response: HttpResponse, case_id: str, payload: OpinionIn) -> CaseOut:
    """Return the case to be judged and reviewed again."""
    return _out(
        request,
        response,
        deciding.send_back(
            case_id=parse_public_id("cas", case_id),
            version=version_read(request),
            words=payload.words,
            on=today(),
            by=by(request),
        ),
    )


@router.post(
    "/{case_id}/approval", response={201: PermitOut}, openapi_extra=policy("approver of the area", versioned=True)
)
def approve(request: HttpRequest, case_id: str, payload: OpinionIn) -> Status[PermitOut]:
    """Grant: the permit is issued with the decision."""
    permit = deciding.approve_case(
        case_id=parse_public_id("cas", case_id),
        version=version_read(request),
        words=payload.words,
        on=today(),
        by=by(request),
    )
    return Status(201, permit_out(permit, today()))


@router.post(
    "/{case_id}/refusal", response={201: NoticeOut}, openapi_extra=policy("approver of the area", versioned=True)
)
def refuse(request: HttpRequest, case_id: str, payload: OpinionIn) -> Status[NoticeOut]:
    """Refuse with all reasons in one dated notice, each with its article, its mend and its day."""
    notice = deciding.refuse_case(
        case_id=parse_public_id("cas", case_id),
        version=version_read(request),
        words=payload.words,
        on=today(),
        by=by(request),
    )
    return Status(201, notice_out(notice, reader_language(request), notice.case.person.region))


@router.post("/{case_id}/card", response=CaseOut, openapi_extra=policy("clerk of the area", versioned=True))
def record_card_made(request: HttpRequest, response: HttpResponse, case_id: str) -> CaseOut:
    """The card came from production."""
    return _out(
        request,
        response,
        handing.record_card_made(
            case_id=parse_public_id("cas", case_id), version=version_read(request), on=today(), by=by(request)
        ),
    )


@router.post("/{case_id}/hand-over", response=CaseOut, openapi_extra=policy("clerk of the area", versioned=True))
def hand_over(request: HttpRequest, response: HttpResponse, case_id: str, payload: HandOverIn) -> CaseOut:
    """Give or post the card, as was chosen."""
    return _out(
        request,
        response,
        handing.hand_over(
            case_id=parse_public_id("cas", case_id),
            version=version_read(request),
            tracking_number=payload.tracking_number,
            old_card_returned=payload.old_card_returned,
            on=today(),
            by=by(request),
        ),
    )


class PostCheckIn(OpinionIn):
    """What a check afterwards found."""

    is_in_order: bool


@router.post(
    "/{case_id}/post-check", response=CaseOut, openapi_extra=policy("reviewer or approver of the area", versioned=True)
)
def check_afterwards(request: HttpRequest, response: HttpResponse, case_id: str, payload: PostCheckIn) -> CaseOut:
    """Say what a check of an automatic approval found."""
    return _out(
        request,
        response,
        checking.record_post_check(
            case_id=parse_public_id("cas", case_id),
            version=version_read(request),
            is_in_order=payload.is_in_order,
            words=payload.words,
            on=today(),
            by=by(request),
        ),
    )


class AnsweringIn(In):
    """Who answers for a rule of the system, and at which office."""

    office: str = Field(max_length=32, description="Code of the office.")
    rule: str = Field(max_length=40)
    officer: str = Field(max_length=64, description="User name of the officer.")


class AnsweringOut(BaseModel):
    """Who answers for a rule of the system."""

    office: str
    rule: str
    rule_words: str
    officer_id: str
    since: date


@router.get("/rules/answering", response=list[AnsweringOut], openapi_extra=policy("officer of the area"))
def list_answering(request: HttpRequest) -> list[AnsweringOut]:
    """The rules of the system in one's area, each with the officer who answers for it."""
    return [_answering(each, each.office.code, reader_language(request)) for each in answering_in_area(by(request))]


@router.post(
    "/rules/answering", response={201: AnsweringOut}, openapi_extra=policy("supervisor or administrator of the area")
)
def name(request: HttpRequest, payload: AnsweringIn) -> Status[AnsweringOut]:
    """Name the officer who answers for a rule; who did before no longer does."""
    office = office_of_code(payload.office)
    ensure_may_name(office, by(request))
    answering = name_answering(
        office=office,
        rule=payload.rule,
        username=payload.officer,
        law=law_for("floating", office.region, today()),
        on=today(),
        by=by(request),
    )
    return Status(201, _answering(answering, office.code, reader_language(request)))


def _answering(answering: Answering, office: str, language: str) -> AnsweringOut:
    return AnsweringOut(
        office=office,
        rule=answering.rule,
        rule_words=say(f"casework.rule_{answering.rule}", language),
        officer_id=public_id("acc", answering.officer_id),
        since=answering.since,
    )


def _details(proofs: list[ProofIn]) -> dict[str, dict[str, Any]] | None:
    said = {proof.kind: proof.model_dump(mode="json", exclude={"kind"}, exclude_defaults=True) for proof in proofs}
    return said or None


def _out(request: HttpRequest, response: HttpResponse, case: Case) -> CaseOut:
    set_version(response, case.version)
    return case_out(case, reader_language(request))
