"""The queue, a case, its checklist, its papers."""

from datetime import date, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.documents.services import open_document
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_cursor, encode_cursor
from yizhengtong.foundation.web.versions import set_version
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.permitting.casework.examination import Examination, examine
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import QueuePosition, case_for_officer, cases_to_check, clock_of, queue
from yizhengtong.permitting.casework.states import OPEN
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.api.confirmations import confirmed_words
from yizhengtong.sites.api.framework import by, policy, today
from yizhengtong.sites.api.out import application_out, case_out, permit_out
from yizhengtong.sites.api.papers import FormFieldOut, form_out
from yizhengtong.sites.api.schemas import ApplicationOut, CaseOut, FindingOut, NoticeOut, PermitOut
from yizhengtong.sites.api.words import finding_out, notice_out, reader_language

router = Router()


class QueueRowOut(BaseModel):
    """A waiting case. No name: it is opened with the case."""

    id: str
    item: str
    state: str
    receipt_number: str | None
    received_on: date
    due_on: date | None
    is_due_provisional: bool
    working_days_left: int | None
    awaits_supplement: bool
    automatic_declined_because: list[str] = Field(description="Why the system's rules left it to officers; codes.")
    version: int


class QueueOut(BaseModel):
    """A page of the queue, the most urgent first; `next` reads on."""

    items: list[QueueRowOut]
    next: str | None


class LineOut(BaseModel):
    """A line of the checklist."""

    target: str = Field(description="condition or document")
    code: str
    found: bool | None = Field(description="What the rule finds; null: the officer must say.")
    judged: bool | None = Field(description="The officer's word; null: not judged yet.")
    confirmed: list[str] = Field(description="Of a document: which registers stand for it, and as of when.")


class JournalOut(BaseModel):
    action: str
    from_state: str
    to_state: str
    on: date
    by_kind: str
    words: str
    source: str
    rule: str = Field(description="The rule of the system whose opinion it is; empty: a person's.")
    rule_words: str


class StaffCaseOut(BaseModel):
    """A case as an officer sees it."""

    case: CaseOut
    application: ApplicationOut
    name: str
    birth_date: date
    region: str
    checklist: list[LineOut]
    findings: list[FindingOut]
    notices: list[NoticeOut]
    journal: list[JournalOut]
    permit: PermitOut | None
    automatic_declined_because: list[str] = Field(description="Why the system's rules left it to officers, in words.")
    post_check: str = Field(description="sampled or asked: to be checked afterwards; in_order, not_in_order: checked.")


@router.get("/queue", response=QueueOut, openapi_extra=policy("officer of the area", limits=["searches"]))
def read_queue(
    request: HttpRequest,
    state: list[str] = Query(list(OPEN), max_length=8),
    search: str = Query("", max_length=64, description="A name of two characters or more, or a document number."),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> QueueOut:
    """The open cases of one's area, the most urgent first."""
    if not set(state) <= set(OPEN):
        raise Invalid("web.fields_wrong", errors=[FieldError("state", "web.field_wrong")])
    found = queue(
        by=by(request), states=state, search=search, after=_position(cursor) if cursor else None, limit=limit + 1
    )
    shown = found[:limit]
    following = encode_cursor([shown[-1].urgent_on.isoformat(), str(shown[-1].pk)]) if len(found) > limit else None
    calendar = law_for("hmt", by(request).office_region, today()).calendar
    return QueueOut(
        items=[
            QueueRowOut(
                id=public_id("cas", case.pk),
                item=case.item,
                state=case.state,
                receipt_number=case.receipt_number,
                received_on=case.received_on,
                due_on=case.due_on,
                is_due_provisional=case.is_due_provisional,
                working_days_left=calendar.working_days_between(today(), case.due_on) if case.due_on else None,
                awaits_supplement=case.awaits_supplement,
                automatic_declined_because=case.automatic_declined_because or [],
                version=case.version,
            )
            for case in shown
        ],
        next=following,
    )


def _position(cursor: str) -> QueuePosition:

    urgent_on, case_id = decode_cursor(cursor, 2)
    try:
        return QueuePosition(date.fromisoformat(urgent_on), UUID(case_id))
    except ValueError as error:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from error


@router.get("/cases/{case_id}", response=StaffCaseOut, openapi_extra=policy("officer of the area"))
def read_case(request: HttpRequest, response: HttpResponse, case_id: str) -> StaffCaseOut:
    """A case with its application, checklist, findings, notices and journal; the read is recorded."""
    case = _case(request, case_id)
    language, person = reader_language(request), case.person
    examination = examine(case, today())
    permit = Permit.objects.filter(pk=case.permit_id).first() if case.permit_id else None
    set_version(response, case.version)
    return StaffCaseOut(
        case=case_out(case, language),
        application=application_out(case.application),
        name=person.name,
        birth_date=person.birth_date,
        region=person.region,
        checklist=_lines(examination, case.item, language),
        findings=[finding_out(each, language, person.region) for each in examination.outcome.findings],
        notices=[notice_out(notice, language, person.region) for notice in case.notices.order_by("id")],
        journal=[
            JournalOut(
                action=entry.action,
                from_state=entry.from_state,
                to_state=entry.to_state,
                on=entry.on,
                by_kind=entry.by_kind,
                words=entry.opinion.get("words", ""),
                source=entry.source,
                rule=entry.rule,
                rule_words=say(f"casework.rule_{entry.rule}", language) if entry.rule else "",
            )
            for entry in case.journal.order_by("at")
        ],
        permit=permit_out(permit, today()) if permit else None,
        automatic_declined_because=[say(code, language) for code in case.automatic_declined_because or ()],
        post_check=case.post_check,
    )


class ClockOut(BaseModel):
    """Both ends of a case's time: the decision, and what the province's platform acknowledged."""

    accepted_on: date | None
    due_on: date | None
    decided_on: date | None
    decided_in_time: bool | None
    push_due_on: date | None
    pushed_at: datetime | None
    pushed_in_time: bool | None


@router.get("/cases/{case_id}/clock", response=ClockOut, openapi_extra=policy("officer of the area"))
def read_clock(request: HttpRequest, case_id: str) -> ClockOut:
    """Whether the case was decided, and its permit acknowledged where it is pushed to, in time."""
    clock = clock_of(_case(request, case_id))
    return ClockOut(
        accepted_on=clock.accepted_on,
        due_on=clock.due_on,
        decided_on=clock.decided_on,
        decided_in_time=clock.decided_in_time,
        push_due_on=clock.push_due_on,
        pushed_at=clock.pushed_at,
        pushed_in_time=clock.pushed_in_time,
    )


@router.get("/cases/{case_id}/filled-form", response=list[FormFieldOut], openapi_extra=policy("officer of the area"))
def read_form(request: HttpRequest, case_id: str) -> list[FormFieldOut]:
    """The form of the place as it is filled in; empty where the item's form is not kept as fields."""
    return form_out(_case(request, case_id), reader_language(request))


class ToCheckOut(BaseModel):
    """An automatic approval that is to be checked afterwards."""

    id: str
    item: str
    decided_on: date | None
    why: str = Field(description="sampled, or asked by the applicant")
    version: int


class ToCheckPageOut(BaseModel):
    """A page of them; `next` reads on."""

    items: list[ToCheckOut]
    next: str | None


@router.get("/post-checks", response=ToCheckPageOut, openapi_extra=policy("officer of the area"))
def list_post_checks(
    request: HttpRequest, cursor: str | None = Query(None), limit: int = Query(50, ge=1, le=PAGE_LIMIT)
) -> ToCheckPageOut:
    """What the system's rules approved in one's area and somebody is to look at again."""
    after = parse_public_id("cas", cursor) if cursor else None
    found = cases_to_check(by=by(request), after=after, limit=limit + 1)
    shown = [
        ToCheckOut(
            id=public_id("cas", case.pk),
            item=case.item,
            decided_on=case.decided_on,
            why=case.post_check,
            version=case.version,
        )
        for case in found[:limit]
    ]
    return ToCheckPageOut(items=shown, next=shown[-1].id if len(found) > limit else None)


@router.get("/cases/{case_id}/checklist", response=list[LineOut], openapi_extra=policy("officer of the area"))
def read_checklist(request: HttpRequest, case_id: str) -> list[LineOut]:
    """Every condition and paper that must be judged."""
    case = _case(request, case_id)
    return _lines(examine(case, today()), case.item, reader_language(request))


@router.get("/cases/{case_id}/evidence/{evidence_id}", openapi_extra=policy("officer of the area"))
def read_evidence(request: HttpRequest, case_id: str, evidence_id: str) -> HttpResponse:
    """A paper's content; the read is recorded."""
    case = _case(request, case_id)
    evidence = Evidence.objects.filter(
        pk=parse_public_id("evi", evidence_id), application_id=case.application_id
    ).first()
    if evidence is None:
        raise NotFound("not_found")
    document, content = open_document(document_id=evidence.document_id, by=by(request), purpose="casework")
    response = HttpResponse(content, content_type=document.media_type)
    response["Content-Disposition"] = "attachment"
    response["Cache-Control"] = "no-store"
    return response


def _lines(examination: Examination, item: str, language: str) -> list[LineOut]:
    kinds = {document.code: document.any_of for document in examination.law.items[item].documents}
    return [
        LineOut(
            target=line.target,
            code=line.code,
            found=line.found,
            judged=line.judged,
            confirmed=[
                words
                for kind in (kinds.get(line.code, ()) if line.target == "document" else ())
                if (words := confirmed_words(kind, examination.law, examination.facts, language))
            ],
        )
        for line in examination.lines
    ]


def _case(request: HttpRequest, case_id: str) -> Case:
    return case_for_officer(case_id=parse_public_id("cas", case_id), by=by(request), purpose="casework")
