"""Approvals for minors' records, objections, corrections: what supervisors, auditors and registrars answer for."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.documents.services import open_document
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.importing.models import Proposal
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.minors import approvals_waiting, ask_to_open, decide_approval
from yizhengtong.registry.people.models import MinorApproval, Person
from yizhengtong.rights.privacy.corrections import correction_for, corrections_waiting, decide_correction
from yizhengtong.rights.privacy.history import what_of
from yizhengtong.rights.privacy.models import CorrectionRequest, Objection
from yizhengtong.rights.privacy.objections import answer_objection, objections_waiting
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.words import reader_language

router = Router()


class ApprovalIn(In):
    """Why one must open a minor's record: of a case, a permit or a proposal of one's area."""

    about: str = Field(max_length=40, examples=["cas_01…"], description="The id of a case, permit or proposal.")
    reason: Literal["counter", "casework", "correction", "complaint", "other"]
    words: str = Field(min_length=1, max_length=500)


class ApprovalDecisionIn(In):
    """Grant or refuse."""

    granted: bool
    officers: list[str] = Field(
        default_factory=list, max_length=8, description="User names; where a booked appointment asked, and only there."
    )
    words: str = Field("", max_length=500)


class ApprovalOut(BaseModel):
    """A request to open a minor's record. No name and no birth date: they are opened with the record."""

    id: str
    officer: str | None = Field(description="User name; null: asked by a booking, the officers are named in answer.")
    office_path: str
    reason: str
    reason_words: str
    words: str
    state: str
    asked_at: datetime
    needed_at: datetime | None
    last_day: date | None


class ObjectionAnswerIn(In):
    """An auditor's answer; `wrong` opens an entry in the register of breaches."""

    outcome: Literal["explained", "wrong"]
    words: str = Field(min_length=1, max_length=1000)


class StaffObjectionOut(BaseModel):
    """An objection as the auditor answers it."""

    id: str
    person_id: str
    entry_id: str
    entry_at: datetime
    action: str
    what_words: str
    actor_kind: str
    officer: str | None
    words: str
    filed_at: datetime
    due_on: date
    is_late: bool
    state: str
    answer: str


class CorrectionRowOut(BaseModel):
    """A request that waits. What it says is opened with it."""

    id: str
    field: str
    filed_at: datetime
    due_on: date
    is_late: bool


class StaffCorrectionOut(CorrectionRowOut):
    """A request with what stands now and what the person says is right."""

    person_id: str
    stands: str
    value: str
    words: str
    has_evidence: bool
    state: str
    reasons: str


class CorrectionDecisionIn(In):
    """Apply it, or refuse with reasons."""

    applied: bool
    reasons: str = Field("", max_length=1000)


@router.post("/minor-approvals", response={201: ApprovalOut}, openapi_extra=policy("officer of the area"))
def ask(request: HttpRequest, payload: ApprovalIn) -> Status[ApprovalOut]:
    """Ask a supervisor for the approval without which no minor's record is opened (未成年人网络保护条例 art. 36)."""
    person, office_path = _about(payload.about)
    asked = ask_to_open(
        person=person, office_path=office_path, reason=payload.reason, words=payload.words, by=by(request)
    )
    return Status(201, _approvals_out([asked], reader_language(request))[0])


@router.get("/minor-approvals", response=list[ApprovalOut], openapi_extra=policy("supervisor of the area"))
def list_approvals(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[ApprovalOut]:
    """What waits for a supervisor's word, a page from after an id on."""
    waiting = approvals_waiting(by(request))
    if after is not None:
        waiting = waiting.filter(pk__gt=parse_public_id("map", after))
    return _approvals_out(list(waiting[:PAGE_LIMIT]), reader_language(request))


@router.post(
    "/minor-approvals/{approval_id}/decision", response=ApprovalOut, openapi_extra=policy("supervisor of the area")
)
def decide(request: HttpRequest, approval_id: str, payload: ApprovalDecisionIn) -> ApprovalOut:
    """Grant it for some days, or refuse. Nobody approves for oneself."""
    decided = decide_approval(
        approval_id=parse_public_id("map", approval_id), granted=payload.granted, officers=payload.officers,
        words=payload.words, by=by(request),
    )  # fmt: skip
    return _approvals_out([decided], reader_language(request))[0]


@router.get("/objections", response=list[StaffObjectionOut], openapi_extra=policy("auditor of the area"))
def list_objections(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[StaffObjectionOut]:
    """Objections that wait for an answer, the oldest first; each reading is recorded."""
    key = parse_public_id("obj", after) if after is not None else None
    found = objections_waiting(by(request), after=key, limit=PAGE_LIMIT)
    return _objections_out(found, reader_language(request))


@router.post(
    "/objections/{objection_id}/answer", response=StaffObjectionOut, openapi_extra=policy("auditor of the area")
)
def answer(request: HttpRequest, objection_id: str, payload: ObjectionAnswerIn) -> StaffObjectionOut:
    """Explain an entry, or say that it was wrong: then the register of breaches has it. Nobody answers for oneself."""
    answered = answer_objection(
        objection_id=parse_public_id("obj", objection_id), was_wrong=payload.outcome == "wrong", words=payload.words,
        law=law_in_force(settings.YZT_REGION, "privacy", today()), by=by(request),
    )  # fmt: skip
    return _objections_out([answered], reader_language(request))[0]


@router.get("/corrections", response=list[CorrectionRowOut], openapi_extra=policy("registrar of the area"))
def list_corrections(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[CorrectionRowOut]:
    """What waits for a registrar, a page from after an id on."""
    waiting = corrections_waiting(by(request))
    if after is not None:
        waiting = waiting.filter(pk__gt=parse_public_id("cor", after))
    return [_row_out(each) for each in waiting[:PAGE_LIMIT]]


@router.get("/corrections/{correction_id}", response=StaffCorrectionOut, openapi_extra=policy("registrar of the area"))
def read_correction(request: HttpRequest, correction_id: str) -> StaffCorrectionOut:
    """A request with what stands and what is said to be right; the read is recorded."""
    return _correction_out(correction_for(parse_public_id("cor", correction_id), by(request)))


@router.get("/corrections/{correction_id}/evidence", openapi_extra=policy("registrar of the area"))
def read_evidence(request: HttpRequest, correction_id: str) -> HttpResponse:
    """The paper that came with it; the read is recorded."""
    asked = correction_for(parse_public_id("cor", correction_id), by(request))
    if asked.evidence_id is None:
        raise NotFound("not_found")
    document, content = open_document(document_id=asked.evidence_id, by=by(request), purpose="correction")
    response = HttpResponse(content, content_type=document.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response


@router.post(
    "/corrections/{correction_id}/decision",
    response=StaffCorrectionOut,
    openapi_extra=policy("registrar of the area"),
)
def decide_on_correction(request: HttpRequest, correction_id: str, payload: CorrectionDecisionIn) -> StaffCorrectionOut:
    """Apply the correction, what stood before staying on file, or refuse it with reasons."""
    return _correction_out(
        decide_correction(
            request_id=parse_public_id("cor", correction_id), applied=payload.applied, reasons=payload.reasons,
            by=by(request),
        )
    )  # fmt: skip


def _about(text: str) -> tuple[Person, str]:
    """Return whom a case, permit or proposal is about, and its office's path. Raises NotFound."""
    prefix = text.partition("_")[0]
    models: dict[str, type[Case | Permit | Proposal]] = {"cas": Case, "pmt": Permit, "ipr": Proposal}
    if prefix not in models:
        raise NotFound("not_found")
    found = models[prefix]._default_manager.select_related("person").filter(pk=parse_public_id(prefix, text)).first()
    if found is None:
        raise NotFound("not_found")
    return found.person, found.office_path


def _usernames(keys: set[UUID | None]) -> dict[UUID, str]:
    return dict(Account.objects.filter(pk__in=[key for key in keys if key]).values_list("pk", "username"))


def _approvals_out(approvals: list[MinorApproval], language: str) -> list[ApprovalOut]:
    names = _usernames({each.officer_id for each in approvals})
    return [
        ApprovalOut(
            id=public_id("map", each.pk),
            officer=names.get(each.officer_id) if each.officer_id else None,
            office_path=each.office_path,
            reason=each.reason,
            reason_words=say(f"people.approval_reason_{each.reason}", language),
            words=each.words,
            state=each.state,
            asked_at=each.asked_at,
            needed_at=each.needed_at,
            last_day=each.last_day,
        )
        for each in approvals
    ]


def _objections_out(objections: list[Objection], language: str) -> list[StaffObjectionOut]:
    names = _usernames({each.actor_id for each in objections})
    return [
        StaffObjectionOut(
            id=public_id("obj", each.pk),
            person_id=public_id("per", each.person_id),
            entry_id=public_id("aud", each.entry_id),
            entry_at=each.entry_at,
            action=each.action,
            what_words=say(what_of(each.action, "read"), language),
            actor_kind=each.actor_kind,
            officer=names.get(each.actor_id) if each.actor_id else None,
            words=each.words,
            filed_at=each.filed_at,
            due_on=each.due_on,
            is_late=each.state == Objection.State.OPEN and today() > each.due_on,
            state=each.state,
            answer=each.answer,
        )
        for each in objections
    ]


def _row_out(asked: CorrectionRequest) -> CorrectionRowOut:
    return CorrectionRowOut(
        id=public_id("cor", asked.pk),
        field=asked.field,
        filed_at=asked.filed_at,
        due_on=asked.due_on,
        is_late=asked.state == CorrectionRequest.State.OPEN and today() > asked.due_on,
    )


def _correction_out(asked: CorrectionRequest) -> StaffCorrectionOut:
    return StaffCorrectionOut(
        **_row_out(asked).model_dump(),
        person_id=public_id("per", asked.person_id),
        stands=str(getattr(asked.person, asked.field)),
        value=asked.value,
        words=asked.words,
        has_evidence=asked.evidence_id is not None,
        state=asked.state,
        reasons=asked.reasons,
    )
