"""One's own data to take along, to mend and to have deleted; and why a case was decided as it was."""

from datetime import date, datetime
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status, UploadedFile
from ninja.params.functions import File, Form, Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.services import open_document, store_document
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.queries import case_for_resident
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.rights.privacy.corrections import ask_correction, corrections_of
from yizhengtong.rights.privacy.deletion import ask_deletion, deletions_of
from yizhengtong.rights.privacy.explanation import explain
from yizhengtong.rights.privacy.export import export_of
from yizhengtong.rights.privacy.export_shapes import Export
from yizhengtong.rights.privacy.models import CorrectionRequest, DeletionRequest
from yizhengtong.rights.privacy.wording import kept_uses
from yizhengtong.sites.api.framework import by, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import FindingOut, SourceOut
from yizhengtong.sites.api.words import reader_language, stored_finding_out

router = Router()
OWN = policy("own person or ward")


class CorrectionOut(BaseModel):
    """A request for correction and what became of it."""

    id: str
    field: str
    value: str
    filed_at: datetime
    due_on: date
    state: str
    state_words: str
    reasons: str


class KeptOut(BaseModel):
    """What stays although deletion was asked, and by which statute."""

    words: str
    source: SourceOut


class DeletionOut(BaseModel):
    """A request for deletion: what goes, how much went, and what stays by statute."""

    id: str
    filed_at: datetime
    done_at: datetime | None
    goes: str
    deleted: dict[str, int]
    stays: list[KeptOut]


class ParameterOut(BaseModel):
    key: str
    unit: str
    value: str
    certainty: str


class ExplainedOut(BaseModel):
    """One finding: what was asked, how it stood, by which article and values, and whose word it was."""

    finding: FindingOut
    word_of: str = Field(description="rule, officer, or both")
    word_of_words: str
    reason: str
    parameters: list[ParameterOut]


class OpinionThenOut(BaseModel):
    role: str
    role_words: str
    on: date
    words: str


class ExplanationOut(BaseModel):
    """Why a case was decided as it was. `human` says who decided; nothing is refused by a machine alone (art. 24)."""

    granted: bool
    decided_on: date | None
    law_on: date
    human: str
    findings: list[ExplainedOut]
    opinions: list[OpinionThenOut]
    remedies: list[str]


@router.get("/export", response=Export, openapi_extra=policy("own person or ward", limits=["exports"]))
def export(request: HttpRequest, person_id: str | None = Query(None)) -> Export:
    """Everything that is kept of one, as JSON with a documented schema, and the list of one's files."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.export", person)
    return export_of(person)


@router.get("/files/{file_id}", openapi_extra=OWN)
def read_file(request: HttpRequest, file_id: str) -> HttpResponse:
    """The content of one of one's files."""
    document = Document.objects.filter(pk=parse_public_id("doc", file_id)).first()
    person = Person.objects.filter(pk=document.person_id).first() if document else None
    if document is None or person is None or not may_act_for(own_person(request), person, today()):
        raise NotFound("not_found")
    document, content = open_document(document_id=document.pk, by=by(request), purpose="own data")
    response = HttpResponse(content, content_type=document.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/corrections",
    response={201: CorrectionOut},
    openapi_extra=policy("own person or ward", limits=["uploads", "upload_bytes"]),
)
def ask_for_correction(
    request: HttpRequest,
    person_id: str | None = Query(None),
    field: Literal["name", "latin_name", "birth_date", "sex", "region", "phone"] = Form(),
    value: str = Form(min_length=1, max_length=120),
    words: str = Form("", max_length=1000),
    file: UploadedFile | None = File(None),
) -> Status[CorrectionOut]:
    """Say what is wrong and what is right, with a paper that shows it: a registrar decides by a day that is named."""
    person = person_acted_for(request, person_id)
    evidence = None
    if file is not None:
        evidence = store_document(
            content=file.read(), declared_type=file.content_type or "", kind="evidence", person_id=person.pk,
            by=by(request), purpose="correction",
        )  # fmt: skip
    asked = ask_correction(
        person=person, acting=own_person(request), field=field, value=value, words=words, evidence=evidence,
        law=_law(), on=today(), by=by(request),
    )  # fmt: skip
    return Status(201, _correction_out(asked, reader_language(request)))


@router.get("/corrections", response=list[CorrectionOut], openapi_extra=OWN)
def list_corrections(request: HttpRequest, person_id: str | None = Query(None)) -> list[CorrectionOut]:
    """What one asked to be corrected, and what became of it."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_requests", person)
    language = reader_language(request)
    return [_correction_out(each, language) for each in corrections_of(person)[:PAGE_LIMIT]]


@router.post("/deletions", response={201: DeletionOut}, openapi_extra=OWN)
def ask_for_deletion(request: HttpRequest, person_id: str | None = Query(None)) -> Status[DeletionOut]:
    """Ask for deletion: working copies go; what a statute keeps stays, and it is said which."""
    asked = ask_deletion(person=person_acted_for(request, person_id), acting=own_person(request), by=by(request))
    return Status(201, _deletion_out(asked, reader_language(request)))


@router.get("/deletions", response=list[DeletionOut], openapi_extra=OWN)
def list_deletions(request: HttpRequest, person_id: str | None = Query(None)) -> list[DeletionOut]:
    """What one asked to be deleted, and what went."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_requests", person)
    language = reader_language(request)
    return [_deletion_out(each, language) for each in deletions_of(person)[:PAGE_LIMIT]]


@router.get("/explanations/{decided_case_id}", response=ExplanationOut, openapi_extra=OWN)
def read_explanation(request: HttpRequest, decided_case_id: str) -> ExplanationOut:
    """Why a case was decided as it was: each finding with its fact, article and value, and whose word it was."""
    case = case_for_resident(case_id=parse_public_id("cas", decided_case_id), acting=own_person(request), on=today())
    why = explain(case)
    record_read("privacy.explain", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="own data")
    language, region = reader_language(request), case.person.region
    return ExplanationOut(
        granted=why.granted,
        decided_on=why.decided_on,
        law_on=why.law_on,
        human=say(why.who_decided, language),
        findings=[
            ExplainedOut(
                finding=stored_finding_out(each.stored, language, region),
                word_of=each.word_of,
                word_of_words=say(f"privacy.word_of_{each.word_of}", language),
                reason=each.reason,
                parameters=[ParameterOut.model_validate(part, from_attributes=True) for part in each.parameters],
            )
            for each in why.findings
        ],
        opinions=[
            OpinionThenOut(role=each.role, role_words=say(f"accounts.role_{each.role}", language), on=each.on,
                       words=each.words)
            for each in why.opinions
        ],
        remedies=[say(f"casework.{each.code}", language, {"until": each.until}) for each in why.remedies],
    )  # fmt: skip


def _law() -> Law:
    return law_in_force(settings.YZT_REGION, "privacy", today())


def _record(request: HttpRequest, action: str, person: Person) -> None:
    record_read(action, by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")


def _correction_out(asked: CorrectionRequest, language: str) -> CorrectionOut:
    return CorrectionOut(
        id=public_id("cor", asked.pk),
        field=asked.field,
        value=asked.value,
        filed_at=asked.filed_at,
        due_on=asked.due_on,
        state=asked.state,
        state_words=say(f"privacy.correction_{asked.state}", language),
        reasons=asked.reasons,
    )


def _deletion_out(asked: DeletionRequest, language: str) -> DeletionOut:
    return DeletionOut(
        id=public_id("del", asked.pk),
        filed_at=asked.filed_at,
        done_at=asked.done_at,
        goes=say("privacy.deletion_goes", language),
        deleted=asked.deleted,
        stays=[
            KeptOut(words=say(f"privacy.keeps_{use.keeps}", language), source=_keeping(use.keeps))
            for use in kept_uses(_law())
        ],
    )


def _keeping(name: str) -> SourceOut:
    subject = "privacy" if name == "provision" else "hmt"
    source = law_in_force(settings.YZT_REGION, subject, today())[f"retention.{name}"].source
    return SourceOut(text=source.text, article=source.article, words=source.words)
