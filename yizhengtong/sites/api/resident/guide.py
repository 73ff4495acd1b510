"""What there is to know before applying: items, conditions, papers, fees, service points, entitlements."""

from datetime import date

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.findings import Source
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.rights.entitlements.queries import Owed, entitlements_at, service_points_at
from yizhengtong.sites.api.framework import policy, today
from yizhengtong.sites.api.schemas import SourceOut
from yizhengtong.sites.api.words import reader_language

router = Router()
_PLACE = Query(settings.YZT_REGION, pattern=r"^\d{6}$", description="GB/T 2260 code of the place.")


class AskedOut(BaseModel):
    """A condition or a paper that an item asks for."""

    code: str
    title: str
    kinds: list[str] = Field(default_factory=list, description="Kinds of paper, any one of which will do.")
    when: str = "always"
    source: SourceOut


class ItemOut(BaseModel):
    """What may be applied for, on which conditions, with which papers, how long it takes and what it costs."""

    code: str
    title: str
    grounds: list[str]
    conditions: list[AskedOut]
    documents: list[AskedOut]
    limit_n: int
    limit_unit: str
    limit_source: SourceOut
    fee_fen: int | None = Field(description="null: the amount is not found in the law; 0: free.")
    fee_source: SourceOut


class ServicePointOut(BaseModel):
    """Where applications are received."""

    code: str
    name: str
    kind: str
    address: str
    phone: str
    region: str | None = Field(description="GB/T 2260 code of the county; null in a functional zone.")
    zone: str | None = Field(description="The functional zone, where there is one instead of a county.")
    as_of: date | None


class EntitlementOut(BaseModel):
    """A right, service or convenience, and who owes it."""

    code: str
    kind: str
    title: str
    is_place_bound: bool
    agencies: list[str]
    is_assigned: bool = Field(description="False: no clause names an agency; the general co-ordinators answer.")
    source: SourceOut


def source_out(source: Source) -> SourceOut:
    """Return a source as it goes out."""
    return SourceOut(text=source.text, article=source.article, words=source.words)


@router.get("/items", response=list[ItemOut], openapi_extra=policy("signed in"))
def list_items(request: HttpRequest, place: str = _PLACE) -> list[ItemOut]:
    """The service items of a place."""
    language = reader_language(request)
    law = law_for("hmt", place, today())
    return [_item_out(law, code, language) for code in law.items]


def _item_out(law: Law, code: str, language: str) -> ItemOut:
    item = law.items[code]
    limit, fee = law["issue.limit"], law[item.fee]
    return ItemOut(
        code=code,
        title=item.name.in_language(language),
        grounds=list(item.grounds),
        conditions=[
            AskedOut(code=each.rule, title=say(_finding_code(each.rule), language), source=source_out(each.source))
            for each in item.conditions
        ],
        documents=[
            AskedOut(
                code=each.code,
                title=each.name.in_language(language),
                when=each.when,
                source=source_out(each.source),
                kinds=[law.evidence[kind].name.in_language(language) for kind in each.any_of],
            )
            for each in item.documents
        ],
        limit_n=limit.value.n,
        limit_unit=limit.value.unit,
        limit_source=source_out(limit.source),
        fee_fen=fee.value.fen if fee.value else None,
        fee_source=source_out(fee.source),
    )


def _finding_code(rule: str) -> str:
    return f"residence.{rule}" if rule == "has_lived_here_long_enough" else f"applications.{rule}"


@router.get("/service-points", response=list[ServicePointOut], openapi_extra=policy("signed in"))
def list_service_points(request: HttpRequest, place: str = _PLACE) -> list[ServicePointOut]:
    """The service points of a place, as of the day of their source."""
    return [
        ServicePointOut(
            code=point.code,
            name=point.name,
            kind=point.kind,
            address=point.address,
            phone=point.phone_normalised,
            region=point.region,
            zone=point.zone,
            as_of=point.as_of,
        )
        for point in service_points_at(law_for("hmt", place, today()))
    ]


@router.get("/entitlements", response=list[EntitlementOut], openapi_extra=policy("signed in"))
def list_entitlements(request: HttpRequest, place: str = _PLACE) -> list[EntitlementOut]:
    """What the permit entitles to at a place, with the departments that owe it."""
    language = reader_language(request)
    owed = entitlements_at(law_for("hmt", place, today()))
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
        source=source_out(entitlement.source),
    )
