"""One's permits: state, endorsement, what happens next, loss, the chip's bank account."""

from datetime import date

from django.http import HttpRequest
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.permits import services
from yizhengtong.permitting.permits.banking import record_bank_account
from yizhengtong.permitting.permits.cards import card_data_groups
from yizhengtong.permitting.permits.kinds import ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import endorsement_of, law_of_permit, next_of
from yizhengtong.permitting.permits.rules import Happening
from yizhengtong.registry.people.queries import may_act_for
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.out import permit_out
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import PermitOut, SourceOut
from yizhengtong.sites.api.words import reader_language

router = Router()


class HappeningOut(BaseModel):
    """One thing that will happen, or can be done, and when."""

    code: str
    on: date
    words: str
    source: SourceOut | None


class EndorsementOut(BaseModel):
    """When the permit is to be endorsed. All days are inclusive."""

    endorsed_until: date
    window_from: date
    window_until: date
    is_open: bool
    days_until_open: int = Field(description="0 once the window is open.")
    days_left: int = Field(description="Until the last day; below 0 when it has passed.")
    years_of_residence: int | None


class OwnPermitOut(PermitOut):
    """A permit as its holder sees it, with what happens next."""

    state_words: str
    is_electronic: bool
    endorsement: EndorsementOut | None
    next: list[HappeningOut]


class BankAccountIn(In):
    """An account for the chip of one's permit."""

    bank: str = Field(min_length=2, max_length=80, examples=["中国邮政储蓄银行"])
    number: str = Field(min_length=8, max_length=40)


class CardDataOut(BaseModel):
    """What the chip is to hold, in its groups. The bank's stays empty without its own consent."""

    identity: dict[str, str]
    service: dict[str, str]
    bank_account: dict[str, str]
    front: list[str]
    back: dict[str, str]


@router.get("", response=list[OwnPermitOut], openapi_extra=policy("own person or ward"))
def list_own(request: HttpRequest, person_id: str | None = Query(None)) -> list[OwnPermitOut]:
    """Every permit one has had, the newest first."""
    person = person_acted_for(request, person_id)
    record_read("permits.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    language = reader_language(request)
    return [_own_out(permit, today(), language) for permit in person.permits.order_by("-issued_at")[:PAGE_LIMIT]]


@router.post("/{permit_id}/loss", response=PermitOut, openapi_extra=policy("own person or ward"))
def report_loss(request: HttpRequest, permit_id: str) -> PermitOut:
    """Report the card lost: from now on it proves nothing, and a new one can be applied for."""
    return permit_out(services.report_loss(permit_id=_own(request, permit_id).pk, by=by(request)), today())


@router.post("/{permit_id}/recovery", response=PermitOut, openapi_extra=policy("own person or ward"))
def report_found(request: HttpRequest, permit_id: str) -> PermitOut:
    """Report a lost card found, if no new one was issued meanwhile."""
    return permit_out(services.report_found(permit_id=_own(request, permit_id).pk, by=by(request)), today())


@router.get("/{permit_id}/card-data", response=CardDataOut, openapi_extra=policy("own person or ward"))
def read_card_data(request: HttpRequest, permit_id: str) -> CardDataOut:
    """See what the chip of one's permit is to hold (S3-13…16)."""
    permit = _own(request, permit_id)
    record_read(
        "permits.read_card_data", by=by(request), on=("permit", permit.pk), person_id=permit.person_id,
        purpose="own data",
    )  # fmt: skip
    return _card_data(permit)


@router.post("/{permit_id}/bank-account", response=CardDataOut, openapi_extra=policy("own person or ward"))
def set_bank_account(request: HttpRequest, permit_id: str, payload: BankAccountIn) -> CardDataOut:
    """Give an account for the chip, once the consent `bank_card` is there. Taking it back deletes the account."""
    permit = _own(request, permit_id)
    record_bank_account(
        permit_id=permit.pk, bank=payload.bank, number=payload.number, acting=own_person(request), on=today(),
        by=by(request),
    )  # fmt: skip
    return _card_data(permit)


def _card_data(permit: Permit) -> CardDataOut:
    data = card_data_groups(permit, law_of_permit(permit, today()))
    return CardDataOut(
        identity=dict(data.identity), service=dict(data.service), bank_account=dict(data.bank_account),
        front=list(data.front), back=dict(data.back),
    )  # fmt: skip


def _own_out(permit: Permit, on: date, language: str) -> OwnPermitOut:
    return OwnPermitOut(
        **permit_out(permit, on).model_dump(include=set(PermitOut.model_fields)),
        state_words=say(f"permits.state_{permit.state}", language),
        is_electronic=permit.delivery == ELECTRONIC,
        endorsement=_endorsement(permit, on),
        next=[_happening(each, language) for each in next_of(permit, on)],
    )


def _endorsement(permit: Permit, on: date) -> EndorsementOut | None:
    found = endorsement_of(permit, on)
    return None if found is None else EndorsementOut.model_validate(found, from_attributes=True)


def _happening(each: Happening, language: str) -> HappeningOut:
    source = each.source
    return HappeningOut(
        code=each.code,
        on=each.on,
        words=say(each.code, language, each.facts),
        source=SourceOut(text=source.text, article=source.article, words=source.words) if source else None,
    )


def _own(request: HttpRequest, permit_id: str) -> Permit:
    permit = Permit.objects.select_related("person").filter(pk=parse_public_id("pmt", permit_id)).first()
    if permit is None or not may_act_for(own_person(request), permit.person, today()):
        raise NotFound("not_found")
    return permit
