"""Asking a wallet for a permit: the link or the QR code for the holder, and what was shown, once."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import BaseModel, Field

from yizhengtong.foundation.pages.qr import qr_code
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import In, policy
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.checks.shapes import CHECK
from yizhengtong.verification.presentations.asking import start_presentation
from yizhengtong.verification.presentations.fetching import fetch_result, is_over, presentation_of
from yizhengtong.verification.presentations.models import PREFIX, Presentation
from yizhengtong.verification.presentations.sandbox import show_test_person

router = Router()
State = Literal["open", "shown", "refused", "fetched", "over"]
Why = Literal["declined", "invalid", "expired", "ended", "suspended", "lacking"]


class PresentationIn(In):
    """What is asked of a wallet, and for what."""

    purpose: str = Field(max_length=24)
    claims: list[str] = Field([], max_length=20, description="Fewer than were granted; none: all that wallets carry.")
    redirect_uri: str = Field(
        "",
        max_length=500,
        description="For a wallet on the same device: where it sends the browser; one you registered.",
    )
    encrypted: bool = Field(True, description="direct_post.jwt; else direct_post.")


class PresentationOut(BaseModel):
    """The link opens a wallet on the same device; the QR code, as SVG, is for a wallet on another one."""

    id: str
    link: str
    qr_code: str
    expires_at: datetime


class PresentationStateOut(BaseModel):
    """How far it is. `why`: why there is nothing to fetch, where the wallet's answer was a no or not good."""

    id: str
    state: State
    why: Why | None
    expires_at: datetime


class TestAnswerIn(In):
    """Who of the sandbox shows a permit."""

    person: str = Field(max_length=24, description="A code of the sandbox's people.")


class TestAnswerOut(BaseModel):
    """Where a wallet on the same device would send the browser; empty for one on another."""

    redirect_uri: str


class FetchIn(In):
    """What the browser brought back from the wallet, where the request named a redirect."""

    response_code: str = Field("", max_length=64)


class ClaimsOut(BaseModel):
    """What was shown, of what was asked: what a permit does not have is null. `photo`: JPEG in base64."""

    kind: str | None = None
    name: str | None = None
    name_masked: str | None = None
    number: str | None = None
    number_masked: str | None = None
    birth_date: date | None = None
    over_18: bool | None = None
    over_60: bool | None = None
    over_65: bool | None = None
    place: str | None = None
    authority: str | None = None
    last_day: date | None = None
    photo: str | None = None


class ResultOut(BaseModel):
    """What was shown. It is told once, and gone here then."""

    purpose: str
    claims: ClaimsOut
    as_of: datetime
    check_id: str | None = Field(description="The check in the holder's history; None with a test key.")


@router.post(
    "/presentations",
    response={201: PresentationOut},
    openapi_extra=policy("purpose registered", limits=["checks"]),
)
def start(request: HttpRequest, payload: PresentationIn) -> Status[PresentationOut]:
    """Ask a wallet to show a permit for one purpose. Asking for more than was granted is refused."""
    started = start_presentation(
        caller=caller_here(request),
        purpose=payload.purpose,
        claims=payload.claims,
        redirect_uri=payload.redirect_uri,
        is_encrypted=payload.encrypted,
    )
    asked = started.presentation
    code = str(qr_code(started.link))
    told = PresentationOut(id=_id(asked), link=started.link, qr_code=code, expires_at=asked.expires_at)
    return Status(201, told)


@router.get(
    "/presentations/{presentation_id}/state",
    response=PresentationStateOut,
    openapi_extra=policy("own presentation", limits=["checks"]),
)
def state(request: HttpRequest, presentation_id: str) -> PresentationStateOut:
    """Tell whether the wallet has answered."""
    asked = presentation_of(caller_here(request), parse_public_id(PREFIX, presentation_id))
    how: str = "over" if is_over(asked) else asked.state
    return PresentationStateOut.model_validate(
        {"id": _id(asked), "state": how, "why": asked.why or None, "expires_at": asked.expires_at}
    )


@router.post(
    "/presentations/{presentation_id}/test-answer",
    response={201: TestAnswerOut},
    openapi_extra=policy("own presentation", limits=["checks"]),
)
def test_answer(request: HttpRequest, presentation_id: str, payload: TestAnswerIn) -> Status[TestAnswerOut]:
    """Let somebody of the sandbox answer in place of a wallet; only with a test key."""
    key = parse_public_id(PREFIX, presentation_id)
    back = show_test_person(caller=caller_here(request), key=key, person=payload.person, at=timezone.now())
    return Status(201, TestAnswerOut(redirect_uri=back))


@router.post(
    "/presentations/{presentation_id}/result",
    response={201: ResultOut},
    openapi_extra=policy("own presentation", limits=["checks"]),
)
def result(request: HttpRequest, presentation_id: str, payload: FetchIn) -> Status[ResultOut]:
    """Fetch what was shown. A second time, with another Idempotency-Key, there is nothing any more."""
    found = fetch_result(
        caller=caller_here(request),
        key=parse_public_id(PREFIX, presentation_id),
        response_code=payload.response_code,
    )
    told = ResultOut(
        purpose=found.purpose,
        claims=ClaimsOut.model_validate(found.claims),
        as_of=found.as_of,
        check_id=public_id(CHECK, found.check_id) if found.check_id else None,
    )
    return Status(201, told)


def _id(asked: Presentation) -> str:
    return public_id(PREFIX, asked.pk)
