"""What officers do to a permit that was issued, and which of them are due."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_cursor, encode_cursor
from yizhengtong.kernel.errors import FieldError, Invalid, NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.permitting.permits.cards import card_data_groups
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.policies import ensure_may_read_card
from yizhengtong.permitting.permits.queries import due_permits, law_of_permit, place_of
from yizhengtong.permitting.permits.services import end_functions, void_permit
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.out import permit_out
from yizhengtong.sites.api.schemas import PermitOut
from yizhengtong.sites.api.words import reader_language

router = Router()


class VoidIn(In):
    """Why a permit is declared void: one of the grounds of the place's law."""

    ground: str = Field(max_length=24, examples=["false_proof"])


class EndFunctionsIn(In):
    """Why a permit's functions end: one of the grounds of the place's law."""

    ground: str = Field(max_length=32, examples=["local_household"])


class DuePermitOut(BaseModel):
    """A permit whose endorsed year ends soon. No name and no number: those are opened one by one."""

    id: str
    person_id: str
    kind: str
    region: str
    state: str
    state_words: str
    endorsed_until: date
    days_left: int


class DuePermitsOut(BaseModel):
    """A page, the nearest first."""

    permits: list[DuePermitOut]
    next_cursor: str | None


class ChipDataOut(BaseModel):
    """What the chip is to hold, in its groups, for whoever makes the card."""

    identity: dict[str, str]
    service: dict[str, str]
    bank_account: dict[str, str]
    front: list[str]
    back: dict[str, str]


@router.get("/due", response=DuePermitsOut, openapi_extra=policy("officer of the area"))
def list_due(
    request: HttpRequest, days: int = Query(30, ge=0, le=366), cursor: str | None = Query(None)
) -> DuePermitsOut:
    """List the permits of one's area that are to be endorsed within some days."""
    found = due_permits(by=by(request), on=today(), days=days, after=_position(cursor), limit=PAGE_LIMIT + 1)
    record_read(
        "permits.read_due", by=by(request), on=("office", by(request).office_id), person_id=None, purpose="casework"
    )
    page, language = found[:PAGE_LIMIT], reader_language(request)
    is_more = len(found) > PAGE_LIMIT
    return DuePermitsOut(
        permits=[_due_out(permit, today(), language) for permit in page],
        next_cursor=encode_cursor([str(page[-1].endorsed_until), str(page[-1].pk)]) if is_more else None,
    )


@router.get("/{permit_id}/card-data", response=ChipDataOut, openapi_extra=policy("clerk or approver of the area"))
def read_card_data(request: HttpRequest, permit_id: str) -> ChipDataOut:
    """Read what the chip of a permit is to hold (S3-13…16)."""
    permit = _permit(permit_id)
    ensure_may_read_card(permit, by(request))
    record_read(
        "permits.read_card_data", by=by(request), on=("permit", permit.pk), person_id=permit.person_id,
        purpose="making a card", fields=["card"],
    )  # fmt: skip
    data = card_data_groups(permit, law_of_permit(permit, today()))
    return ChipDataOut(
        identity=dict(data.identity), service=dict(data.service), bank_account=dict(data.bank_account),
        front=list(data.front), back=dict(data.back),
    )  # fmt: skip


@router.post("/{permit_id}/void", response=PermitOut, openapi_extra=policy("approver of the area"))
def declare_void(request: HttpRequest, permit_id: str, payload: VoidIn) -> PermitOut:
    """Declare a permit void (国办发〔2018〕81号（作废，条号未见）)."""
    permit = _permit(permit_id)
    allowed = _grounds(permit, "void.grounds")
    voided = void_permit(permit_id=permit.pk, ground=payload.ground, allowed=allowed, on=today(), by=by(request))
    return permit_out(voided, today())


@router.post("/{permit_id}/end-functions", response=PermitOut, openapi_extra=policy("approver of the area"))
def end_the_functions(request: HttpRequest, permit_id: str, payload: EndFunctionsIn) -> PermitOut:
    """End a permit's functions: no longer eligible, local household registration, death, other."""
    permit = _permit(permit_id)
    allowed = _grounds(permit, "functions.end_grounds")
    ended = end_functions(permit_id=permit.pk, ground=payload.ground, allowed=allowed, on=today(), by=by(request))
    return permit_out(ended, today())


def _permit(permit_id: str) -> Permit:
    permit = Permit.objects.filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None:
        raise NotFound("not_found")
    return permit


def _grounds(permit: Permit, key: str) -> tuple[str, ...]:
    """Return the grounds that the law of a permit names; none where it names none."""
    law = law_of_permit(permit, today())
    return tuple(law.value(key)) if key in law else ()


def _due_out(permit: Permit, on: date, language: str) -> DuePermitOut:
    last = permit.endorsed_until or on
    return DuePermitOut(
        id=public_id("pmt", permit.pk),
        person_id=public_id("per", permit.person_id),
        kind=permit.kind,
        region=place_of(permit),
        state=permit.state,
        state_words=say(f"permits.state_{permit.state}", language),
        endorsed_until=last,
        days_left=(last - on).days,
    )


def _position(cursor: str | None) -> tuple[date, UUID] | None:
    if cursor is None:
        return None
    day, key = decode_cursor(cursor, 2)
    try:
        return date.fromisoformat(day), UUID(key)
    except ValueError:
        raise Invalid("web.fields_wrong", errors=[FieldError("cursor", "web.cursor_wrong")]) from None
