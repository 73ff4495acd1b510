"""Reports of where others live. No answer tells whether the platform knows the person."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status, UploadedFile
from ninja.params.functions import File, Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_cursor, encode_cursor
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import LONGEST
from yizhengtong.registry.residence.duties import duty_to_report
from yizhengtong.registry.residence.lists import Row, report_list
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, Report
from yizhengtong.registry.residence.queries import law_of_registration
from yizhengtong.registry.residence.reporters import reporter_of
from yizhengtong.registry.residence.reporting import MOST_ROWS, Said, Taken, report_stay
from yizhengtong.sites.api.framework import Day, In, by, policy, today
from yizhengtong.sites.api.words import reader_language

router = Router()
_OWN = "own reporter"
LARGEST_LIST = 2_000_000
"""Bytes of one list. What the platform takes."""


class ReportIn(In):
    """Who lives where, no longer lives there, or moved within the place. The day runs from what the duty names."""

    about: Literal["start", "end", "change"]
    name: str = Field(min_length=1, max_length=60)
    number: str = Field(min_length=1, max_length=LONGEST, description="Identity number (公民身份号码).")
    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS, description="After a change: the new one.")
    happened_on: date = Field(description="First day of the stay, first day it is over, or day of the change.")
    known_on: date | None = Field(None, description="Day on which one came to know or introduced, where it was later.")


class ReportOut(BaseModel):
    """A report as it was taken. The same whoever it is about."""

    id: str
    about: str
    name: str
    region: str
    address: str
    happened_on: date
    reported_on: date
    due_on: date | None = Field(description="Last day in time; null: no pack says one.")
    is_late: bool


class TakenOut(ReportOut):
    is_due_provisional: bool = Field(description="The calendar of the year it ends in is not announced yet.")
    is_repeated: bool = Field(description="The same report was there already; nothing was written.")
    tells_resident: bool = Field(description="The law asks you to tell the person that you reported it.")


class RowErrorOut(BaseModel):
    field: str
    code: str
    words: str


class RowOut(BaseModel):
    """What became of one line of a list."""

    line: int
    report: TakenOut | None
    errors: list[RowErrorOut]


class ListOut(BaseModel):
    """What became of a list, line by line: right lines are taken, whatever is wrong with others."""

    taken: int
    repeated: int
    wrong: int
    rows: list[RowOut]


class ReportsOut(BaseModel):
    """A page of one's own reports, the newest first; `next` reads on."""

    items: list[ReportOut]
    next: str | None


class ReporterOut(BaseModel):
    """Who reports. Until `state` is verified its reports are kept and nothing follows from them."""

    id: str
    kind: str
    name: str
    code: str
    contact: str
    region: str
    state: str
    state_words: str


class DutyOut(BaseModel):
    """By when something known on a day is reported in time."""

    due_on: date | None = Field(description="null: no pack of that place says one.")
    is_due_provisional: bool
    tells_resident: bool
    source: str
    article: str


@router.get("/reporter", response=ReporterOut, openapi_extra=policy(_OWN))
def read_reporter(request: HttpRequest) -> ReporterOut:
    """As whom one reports, and whether an officer has verified it."""
    reporter = reporter_of(by(request))
    record_read("residence.read_reporter", by=by(request), on=("reporter", reporter.pk), person_id=None,
                purpose="own data", fields=["name", "code", "contact"])  # fmt: skip
    return ReporterOut(
        id=public_id("rpr", reporter.pk), kind=reporter.kind, name=reporter.name, code=reporter.code,
        contact=reporter.contact, region=reporter.region, state=reporter.state,
        state_words=say(f"residence.reporter_state_{reporter.state}", reader_language(request)),
    )  # fmt: skip


@router.get("/duty", response=DutyOut, openapi_extra=policy(_OWN))
def read_duty(
    request: HttpRequest,
    place: str = Query(pattern=r"^\d{6}$"),
    known_on: Day | None = Query(None),
) -> DutyOut:
    """Until when a report about a place is in time, where one knew of it on a day; without a day, today."""
    reporter = reporter_of(by(request))
    duty = duty_to_report(reporter.kind, known_on or today(), law_of_registration(place, today()))
    return DutyOut(
        due_on=duty.due.day if duty.due else None,
        is_due_provisional=bool(duty.due and duty.due.provisional),
        tells_resident=duty.tells_resident,
        source=duty.source.text if duty.source else "",
        article=duty.source.article if duty.source else "",
    )


@router.post("/reports", response={201: TakenOut}, openapi_extra=policy(_OWN, limits=["reports"]))
def report(request: HttpRequest, payload: ReportIn) -> Status[TakenOut]:
    """Report a beginning, an end or a change of where somebody lives. The person sees who reported it."""
    said = Said(**payload.model_dump())
    return Status(
        201, _taken_out(report_stay(reporter=reporter_of(by(request)), said=said, on=today(), by=by(request)))
    )


@router.post("/lists", response={201: ListOut}, openapi_extra=policy(_OWN, limits=["report_lists", "upload_bytes"]))
def report_many(
    request: HttpRequest,
    file: UploadedFile = File(),
) -> Status[ListOut]:
    """Report by a list, CSV or XLSX; its headings and bounds stand in docs/reporting.md. The file is not kept."""
    if (file.size or 0) > LARGEST_LIST:
        raise Invalid("residence.too_many_rows", most=MOST_ROWS)
    rows = report_list(reporter=reporter_of(by(request)), content=file.read(), on=today(), by=by(request))
    language = reader_language(request)
    taken = [row.taken for row in rows if row.taken is not None]
    repeated = sum(each.is_repeated for each in taken)
    return Status(
        201,
        ListOut(
            taken=len(taken) - repeated, repeated=repeated, wrong=len(rows) - len(taken),
            rows=[_row_out(row, language) for row in rows],
        ),
    )  # fmt: skip


@router.get("/reports", response=ReportsOut, openapi_extra=policy(_OWN))
def list_reports(
    request: HttpRequest,
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> ReportsOut:
    """What one has reported, as one said it; nothing of what became of it."""
    reporter = reporter_of(by(request))
    rows = Report.objects.filter(reporter=reporter).order_by("-id")
    found = list((rows.filter(pk__lt=_position(cursor)) if cursor else rows)[: limit + 1])
    shown = found[:limit]
    record_read("residence.read_own_reports", by=by(request), on=("reporter", reporter.pk), person_id=None,
                purpose="own data", fields=["name", "address"])  # fmt: skip
    following = encode_cursor([str(shown[-1].pk)]) if len(found) > limit else None
    return ReportsOut(items=[ReportOut.model_validate(_said(each)) for each in shown], next=following)


def _position(cursor: str) -> UUID:
    try:
        return UUID(decode_cursor(cursor, 1)[0])
    except ValueError as error:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from error


def _said(each: Report) -> dict[str, object]:
    same = ("about", "name", "region", "address", "happened_on", "reported_on", "due_on", "is_late")
    return {"id": public_id("rep", each.pk), **{name: getattr(each, name) for name in same}}


def _taken_out(taken: Taken) -> TakenOut:
    return TakenOut.model_validate(
        {
            **_said(taken.report),
            "is_due_provisional": taken.is_due_provisional,
            "is_repeated": taken.is_repeated,
            "tells_resident": taken.tells_resident,
        }
    )


def _row_out(row: Row, language: str) -> RowOut:
    return RowOut(
        line=row.line,
        report=_taken_out(row.taken) if row.taken else None,
        errors=_errors_out(row.errors, language),
    )


def _errors_out(errors: Sequence[FieldError], language: str) -> list[RowErrorOut]:
    return [
        RowErrorOut(field=error.field, code=error.code, words=say(error.code, language, error.facts))
        for error in errors
    ]
