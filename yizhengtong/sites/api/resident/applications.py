"""Applications: start, leave, resume, attach, look ahead, submit."""

from typing import Any, Literal
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status, UploadedFile
from ninja.params.functions import File, Form, Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.foundation.postgresql.prepared import Prepared
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.applications import services
from yizhengtong.permitting.applications.models import Application, ApplicationState
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.queries import look_ahead
from yizhengtong.permitting.casework.services.judging import add_paper
from yizhengtong.permitting.casework.services.promises import make_promise
from yizhengtong.permitting.casework.services.reception import receive_application
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.out import application_out, case_out, evidence_out
from yizhengtong.sites.api.papers import PromiseOut, promise_out
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import ApplicationOut, CaseOut, EvidenceOut, FindingOut
from yizhengtong.sites.api.words import finding_out, reader_language

router = Router()
Claim = Literal["employment", "dwelling", "study"]


class ApplicationIn(In):
    """What one applies for, and where."""

    item: str = Field(max_length=40, examples=["hmt.first_issue"])
    place: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county one lives in.")
    ground: str = Field("", max_length=16, description="Of a replacement: expired, damaged or moved.")
    person_id: str | None = Field(None, description="Whom it is for; none: oneself.")


class AnswersIn(In):
    """Answers; what is not sent stays as it is."""

    residence_address: str | None = Field(None, max_length=200)
    phone: str | None = Field(None, max_length=20, pattern=r"^\+?[0-9 -]{5,19}$")
    service_point: str | None = Field(None, max_length=32)
    delivery: Literal["collect", "post"] | None = None
    delivery_address: str | None = Field(None, max_length=200)
    declares_own_will: bool | None = Field(None, description="One applies because one wants to.")
    declares_true: bool | None = Field(None, description="What is written here is true.")
    claims: list[Claim] | None = Field(None, max_length=3)
    channel: Literal["online", "window"] | None = Field(None, description="Where it is handed in; else online.")
    conversion_type: Literal["existing_permit", "registrations"] | None = None
    acknowledges_cancellation: bool | None = Field(None, description="Earlier permits end with the conversion.")
    is_exempt: Literal["named_investor", "named_talent"] | None = Field(None, description="A group free of the time.")
    asks_for_officer: bool | None = Field(None, description="One wants an officer to decide, not rules alone.")


class PromiseIn(In):
    """The text that was read, named by its hash."""

    hash: str = Field(pattern=r"^[0-9a-f]{64}$")


class ConfirmIn(In):
    """The last step: what was filled in is true, and earlier permits end."""

    declares_true: bool | None = None
    acknowledges_cancellation: bool | None = None


class LookAheadOut(BaseModel):
    """What already stands against the application, before anybody travels."""

    findings: list[FindingOut]
    is_ready: bool


@router.post("", response={201: ApplicationOut}, openapi_extra=policy("own person or ward"))
def start(request: HttpRequest, response: HttpResponse, payload: ApplicationIn) -> Status[ApplicationOut]:
    """Open a draft; it can be left and resumed."""
    application = services.start_application(
        person=person_acted_for(request, payload.person_id),
        acting=own_person(request),
        item=payload.item,
        place=payload.place,
        ground=payload.ground,
        law=law_for(payload.item, payload.place, today()),
        on=today(),
        by=by(request),
    )
    set_version(response, application.version)
    return Status(201, application_out(application))


@router.get("", response=list[ApplicationOut], openapi_extra=policy("own person or ward"))
def list_own(request: HttpRequest, person_id: str | None = Query(None)) -> list[ApplicationOut]:
    """Drafts and submitted applications, the newest first."""
    person = person_acted_for(request, person_id)
    _record_read(request, ("person", person.pk), person.pk)
    found = Application.objects.filter(person=person).exclude(state=ApplicationState.DISCARDED)
    return [application_out(each) for each in found.prefetch_related("evidence__document").order_by("-id")[:PAGE_LIMIT]]


@router.get("/{application_id}", response=ApplicationOut, openapi_extra=policy("own person or ward"))
def read(request: HttpRequest, response: HttpResponse, application_id: str) -> ApplicationOut:
    """An application and what was handed in with it."""
    application = _own(request, application_id)
    _record_read(request, ("application", application.pk), application.person_id)
    set_version(response, application.version)
    return application_out(application)


@router.patch("/{application_id}", response=ApplicationOut, openapi_extra=policy("own person or ward", versioned=True))
def save(request: HttpRequest, response: HttpResponse, application_id: str, payload: AnswersIn) -> ApplicationOut:
    """Fill in answers."""
    answers = payload.model_dump(exclude_unset=True, exclude_none=True)
    claims = answers.pop("claims", None)
    application = services.save_answers(
        application_id=_key(application_id),
        answers=answers,
        claims=claims,
        acting=own_person(request),
        version=version_read(request),
        on=today(),
        by=by(request),
    )
    set_version(response, application.version)
    return application_out(application)


@router.delete("/{application_id}", response={204: None}, openapi_extra=policy("own person or ward"))
def discard(request: HttpRequest, application_id: str) -> Status[None]:
    """Give a draft up."""
    services.discard_application(
        application_id=_key(application_id), acting=own_person(request), on=today(), by=by(request)
    )
    return Status(204, None)


@router.post(
    "/{application_id}/evidence",
    response={201: EvidenceOut},
    openapi_extra=policy("own person or ward", limits=["uploads", "upload_bytes"]),
)
def attach(
    request: HttpRequest,
    application_id: str,
    document_code: str = Form(max_length=40),
    kind: str = Form(max_length=40),
    file: UploadedFile = File(),
) -> Status[EvidenceOut]:
    """Hand in a paper: JPEG, PNG or PDF."""
    application = _own(request, application_id)
    document = store_document(
        content=file.read(),
        declared_type=file.content_type or "",
        kind="evidence",
        person_id=application.person_id,
        by=by(request),
        purpose="applications.evidence",
    )
    paper: dict[str, Any] = {"document_code": document_code, "kind": kind, "document": document}
    who: dict[str, Any] = {"acting": own_person(request), "on": today(), "by": by(request)}
    if application.state == ApplicationState.DRAFT:
        law = law_for(application.item, application.place, today())
        evidence = services.attach_evidence(application_id=application.pk, law=law, **paper, **who)
    else:
        evidence = add_paper(application_id=application.pk, **paper, **who)
    return Status(201, evidence_out(evidence))


@router.delete(
    "/{application_id}/evidence/{evidence_id}", response={204: None}, openapi_extra=policy("own person or ward")
)
def take_back(request: HttpRequest, application_id: str, evidence_id: str) -> Status[None]:
    """Take a paper back out of a draft."""
    services.withdraw_evidence(
        application_id=_key(application_id),
        evidence_id=parse_public_id("evi", evidence_id),
        acting=own_person(request),
        on=today(),
        by=by(request),
    )
    return Status(204, None)


@router.get("/{application_id}/look-ahead", response=LookAheadOut, openapi_extra=policy("own person or ward"))
def look(request: HttpRequest, application_id: str) -> LookAheadOut:
    """Every condition and paper as it stands today, so that nobody travels for nothing."""
    application = _own(request, application_id)
    _record_read(request, ("application", application.pk), application.person_id)
    outcome = look_ahead(application=application, on=today())
    language, region = reader_language(request), application.person.region
    return LookAheadOut(
        findings=[finding_out(finding, language, region) for finding in outcome.findings], is_ready=not outcome.unmet
    )


@router.get("/{application_id}/promise", response=PromiseOut, openapi_extra=policy("own person or ward"))
def read_promise(request: HttpRequest, application_id: str) -> PromiseOut:
    """What must hold, by which article, and what a false promise costs (告知承诺)."""
    application = _own(request, application_id)
    _record_read(request, ("application", application.pk), application.person_id)
    law = law_for(application.item, application.place, today())
    return promise_out(promise_of(law, services.item_of(law, application.item)), reader_language(request))


@router.post(
    "/{application_id}/promise", response=ApplicationOut, openapi_extra=policy("own person or ward", versioned=True)
)
def promise(request: HttpRequest, response: HttpResponse, application_id: str, payload: PromiseIn) -> ApplicationOut:
    """Promise what was read; the text's hash is kept with the application."""
    application = make_promise(
        application_id=_key(application_id),
        text_hash=payload.hash,
        acting=own_person(request),
        version=version_read(request),
        on=today(),
        by=by(request),
    )
    set_version(response, application.version)
    return application_out(application)


@router.post(
    "/{application_id}/submission", response={201: CaseOut}, openapi_extra=policy("own person or ward", versioned=True)
)
def submit(
    request: HttpRequest, response: HttpResponse, application_id: str, payload: ConfirmIn | None = None
) -> Status[CaseOut]:
    """Confirm and submit; a case is opened at the service point that was chosen."""
    case = receive_application(
        application_id=_key(application_id),
        acting=own_person(request),
        version=version_read(request),
        on=today(),
        by=by(request),
        confirms=payload.model_dump(exclude_none=True) if payload else {},
    )
    set_version(response, case.version)
    return Status(201, case_out(case, reader_language(request)))


def _record_read(request: HttpRequest, on: tuple[str, UUID], person_id: UUID) -> None:
    record_read("applications.read", by=by(request), on=on, person_id=person_id, purpose="own data")


def _key(application_id: str) -> UUID:
    return parse_public_id("apl", application_id)


def _own(request: HttpRequest, application_id: str) -> Application:
    application = _KEPT.first(_key(application_id))
    if application is None:
        raise NotFound("not_found")
    ensure_may_touch(application, own_person(request), today())
    prefetch_related_objects([application], "evidence__document")
    return application


_KEPT = Prepared(
    lambda application_id: (
        Application.objects.select_related("person").exclude(state=ApplicationState.DISCARDED).filter(pk=application_id)
    )
)
