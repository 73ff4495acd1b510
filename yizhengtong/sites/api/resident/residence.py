"""The duty to register, vouchers, changes, and what others reported of one."""

from datetime import date
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.answering import LONGEST_WORDS, confirm_report, dispute_report
from yizhengtong.registry.residence.duties import exemptions, last_day, must_register, value_of
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, LONGEST_WORKPLACE, Report
from yizhengtong.registry.residence.moving import change_workplace, move_within
from yizhengtong.registry.residence.queries import law_of_registration, reports_about
from yizhengtong.registry.residence.reporters import register_reporter
from yizhengtong.registry.residence.vouchers import Voucher, vouchers_of
from yizhengtong.sites.api.framework import Day, In, by, own_account, own_person, policy, today
from yizhengtong.sites.api.resident.people import StayOut, declared_out, own_stay, person_acted_for
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.words import reader_language

router = Router()
Group = Literal["lodging", "hospital", "boarding_school", "rescue_station", "with_near_relatives"]
ReporterKindIn = Literal[
    "landlord", "employer", "property_manager", "agent", "hotel", "hospital", "school", "rescue_station"
]


class ExemptionOut(BaseModel):
    """Who need not declare, and who registers instead."""

    group: str
    words: str
    registered_by: str
    most_days: int | None


class DutyOut(BaseModel):
    """Whether one must register at a place, by whose rules, and until when."""

    must_register: bool | None = Field(description="null: no pack of that place says so.")
    code: str
    words: str
    source: SourceOut
    due_on: date | None = Field(description="Last day of the declaration; null: no pack sets one.")
    is_due_provisional: bool
    change_due_on: date | None = Field(description="Last day for a change that happened on the day asked about.")
    exemptions: list[ExemptionOut]
    channels: list[str]
    gives_voucher: bool


class VoucherOut(BaseModel):
    """An electronic registration voucher: show it as it stands. `seal` says that this platform wrote it."""

    number: str
    issued_on: date
    name: str
    region: str
    address: str
    start: date
    until: str = Field(description="Empty while one lives there.")
    declared_on: date
    seal: str


class MoveIn(In):
    """A move within the county, or between districts of one city."""

    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS)
    moved_on: date = Field(description="First day at the new address.")


class WorkplaceIn(In):
    """Another employer; empty: none any more."""

    workplace: str = Field("", max_length=LONGEST_WORKPLACE)
    changed_on: date


class ReportedOut(BaseModel):
    """What somebody else reported of one, who did, and how it stands."""

    id: str
    by: str
    by_words: str
    by_name: str
    about: str
    region: str
    address: str
    happened_on: date
    reported_on: date
    is_late: bool
    state: str
    state_words: str
    waits_for: str = Field(description="Why it waits; empty when it does not.")
    waits_words: str
    stay_id: str | None
    answer_due_on: date | None = Field(description="By when a dispute is answered; null: no pack sets it.")
    answer: str
    version: int


class ReportAnswerIn(In):
    """Whether a report is right. `confirm`: what is registered for these days gives way to it."""

    answer: Literal["confirm", "dispute"]
    words: str = Field("", max_length=LONGEST_WORDS)


class ReporterIn(In):
    """Whom one reports as. The account is no resident's any more."""

    kind: ReporterKindIn
    name: str = Field(min_length=1, max_length=120)
    code: str = Field(
        min_length=1, max_length=64, description="统一社会信用代码; of a landlord also the identity number."
    )
    contact: str = Field(min_length=1, max_length=60)
    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county it is in.")


class ReporterMadeOut(BaseModel):
    """A reporter that waits for an officer's verification. Sign in again and use /api/reporter."""

    id: str
    kind: str
    state: str


@router.get("/registration-duty", response=DutyOut, openapi_extra=policy("own person or ward"))
def read_duty(
    request: HttpRequest,
    place: str = Query(pattern=r"^\d{6}$"),
    since: Day | None = Query(None),
    group: Group | None = None,
    person_id: str | None = Query(None),
) -> DutyOut:
    """Whether one must register on crossing into a place. Without `since` as of today; `group`: an exempt one."""
    person, day = person_acted_for(request, person_id), since or today()
    record_read("people.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data",
                fields=["region", "hukou_region"])  # fmt: skip
    return _duty_out(person, place, day, group or "", reader_language(request))


@router.get("/vouchers", response=list[VoucherOut], openapi_extra=policy("own person or ward"))
def list_vouchers(request: HttpRequest, person_id: str | None = Query(None)) -> list[Voucher]:
    """The electronic vouchers of what is registered. None where the rules of the place give none."""
    return list(vouchers_of(person_acted_for(request, person_id), by(request), "own data"))


@router.post(
    "/stays/{stay_id}/move", response={201: StayOut}, openapi_extra=policy("own person or ward", versioned=True)
)
def move(request: HttpRequest, response: HttpResponse, stay_id: str, payload: MoveIn) -> Status[StayOut]:
    """Register a move within the place; elsewhere is declared anew."""
    moved = move_within(
        registration=own_stay(request, stay_id), region=payload.region, address=payload.address,
        moved_on=payload.moved_on, on=today(), by=by(request), version=version_read(request),
    )  # fmt: skip
    set_version(response, moved.registration.version)
    return Status(201, declared_out(moved))


@router.post("/stays/{stay_id}/workplace", response=StayOut, openapi_extra=policy("own person or ward", versioned=True))
def change_employer(request: HttpRequest, response: HttpResponse, stay_id: str, payload: WorkplaceIn) -> StayOut:
    """Note another employer where one's registration has one."""
    changed = change_workplace(
        registration=own_stay(request, stay_id), workplace=payload.workplace, changed_on=payload.changed_on,
        on=today(), by=by(request), version=version_read(request),
    )  # fmt: skip
    set_version(response, changed.registration.version)
    return declared_out(changed)


@router.get("/reports", response=list[ReportedOut], openapi_extra=policy("own person or ward"))
def list_reports(request: HttpRequest, person_id: str | None = Query(None)) -> list[ReportedOut]:
    """What others reported of where one lives, with who did."""
    person = person_acted_for(request, person_id)
    language = reader_language(request)
    return [_reported_out(report, language) for report in reports_about(person, by(request), "own data")]


@router.post(
    "/reports/{report_id}/answer", response=ReportedOut, openapi_extra=policy("own person or ward", versioned=True)
)
def answer(request: HttpRequest, response: HttpResponse, report_id: str, payload: ReportAnswerIn) -> ReportedOut:
    """Say that a report is right, or dispute it: an officer then answers."""
    key, version, acting = parse_public_id("rep", report_id), version_read(request), own_person(request)
    if payload.answer == "confirm":
        report = confirm_report(report_id=key, acting=acting, version=version, on=today(), by=by(request))
    else:
        report = dispute_report(
            report_id=key, words=payload.words, acting=acting, version=version, on=today(), by=by(request)
        )
    set_version(response, report.version)
    return _reported_out(report, reader_language(request))


@router.post("/reporter", response={201: ReporterMadeOut}, openapi_extra=policy("own account", limits=["linking"]))
def become_reporter(request: HttpRequest, payload: ReporterIn) -> Status[ReporterMadeOut]:
    """Make this account a reporter's: of a landlord, employer, property manager, agent or operator."""
    made = register_reporter(account_id=own_account(request), by=by(request), **payload.model_dump())
    return Status(201, ReporterMadeOut(id=public_id("rpr", made.pk), kind=made.kind, state=made.state))


def _duty_out(person: Person, place: str, day: date, group: str, language: str) -> DutyOut:
    law = law_of_registration(place, today())
    finding = must_register(person.region, person.hukou_region, place, group, law)
    due = last_day(law, "residence.report_within", day) if finding.met else None
    change = last_day(law, "registration.change_within", day) if finding.met else None
    return DutyOut(
        must_register=finding.met,
        code=finding.code,
        words=say(finding.code, language, finding.facts, region=person.region),
        source=SourceOut(text=finding.source.text, article=finding.source.article, words=finding.source.words),
        due_on=due.day if due else None,
        is_due_provisional=bool(due and due.provisional),
        change_due_on=change.day if change else None,
        exemptions=[
            ExemptionOut(
                group=each.group, words=say(f"residence.group_{each.group}", language),
                registered_by=each.registered_by, most_days=each.most_days,
            )
            for each in exemptions(law)
        ] if finding.met is not None and person.region == "CN" else [],
        channels=list(value_of(law, "registration.channels") or ()) if finding.met else [],
        gives_voucher=bool(finding.met),
    )  # fmt: skip


def _reported_out(report: Report, language: str) -> ReportedOut:
    waits = say(f"residence.waits_{report.waits_for}", language) if report.waits_for else ""
    return ReportedOut(
        id=public_id("rep", report.pk), by=report.reporter_kind,
        by_words=say(f"residence.reporter_{report.reporter_kind}", language), by_name=report.reporter_name,
        about=report.about, region=report.region, address=report.address, happened_on=report.happened_on,
        reported_on=report.reported_on, is_late=report.is_late, state=report.state,
        state_words=say(f"residence.report_{report.state}", language), waits_for=report.waits_for, waits_words=waits,
        stay_id=public_id("sty", report.registration_id) if report.registration_id else None,
        answer_due_on=report.answer_due_on, answer=report.decision_words or "", version=report.version,
    )  # fmt: skip
