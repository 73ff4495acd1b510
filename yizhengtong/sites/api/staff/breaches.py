"""The register of breaches: what happened, whom it touches, who must be told by when (个人信息保护法 art. 57)."""

from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field
from pydantic.types import AwareDatetime

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.rights.privacy.breaches import (
    Told,
    breach_for,
    breaches_of_register,
    contents_of,
    describe_breach,
    note_not_needed,
    note_sent,
    register_breach,
)
from yizhengtong.rights.privacy.models import Breach, BreachNotice
from yizhengtong.rights.privacy.policies import ensure_keeps_register
from yizhengtong.rights.privacy.rules import missing_contents
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.words import reader_language

router = Router()
KEEPER = "auditor or administrator of the top office"
Kind = Literal["identity", "numbers", "residence", "contact", "biometrics", "papers", "match", "reads_and_acts"]


class BreachIn(In):
    """What is known of a breach by now. Texts name nobody."""

    found_at: AwareDatetime
    level: Literal["general", "larger", "major", "especially_major"]
    kinds: list[Kind] = Field(default_factory=list, max_length=8)
    people_count: int | None = Field(None, ge=0, le=2_000_000_000, description="null: nobody knows yet.")
    harms_national_security: bool = False
    concerns_minors: bool = False
    cause: str = Field("", max_length=2000)
    harm: str = Field("", max_length=2000)
    measures: str = Field("", max_length=2000, description="What was done, and what those concerned can do.")
    contact: str = Field("", max_length=200)


class SettlementIn(In):
    """Somebody was told, or need not be."""

    to: str = Field(max_length=40)
    outcome: Literal["sent", "not_needed"]
    words: str = Field("", max_length=4000, description="What was said, or why nobody need be told.")


class BreachNoticeOut(BaseModel):
    """Somebody who must be told, by when, by which law."""

    to: str
    to_words: str
    due_at: datetime
    is_by_law: bool = Field(description="The hours are the law's; else it says at once, the hours are a setting.")
    source: SourceOut
    state: str
    is_overdue: bool
    settled_at: datetime | None
    words: str


class BreachOut(BaseModel):
    """A breach in the register."""

    id: str
    number: str
    found_at: datetime
    level: str
    kinds: list[str]
    people_count: int | None
    harms_national_security: bool
    concerns_minors: bool
    cause: str
    harm: str
    measures: str
    contact: str
    missing: list[str] = Field(description="What a notice must say and cannot yet.")
    notices: list[BreachNoticeOut]
    version: int


@router.get("", response=list[BreachOut], openapi_extra=policy(KEEPER))
def list_breaches(request: HttpRequest, before: str | None = Query(None, max_length=40)) -> list[BreachOut]:
    """The register, the newest first, a page from before an id on."""
    found = breaches_of_register(by(request))
    if before is not None:
        found = found.filter(pk__lt=parse_public_id("brc", before))
    record_read("privacy.read_breaches", by=by(request), on=("breach", None), person_id=None, purpose="incident")
    return [_out(each, reader_language(request)) for each in found[:PAGE_LIMIT]]


@router.post("", response={201: BreachOut}, openapi_extra=policy(KEEPER))
def register(request: HttpRequest, response: HttpResponse, payload: BreachIn) -> Status[BreachOut]:
    """Write a breach down; from then on its clocks are counted. No entry is ever deleted."""
    ensure_keeps_register(by(request))
    breach = register_breach(told=Told(**payload.model_dump()), law=_law(), by=by(request))
    return Status(201, _answer(response, breach, request))


@router.get("/{breach_id}", response=BreachOut, openapi_extra=policy(KEEPER))
def read(request: HttpRequest, response: HttpResponse, breach_id: str) -> BreachOut:
    """A breach with everybody who must be told."""
    breach = breach_for(parse_public_id("brc", breach_id), by(request))
    record_read("privacy.read_breaches", by=by(request), on=("breach", breach.pk), person_id=None, purpose="incident")
    return _answer(response, breach, request)


@router.post("/{breach_id}/description", response=BreachOut, openapi_extra=policy(KEEPER, versioned=True))
def describe(request: HttpRequest, response: HttpResponse, breach_id: str, payload: BreachIn) -> BreachOut:
    """Write what is known by now; what stood before stays in the history."""
    breach = describe_breach(
        breach_id=parse_public_id("brc", breach_id), told=Told(**payload.model_dump()), version=version_read(request),
        law=_law(), by=by(request),
    )  # fmt: skip
    return _answer(response, breach, request)


@router.post("/{breach_id}/notices", response=BreachOut, openapi_extra=policy(KEEPER))
def settle(request: HttpRequest, response: HttpResponse, breach_id: str, payload: SettlementIn) -> BreachOut:
    """Note that somebody was told, with everything that art. 57 asks, or why persons need not be."""
    key = parse_public_id("brc", breach_id)
    if payload.outcome == "sent":
        note_sent(breach_id=key, to=payload.to, words=payload.words, law=_law(), by=by(request))
    else:
        note_not_needed(breach_id=key, to=payload.to, words=payload.words, by=by(request))
    return _answer(response, breach_for(key, by(request)), request)


def _law() -> Law:
    return law_in_force(settings.YZT_REGION, "privacy", today())


def _answer(response: HttpResponse, breach: Breach, request: HttpRequest) -> BreachOut:
    set_version(response, breach.version)
    return _out(breach, reader_language(request))


def _out(breach: Breach, language: str) -> BreachOut:
    law = _law()
    return BreachOut(
        id=public_id("brc", breach.pk),
        missing=list(missing_contents(law.value("breach.notice_contents"), contents_of(breach))),
        notices=[_notice_out(each, law, language) for each in breach.notices.order_by("due_at", "id")],
        **{name: getattr(breach, name) for name in _PLAIN},
    )


_PLAIN = ("number", "found_at", "level", "kinds", "people_count", "harms_national_security", "concerns_minors", "cause",
          "harm", "measures", "contact", "version")  # fmt: skip


def _notice_out(notice: BreachNotice, law: Law, language: str) -> BreachNoticeOut:
    source = law[notice.parameter].source
    return BreachNoticeOut(
        to=notice.to,
        to_words=say(f"privacy.told_{notice.to}", language),
        due_at=notice.due_at,
        is_by_law=notice.is_by_law,
        source=SourceOut(text=source.text, article=source.article, words=source.words),
        state=notice.state,
        is_overdue=notice.state == BreachNotice.State.DUE and notice.due_at < timezone.now(),
        settled_at=notice.settled_at,
        words=notice.words,
    )
