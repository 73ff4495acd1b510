"""Who reports, what is disputed, and vouchers that somebody shows."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.accounts.policies import ensure_second_factor
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.residence.answering import (
    LONGEST_WORDS,
    decide_report,
    report_for_officer,
    reports_for_officer,
)
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, Report, Reporter
from yizhengtong.registry.residence.reporters import reporter_for, reporters_waiting, verify_reporter
from yizhengtong.registry.residence.vouchers import check_voucher
from yizhengtong.sites.api.framework import In, by, policy, today

router = Router()
_REGISTRAR = "registrar of the area"
_DAY = r"^\d{4}-\d{2}-\d{2}$"


class ReporterRowOut(BaseModel):
    """A reporter that nobody has verified, without saying who it is."""

    id: str
    kind: str
    region: str
    registered_on: date


class ReporterFileOut(ReporterRowOut):
    """Who a reporter says it is."""

    name: str
    code: str
    contact: str
    state: str
    version: int


class VerificationIn(In):
    """Whether it is who it says."""

    is_verified: bool


class ReportRowOut(BaseModel):
    """A report that somebody disputes or that waits for a word, without saying of whom."""

    id: str
    by: str
    about: str
    region: str
    reported_on: date
    state: str
    waits_for: str
    disputed_on: date | None
    answer_due_on: date | None = Field(description="By when a dispute is answered; null: no pack sets it.")
    is_overdue: bool


class ReportFileOut(ReportRowOut):
    """A report with what it says, what the person says, and the stay it made."""

    person_id: str
    person_name: str
    by_name: str
    address: str
    happened_on: date
    is_late: bool
    words: str
    stay_id: str | None
    stay_start: date | None
    stay_until: date | None
    version: int


class ReportDecisionIn(In):
    """Whether the report is right, with the reasons the person reads."""

    is_right: bool
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class ReportDecidedOut(BaseModel):
    id: str
    state: str
    version: int


class VoucherIn(In):
    """A voucher as it was shown, letter by letter."""

    number: str = Field(min_length=1, max_length=24)
    issued_on: str = Field(pattern=_DAY)
    name: str = Field(min_length=1, max_length=120)
    region: str = Field(pattern=r"^\d{6}$")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS)
    start: str = Field(pattern=_DAY)
    until: str = Field("", max_length=10)
    declared_on: str = Field(pattern=_DAY)
    seal: str = Field(min_length=1, max_length=80)


class VoucherStandingOut(BaseModel):
    """`current`, `ended`, `replaced` by a later registration, or `not_ours`."""

    standing: str


@router.get("/reporters", response=list[ReporterRowOut], openapi_extra=policy(_REGISTRAR))
def list_reporters(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[ReporterRowOut]:
    """Who waits to be verified in one's area, a page from after an id on."""
    waiting = reporters_waiting(by(request))
    if after is not None:
        waiting = waiting.filter(pk__gt=parse_public_id("rpr", after))
    return [ReporterRowOut.model_validate(_reporter_row(each)) for each in waiting[:PAGE_LIMIT]]


@router.get("/reporters/{reporter_id}", response=ReporterFileOut, openapi_extra=policy(_REGISTRAR))
def read_reporter(request: HttpRequest, response: HttpResponse, reporter_id: str) -> ReporterFileOut:
    """Who a reporter says it is; the read is recorded."""
    reporter = reporter_for(parse_public_id("rpr", reporter_id), by(request))
    set_version(response, reporter.version)
    return _reporter_file(reporter)


@router.post(
    "/reporters/{reporter_id}/verification",
    response=ReporterFileOut,
    openapi_extra=policy(_REGISTRAR, versioned=True),
)
def verify(request: HttpRequest, response: HttpResponse, reporter_id: str, payload: VerificationIn) -> ReporterFileOut:
    """Note that a reporter is who it says, or that it is not. What it reported is compared from then on."""
    reporter = verify_reporter(
        reporter_id=parse_public_id("rpr", reporter_id),
        is_verified=payload.is_verified,
        version=version_read(request),
        by=by(request),
    )
    set_version(response, reporter.version)
    return _reporter_file(reporter)


@router.get("/residence-reports", response=list[ReportRowOut], openapi_extra=policy(_REGISTRAR))
def list_reports(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[ReportRowOut]:
    """Reports of one's area that are disputed or wait for a word, a page from after an id on."""
    waiting = reports_for_officer(by(request))
    if after is not None:
        waiting = waiting.filter(pk__gt=parse_public_id("rep", after))
    return [ReportRowOut.model_validate(_report_row(each)) for each in waiting[:PAGE_LIMIT]]


@router.get("/residence-reports/{report_id}", response=ReportFileOut, openapi_extra=policy(_REGISTRAR))
def read_report(request: HttpRequest, response: HttpResponse, report_id: str) -> ReportFileOut:
    """A report with what it says and what the person says; the read is recorded."""
    report = report_for_officer(parse_public_id("rep", report_id), today(), by(request))
    set_version(response, report.version)
    stay, person = report.registration, report.person
    return ReportFileOut.model_validate(
        {
            **_report_row(report),
            "person_id": public_id("per", person.pk) if person else "",
            "person_name": person.name if person else "",
            "by_name": report.reporter_name,
            "address": report.address,
            "happened_on": report.happened_on,
            "is_late": report.is_late,
            "words": report.dispute_words or "",
            "stay_id": public_id("sty", stay.pk) if stay else None,
            "stay_start": stay.start if stay else None,
            "stay_until": stay.until if stay else None,
            "version": report.version,
        }
    )


@router.post(
    "/residence-reports/{report_id}/decision",
    response=ReportDecidedOut,
    openapi_extra=policy(_REGISTRAR, versioned=True),
)
def decide(request: HttpRequest, response: HttpResponse, report_id: str, payload: ReportDecisionIn) -> ReportDecidedOut:
    """End a dispute with reasons: the report stands, or what it made of the registrations is undone."""
    report = decide_report(
        report_id=parse_public_id("rep", report_id),
        is_right=payload.is_right,
        words=payload.words,
        version=version_read(request),
        by=by(request),
    )
    set_version(response, report.version)
    return ReportDecidedOut(id=public_id("rep", report.pk), state=report.state, version=report.version)


@router.post("/vouchers/checks", response={201: VoucherStandingOut}, openapi_extra=policy("officer of the area"))
def check(request: HttpRequest, payload: VoucherIn) -> Status[VoucherStandingOut]:
    """Whether a voucher that somebody shows is ours as it stands, and whether it still holds."""
    ensure_second_factor(by(request))
    standing = check_voucher(voucher=payload.model_dump(), on=today(), by=by(request))
    return Status(201, VoucherStandingOut(standing=standing))


def _reporter_row(reporter: Reporter) -> dict[str, object]:
    return {
        "id": public_id("rpr", reporter.pk),
        "kind": reporter.kind,
        "region": reporter.region,
        "registered_on": reporter.registered_at.date(),
    }


def _reporter_file(reporter: Reporter) -> ReporterFileOut:
    said = ("name", "code", "contact", "state", "version")
    return ReporterFileOut.model_validate(
        {**_reporter_row(reporter), **{name: getattr(reporter, name) for name in said}}
    )


def _report_row(report: Report) -> dict[str, object]:
    due = report.answer_due_on
    same = ("about", "region", "reported_on", "state", "waits_for", "disputed_on", "answer_due_on")
    return {
        "id": public_id("rep", report.pk),
        "by": report.reporter_kind,
        "is_overdue": due is not None and due < today(),
        **{name: getattr(report, name) for name in same},
    }
