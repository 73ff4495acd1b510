"""A resident's own person, numbers, wards and stays."""

from datetime import date
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.names import LONGEST_ADDRESS, LONGEST_NATION
from yizhengtong.registry.people.queries import may_act_for, wards_of
from yizhengtong.registry.people.representations import appoint_representative
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence.duties import MAINLAND, value_of
from yizhengtong.registry.residence.models import LONGEST_WORKPLACE, Registration
from yizhengtong.registry.residence.queries import registrations_of, timeline_of
from yizhengtong.registry.residence.services import Declared, correct_stay, declare_stay, end_stay
from yizhengtong.sites.api.framework import In, by, own_account, own_person, policy, today

router = Router()
TravelKind = Literal[
    DocumentKind.HRP, DocumentKind.HRP_NON_CHINESE, DocumentKind.MTP_TAIWAN_FIVE_YEAR, DocumentKind.MTP_TAIWAN_ONE_TIME
]


class TravelDocumentIn(In):
    """The travel document, its kind as printed on it."""

    kind: TravelKind
    number: str = Field(max_length=LONGEST)
    valid_until: date | None = Field(None, description="Last day on which it is valid.")


class IdentityCardIn(In):
    """The identity card of a mainland person."""

    number: str = Field(max_length=LONGEST)
    valid_until: date | None = Field(None, description="Last day on which it is valid; none where it has no end.")


class HouseholdIn(In):
    """The household register of a mainland person."""

    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county.")
    address: str = Field(min_length=1, max_length=LONGEST_ADDRESS)
    nation: str = Field(min_length=1, max_length=LONGEST_NATION, description="民族 as printed on the identity card.")


class PersonIn(In):
    """Who one is, as printed on the travel document or, of a mainland person (CN), on the identity card."""

    name: str = Field(min_length=1, max_length=60)
    latin_name: str = Field("", max_length=80)
    birth_date: date
    sex: Literal["M", "F"]
    region: Literal["HK", "MO", "TW", "CN"]
    travel_document: TravelDocumentIn | None = Field(None, description="Of residents of Hong Kong, Macao and Taiwan.")
    identity_card: IdentityCardIn | None = Field(None, description="Of mainland persons.")
    household: HouseholdIn | None = Field(None, description="Of mainland persons.")


class WardIn(PersonIn):
    """A child or relative one acts for."""

    relation: Literal["guardian", "near_relative"]


class NumberOut(BaseModel):
    kind: str
    number: str
    valid_until: date | None
    is_current: bool


class PersonOut(BaseModel):
    """A person as it is registered."""

    id: str
    name: str
    latin_name: str
    birth_date: date
    sex: str
    region: str
    hukou_region: str = Field("", description="Empty for residents of Hong Kong, Macao and Taiwan.")
    hukou_address: str = ""
    nation: str = ""
    numbers: list[NumberOut]
    version: int


class StayIn(In):
    """A stay: from `start` up to but not including `until`; none while one lives there."""

    region: str = Field(pattern=r"^\d{6}$", description="GB/T 2260 code of the county.")
    address: str = Field(min_length=1, max_length=200)
    start: date
    until: date | None = None


class StayDeclarationIn(StayIn):
    """A stay that is declared, with the employer where one wants to name it."""

    workplace: str = Field("", max_length=LONGEST_WORKPLACE)


class StayCorrectionIn(StayIn):
    """A stay as it should have been written."""

    reason: str = Field(max_length=32)


class StayEndIn(In):
    until: date = Field(description="First day on which one no longer lives there.")


class StayOut(BaseModel):
    """A registered stay and who reported it."""

    id: str
    region: str
    address: str
    start: date
    until: date | None
    reported_by: str
    declared_on: date
    due_on: date | None = Field(None, description="Last day on which it was in time, where the place's law has one.")
    is_late: bool = False
    workplace: str = ""
    voucher_number: str = Field("", description="Empty where the rules of the place give none.")
    version: int
    warnings: list[str] = Field(default_factory=list)


class SpanOut(BaseModel):
    start: date
    until: date
    days: int
    reason_code: str = ""


class TimelineOut(BaseModel):
    """Which days count towards the residence that the place asks for, which do not, and why."""

    counted: list[SpanOut]
    uncounted: list[SpanOut]
    total: int
    met_on: date | None


@router.post("/person", response={201: PersonOut}, openapi_extra=policy("own account", limits=["linking"]))
def register_own_person(request: HttpRequest, payload: PersonIn) -> Status[PersonOut]:
    """Say who one is. The papers are checked at the counter."""
    with transaction.atomic():
        account = Account.objects.get(pk=own_account(request))
        person = _register(payload, account, request)
    return Status(201, _person_out(person))


@router.get("/person", response=PersonOut, openapi_extra=policy("own person"))
def read_own_person(request: HttpRequest) -> PersonOut:
    """What is registered of oneself."""
    person = own_person(request)
    record_read("people.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    return _person_out(person)


@router.post("/wards", response={201: PersonOut}, openapi_extra=policy("own person", limits=["linking"]))
def register_ward(request: HttpRequest, payload: WardIn) -> Status[PersonOut]:
    """Register somebody one acts for: a child as guardian, a relative where the place's law allows it (D3)."""
    acting = own_person(request)
    with transaction.atomic():
        ward = _register(payload, None, request)
        appoint_representative(
            representative=acting,
            represented=ward,
            relation=payload.relation,
            confirmed_by=None,
            by=by(request),
            law=_law_of(ward, settings.YZT_REGION),
            on=today(),
        )
    return Status(201, _person_out(ward))


@router.get("/wards", response=list[PersonOut], openapi_extra=policy("own person"))
def list_wards(request: HttpRequest) -> list[PersonOut]:
    """Whom one may act for today."""
    wards = wards_of(own_person(request), today())
    for ward in wards:
        record_read("people.read", by=by(request), on=("person", ward.pk), person_id=ward.pk, purpose="acting for")
    return [_person_out(ward) for ward in wards]


@router.post("/stays", response={201: StayOut}, openapi_extra=policy("own person or ward"))
def declare_own_stay(
    request: HttpRequest, payload: StayDeclarationIn, person_id: str | None = Query(None)
) -> Status[StayOut]:
    """Declare where one lives or lived. A mainland person who moved here from elsewhere gets a voucher at once."""
    declared = declare_stay(
        person=person_acted_for(request, person_id),
        region=payload.region,
        address=payload.address,
        start=payload.start,
        until=payload.until,
        reported_by="self",
        declared_on=today(),
        workplace=payload.workplace,
        by=by(request),
    )
    return Status(201, declared_out(declared))


@router.get("/stays", response=list[StayOut], openapi_extra=policy("own person or ward"))
def list_own_stays(request: HttpRequest, person_id: str | None = Query(None)) -> list[StayOut]:
    """Every registered stay with its source."""
    person = person_acted_for(request, person_id)
    return [_stay_out(stay) for stay in registrations_of(person, by(request), "own data")]


@router.get("/residence", response=TimelineOut, openapi_extra=policy("own person or ward"))
def read_timeline(
    request: HttpRequest, place: str = Query(pattern=r"^\d{6}$"), person_id: str | None = Query(None)
) -> TimelineOut:
    """What one's stays add up to at a place: the days that count, those that do not, and the day it will be enough."""
    person = person_acted_for(request, person_id)
    law = _law_of(person, place)
    line = timeline_of(
        person,
        law.value("residence.requirement"),
        place,
        today(),
        by(request),
        "own data",
        gap_tolerance_days=value_of(law, "residence.gap_tolerance_days") or 0,
        from_declaration=value_of(law, "residence.counts_from") == "declaration",
        districts_are_one=bool(value_of(law, "residence.districts_are_one")),
    )
    return TimelineOut(
        counted=[SpanOut(start=span.start, until=span.until, days=span.days) for span in line.counted],
        uncounted=[
            SpanOut(start=span.start, until=span.until, days=span.days, reason_code=span.reason_code)
            for span in line.uncounted
        ],
        total=line.total,
        met_on=line.met_on,
    )


@router.post("/stays/{stay_id}/end", response=StayOut, openapi_extra=policy("own person or ward", versioned=True))
def end_own_stay(request: HttpRequest, response: HttpResponse, stay_id: str, payload: StayEndIn) -> StayOut:
    """Say that one moved out."""
    stay = end_stay(
        registration=own_stay(request, stay_id), until=payload.until, by=by(request), version=version_read(request)
    )
    set_version(response, stay.version)
    return _stay_out(stay)


@router.post(
    "/stays/{stay_id}/correction", response={201: StayOut}, openapi_extra=policy("own person or ward", versioned=True)
)
def correct_own_stay(
    request: HttpRequest, response: HttpResponse, stay_id: str, payload: StayCorrectionIn
) -> Status[StayOut]:
    """Correct a stay; what stood before stays on file."""
    old = own_stay(request, stay_id)
    declared = correct_stay(
        registration=old,
        region=payload.region,
        address=payload.address,
        start=payload.start,
        until=payload.until,
        reported_by=old.reported_by,
        reason=payload.reason,
        on=today(),
        by=by(request),
        version=version_read(request),
    )
    return Status(201, declared_out(declared))


def person_acted_for(request: HttpRequest, person_id: str | None) -> Person:
    """Return oneself, or the person named if one may act for them today. Raises NotFound."""
    acting = own_person(request)
    if person_id is None:
        return acting
    person = Person.objects.filter(pk=parse_public_id("per", person_id)).first()
    if person is None or not may_act_for(acting, person, today()):
        raise NotFound("not_found")
    return person


def _register(payload: PersonIn, account: Account | None, request: HttpRequest) -> Person:
    person = register_person(
        name=payload.name,
        latin_name=payload.latin_name,
        birth_date=payload.birth_date,
        sex=payload.sex,
        region=payload.region,
        household=Household(**payload.household.model_dump()) if payload.household else None,
        account=account,
        by=by(request),
    )
    kind, number, valid_until = _document(payload)
    add_number(person=person, kind=kind, number=number, valid_until=valid_until, by=by(request))
    return person


def _document(payload: PersonIn) -> tuple[str, str, date | None]:
    """Return the one document a person is registered with: mainland persons an identity card, others a travel one."""
    card, travel = payload.identity_card, payload.travel_document
    if payload.region == MAINLAND:
        if card is None or travel is not None:
            raise _document_wrong("identity_card" if card is None else "travel_document")
        return DocumentKind.RESIDENT_ID, card.number, card.valid_until
    if travel is None or card is not None:
        raise _document_wrong("travel_document" if travel is None else "identity_card")
    return travel.kind, travel.number, travel.valid_until


def _document_wrong(field: str) -> Invalid:
    return Invalid("people.person_invalid", errors=[FieldError(field, "people.document_of_other_region")])


def _law_of(person: Person, place: str) -> Law:
    """Return the law of a place for a person: that of the floating population, or that of HMT residents (D14)."""
    return law_for("floating" if person.region == MAINLAND else "hmt", place, today())


def own_stay(request: HttpRequest, stay_id: str) -> Registration:
    key: UUID = parse_public_id("sty", stay_id)
    stay = Registration.objects.select_related("person").filter(pk=key).first()
    if stay is None or not may_act_for(own_person(request), stay.person, today()):
        raise NotFound("not_found")
    return stay


def declared_out(declared: Declared) -> StayOut:
    return _stay_out(declared.registration, [str(warning) for warning in declared.warnings])


def _stay_out(stay: Registration, warnings: list[str] | None = None) -> StayOut:
    return StayOut(
        id=public_id("sty", stay.pk),
        region=stay.region,
        address=stay.address,
        start=stay.start,
        until=stay.until,
        reported_by=stay.reported_by,
        declared_on=stay.declared_on,
        due_on=stay.due_on,
        is_late=stay.is_late,
        workplace=stay.workplace or "",
        voucher_number=stay.voucher_number,
        version=stay.version,
        warnings=warnings or [],
    )


def _person_out(person: Person) -> PersonOut:
    return PersonOut(
        id=public_id("per", person.pk),
        name=person.name,
        latin_name=person.latin_name,
        birth_date=person.birth_date,
        sex=person.sex,
        region=person.region,
        hukou_region=person.hukou_region,
        hukou_address=person.hukou_address or "",
        nation=person.nation or "",
        version=person.version,
        numbers=[
            NumberOut(
                kind=number.kind, number=number.number, valid_until=number.valid_until, is_current=number.is_current
            )
            for number in person.numbers.all()
        ],
    )
