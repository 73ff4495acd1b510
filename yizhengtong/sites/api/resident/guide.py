"""What there is to know before applying: items, conditions, papers, fees, service points, entitlements."""

from datetime import date
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServicePoint
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.guiding.items import AskedCondition, AskedPaper, Guide, guide_of
from yizhengtong.permitting.casework.guiding.queries import laws_at
from yizhengtong.permitting.casework.guiding.sayings import Saying, Told
from yizhengtong.rights.entitlements.queries import Owed, entitlements_at, service_points_at
from yizhengtong.sites.api.framework import policy, today
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.words import reader_language

router = Router()
Certainty = Literal["C", "I", "M", "N"]
_PLACE = Query(settings.YZT_REGION, pattern=r"^\d{6}$", description="GB/T 2260 code of the place.")
_CERTAINTY = Field(description="C read in the source, I inferred, M known but not seen, N not found.")


class AskedOut(BaseModel):
    """A condition or a paper that an item asks for."""

    code: str
    title: str
    kinds: list[str] = Field(default_factory=list, description="Kinds of paper, any one of which will do.")
    when: str = "always"
    when_words: str = ""
    certainty: Certainty = _CERTAINTY
    source: SourceOut


class ToldOut(BaseModel):
    """What the law of the place says of one thing, in words."""

    section: str = Field(description="time, fee, where, how, proxy, outcome or refusal")
    key: str
    words: str
    parts: list[str] = Field(default_factory=list)
    certainty: Certainty = _CERTAINTY
    since: date | None = None
    until: date | None = Field(None, description="The first day on which it no longer holds, where one is known.")
    source: SourceOut


class StepOut(BaseModel):
    """A step of handling, and whose it is."""

    step: str
    role: str
    source: SourceOut


class ItemOut(BaseModel):
    """What may be applied for, on which conditions, with which papers, how long it takes and what it costs."""

    code: str
    subject: str = Field(description="hmt, settlement or floating")
    permit_kind: str
    outcome: str
    title: str
    form: str
    grounds: list[str]
    conditions: list[AskedOut]
    documents: list[AskedOut]
    steps: list[StepOut]
    limit_n: int | None = Field(description="null: no time is found in the law.")
    limit_unit: str | None
    limit_source: SourceOut
    fee_fen: int | None = Field(description="null: the amount is not found in the law; 0: free.")
    fee_source: SourceOut
    told: list[ToldOut]
    since: date
    certainty: Certainty = _CERTAINTY
    source: SourceOut


class ServicePointOut(BaseModel):
    """Where applications are received."""

    code: str
    subject: str = Field(description="What it receives: hmt, settlement or floating")
    name: str
    kind: str
    address: str
    phone: str
    region: str | None = Field(description="GB/T 2260 code of the county; null in a functional zone.")
    zone: str | None = Field(description="The functional zone, where there is one instead of a county.")
    as_of: date | None
    source: SourceOut


class EntitlementOut(BaseModel):
    """A right, service or convenience, and who owes it."""

    code: str
    kind: str
    title: str
    is_place_bound: bool
    agencies: list[str]
    is_assigned: bool = Field(description="False: no clause names an agency; the general co-ordinators answer.")
    certainty: Certainty = _CERTAINTY
    source: SourceOut


def source_out(source: Source) -> SourceOut:
    """Return a source as it goes out."""
    return SourceOut(text=source.text, article=source.article, words=source.words)


@router.get("/items", response=list[ItemOut], openapi_extra=policy("signed in"))
def list_items(request: HttpRequest, place: str = _PLACE) -> list[ItemOut]:
    """The service items of a place: of every permit that its law knows."""
    language = reader_language(request)
    return [_item_out(guide_of(law, code), language) for law in laws_at(place, today()) for code in law.items]


def _item_out(guide: Guide, language: str) -> ItemOut:
    law, item = guide.law, guide.law.items[guide.code]
    limit, fee = law[item.limit], law[item.fee]
    return ItemOut(
        code=item.code,
        subject=law.subject,
        permit_kind=item.permit_kind,
        outcome=item.outcome,
        title=item.name.in_language(language),
        form=item.form,
        grounds=list(item.grounds),
        conditions=[_condition_out(each, language) for each in guide.conditions],
        documents=[_paper_out(each, law, language) for each in guide.papers],
        steps=[StepOut(step=each.step, role=each.role, source=source_out(each.source)) for each in guide.steps],
        limit_n=limit.value.n if limit.value else None,
        limit_unit=limit.value.unit if limit.value else None,
        limit_source=source_out(limit.source),
        fee_fen=fee.value.fen if fee.value else None,
        fee_source=source_out(fee.source),
        told=[
            _told_out(each, section.title.removeprefix("guide.section_"), language)
            for section in guide.sections
            for each in section.told
        ],
        since=item.since,
        certainty=item.certainty,
        source=source_out(item.source),
    )


def _words(saying: Saying, language: str) -> str:
    return say(saying.code, language, saying.facts)


def _condition_out(condition: AskedCondition, language: str) -> AskedOut:
    return AskedOut(
        code=condition.rule,
        title=say(condition.title, language),
        certainty=condition.certainty,
        source=source_out(condition.source),
    )


def _paper_out(paper: AskedPaper, law: Law, language: str) -> AskedOut:
    return AskedOut(
        code=paper.code,
        title=paper.name.in_language(language),
        when=paper.asked_when,
        when_words=_words(paper.when, language),
        certainty=paper.certainty,
        source=source_out(paper.source),
        kinds=[law.evidence[kind].name.in_language(language) for kind in paper.any_of],
    )


def _told_out(told: Told, section: str, language: str) -> ToldOut:
    return ToldOut(
        section=section,
        key=told.key,
        words=_words(told.says, language),
        parts=[_words(part, language) for part in told.parts],
        certainty=told.certainty,
        since=told.since,
        until=told.until,
        source=source_out(told.source),
    )


@router.get("/service-points", response=list[ServicePointOut], openapi_extra=policy("signed in"))
def list_service_points(request: HttpRequest, place: str = _PLACE) -> list[ServicePointOut]:
    """The service points of a place, as of the day of their source. Empty where no pack lists them."""
    return [_point_out(point, law.subject) for law in laws_at(place, today()) for point in service_points_at(law)]


def _point_out(point: ServicePoint, subject: str) -> ServicePointOut:
    return ServicePointOut(
        code=point.code,
        subject=subject,
        name=point.name,
        kind=point.kind,
        address=point.address,
        phone=point.phone_normalised,
        region=point.region,
        zone=point.zone,
        as_of=point.as_of,
        source=source_out(point.source),
    )


@router.get("/entitlements", response=list[EntitlementOut], openapi_extra=policy("signed in"))
def list_entitlements(
    request: HttpRequest,
    place: str = _PLACE,
    subject: Literal["hmt", "floating"] = Query("hmt", description="Whose permit: hmt, or floating in Zhejiang."),
) -> list[EntitlementOut]:
    """What a permit entitles to at a place, with the departments that owe it."""
    language = reader_language(request)
    owed = entitlements_at(law_for(subject, place, today()))
    if not owed:
        raise NotFound("not_found")
    return [_entitlement_out(each, language) for each in owed]


def _entitlement_out(owed: Owed, language: str) -> EntitlementOut:
    entitlement = owed.entitlement
    return EntitlementOut(
        code=entitlement.code,
        kind=entitlement.kind,
        title=entitlement.name.in_language(language),
        is_place_bound=entitlement.place_bound,
        agencies=list(owed.agencies),
        is_assigned=entitlement.assigned,
        certainty=entitlement.certainty,
        source=source_out(entitlement.source),
    )
