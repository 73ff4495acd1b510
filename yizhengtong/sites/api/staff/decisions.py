"""Three opinions, a decision, a card."""

from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from pydantic import Field

from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services import deciding, handing, judging
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.out import case_out, permit_out
from yizhengtong.sites.api.schemas import CaseOut, NoticeOut, PermitOut
from yizhengtong.sites.api.words import notice_out, reader_language

router = Router()


class WordIn(In):
    """One's word on a line of the checklist."""

    target: Literal["condition", "document"]
    code: str = Field(max_length=48)
    met: bool
    reason: str = Field("", max_length=64, description="Needed where it differs from what the rule finds.")


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
    words = [judging.Word(word.target, word.code, word.met, word.reason) for word in payload.words]
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


def _out(request: HttpRequest, response: HttpResponse, case: Case) -> CaseOut:
    set_version(response, case.version)
    return case_out(case, reader_language(request))
