"""Settling: the notice to read before, and what came of it."""

from django.http import HttpRequest, HttpResponse
from ninja import Router
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.errors import Invalid, NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.permitting.settlement.informing import ITEM, information_notice
from yizhengtong.permitting.settlement.queries import settled_by
from yizhengtong.permitting.settlement.services import confirm_notice
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.out import application_out
from yizhengtong.sites.api.schemas import ApplicationOut
from yizhengtong.sites.api.settlements import SettledOut, settled_out
from yizhengtong.sites.api.words import reader_language

router = Router()


class NoticePointOut(BaseModel):
    code: str
    words: str


class InformationNoticeOut(BaseModel):
    """What is told before applying. `hash` names exactly this text in all languages."""

    points: list[NoticePointOut]
    hash: str


class NoticeReadIn(In):
    """The notice that was read, named by its hash: one applies of one's own will."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


@router.get(
    "/applications/{application_id}/settlement-notice",
    response=InformationNoticeOut,
    openapi_extra=policy("own person or ward"),
)
def read_notice(request: HttpRequest, application_id: str) -> InformationNoticeOut:
    """What one should know before settling: neutral, without advice."""
    application = _own(request, application_id)
    record_read(
        "applications.read", by=by(request), on=("application", application.pk), person_id=application.person_id,
        purpose="own data",
    )  # fmt: skip
    notice = information_notice(law_in_force(application.place, "settlement", today()))
    language, region = reader_language(request), application.person.region
    points = [NoticePointOut(code=code, words=say(code, language, region=region)) for code in notice.points]
    return InformationNoticeOut(points=points, hash=notice.hash)


@router.post(
    "/applications/{application_id}/settlement-confirmation",
    response=ApplicationOut,
    openapi_extra=policy("own person or ward", versioned=True),
)
def confirm(request: HttpRequest, response: HttpResponse, application_id: str, payload: NoticeReadIn) -> ApplicationOut:
    """Confirm that the notice was read and that one applies of one's own will; hash and time are kept."""
    application = confirm_notice(
        application_id=parse_public_id("apl", application_id),
        text_hash=payload.hash,
        language=reader_language(request),
        acting=own_person(request),
        version=version_read(request),
        on=today(),
        by=by(request),
    )
    set_version(response, application.version)
    return application_out(application)


@router.get("/cases/{case_id}/settlement", response=SettledOut, openapi_extra=policy("own person or ward"))
def read_settlement(request: HttpRequest, case_id: str) -> SettledOut:
    """The approval notice of one's case and what to do next; empty before the approval."""
    case = case_for_resident(case_id=parse_public_id("cas", case_id), acting=own_person(request), on=today())
    record_read("settlement.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    return settled_out(settled_by(case.pk, today()), reader_language(request))


def _own(request: HttpRequest, application_id: str) -> Application:
    found = Application.objects.select_related("person").exclude(state=ApplicationState.DISCARDED)
    application = found.filter(pk=parse_public_id("apl", application_id)).first()
    if application is None:
        raise NotFound("not_found")
    ensure_may_touch(application, own_person(request), today())
    if application.item != ITEM:
        raise Invalid("settlement.not_a_settlement")
    return application
