"""Checks of one's permit: all of them, tickets about them, alerts, relying parties that are shut out."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT, decode_moment, encode_cursor
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.registry.consents.given import given_by
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.checks.blocks import block, blocks_of, unblock
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.holders.alerts import choose_alerts
from yizhengtong.verification.holders.bounds import LONGEST_WORDS
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.queries import Wanted, alerts_of, check_by_id, checks_of, tickets_of
from yizhengtong.verification.holders.tickets import doubt_check
from yizhengtong.verification.holders.wording import worded_check, worded_doubt
from yizhengtong.verification.relying_parties.authenticating import PARTY

router = Router()
OWN = policy("own person or ward")
WayIn = Literal[
    "match", "share_code", "phone_code", "paper_code", "openid", "presentation", "bulk", "same_person"
]  # fmt: skip


class CheckOut(BaseModel):
    """One check: who, when, how, for what, which items by name, how it ended. No values are kept."""

    id: str
    at: datetime
    relying_party_id: str | None = Field(description="None: whoever checked is not registered.")
    relying_party: str
    way: str
    way_words: str
    purpose: str
    purpose_words: str
    claims: list[str]
    claims_words: list[str]
    outcome: str = Field(description="match, no_match, told or refused: not agreed to, or shut out")
    outcome_words: str


class ChecksOut(BaseModel):
    """A page of checks, the newest first; `next` reads on."""

    items: list[CheckOut]
    next: str | None


class DoubtIn(In):
    """Why this was not oneself."""

    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class TicketOut(BaseModel):
    """A doubt about a check, the day by which it is answered, and the answer once there is one."""

    id: str
    check_id: str
    checked_at: datetime
    relying_party: str
    purpose_words: str
    words: str
    filed_at: datetime
    due_on: date
    state: str
    state_words: str
    answer: str
    has_suspended: bool = Field(description="Whether the relying party was suspended because of it.")


class AlertsIn(In):
    """Of which checks one is told: each, those that failed, none."""

    about: Literal["each", "failed", "none"]


class AlertsOut(BaseModel):
    about: str


class BlockOut(BaseModel):
    """A relying party that is shut out: it is answered as for a number nobody has."""

    relying_party_id: str
    relying_party: str
    at: datetime


class GivenOut(BaseModel):
    """One thing that one lets happen now: a code shared, a sign-in remembered. It is ended at `address`."""

    words: str
    relying_party: str
    purpose_words: str
    since: datetime
    until: datetime | None
    address: str


@router.get("", response=ChecksOut, openapi_extra=OWN)
def list_checks(
    request: HttpRequest,
    person_id: str | None = Query(None),
    way: WayIn | None = Query(None),
    outcome: Literal["match", "no_match", "told", "refused"] | None = Query(None),
    purpose: str | None = Query(None, max_length=24, pattern="^[a-z_]*$"),
    relying_party_id: str | None = Query(None, max_length=40),
    cursor: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=PAGE_LIMIT),
) -> ChecksOut:
    """Every check of one's permit, the newest first."""
    person = person_acted_for(request, person_id)
    position = decode_moment(cursor) if cursor else None
    party = parse_public_id(PARTY, relying_party_id) if relying_party_id else None
    wanted = Wanted(way=way or "", outcome=outcome or "", purpose=purpose or "", party_id=party)
    _record(request, "privacy.read_history", person)
    found = checks_of(person=person, wanted=wanted, before=position, limit=limit + 1)
    shown, language = found[:limit], reader_language(request)
    following = encode_cursor([shown[-1].at.isoformat(), str(shown[-1].pk)]) if len(found) > limit else None
    return ChecksOut(items=[_check_out(each, language) for each in shown], next=following)


@router.post("/{check_id}/ticket", response={201: TicketOut},
             openapi_extra=policy("own person or ward", limits=["objections"]))  # fmt: skip
def doubt(request: HttpRequest, check_id: str, payload: DoubtIn) -> Status[TicketOut]:
    """Say of a check that it was not oneself: an office answers by a day that is named."""
    key = parse_public_id("chk", check_id)
    whose = check_by_id(key).person_id
    person = Person.objects.filter(pk=whose).first() if whose else None
    if person is None:
        raise NotFound("not_found")
    ticket = doubt_check(
        check_id=key, person=person, acting=own_person(request), words=payload.words,
        law=law_in_force(settings.YZT_REGION, "privacy", today()), on=today(), by=by(request),
    )  # fmt: skip
    return Status(201, _ticket_out(ticket, reader_language(request)))


@router.get("/tickets", response=list[TicketOut], openapi_extra=OWN)
def list_tickets(request: HttpRequest, person_id: str | None = Query(None)) -> list[TicketOut]:
    """One's doubts about checks, the newest first, with their answers."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_requests", person)
    language = reader_language(request)
    return [_ticket_out(each, language) for each in tickets_of(person)[:PAGE_LIMIT]]


@router.get("/alerts", response=AlertsOut, openapi_extra=OWN)
def read_alerts(request: HttpRequest, person_id: str | None = Query(None)) -> AlertsOut:
    """Of which checks one is told; where and when, the messages' preferences say."""
    person = person_acted_for(request, person_id)
    _record(request, "notifications.read", person)
    return AlertsOut(about=alerts_of(person.pk))


@router.put("/alerts", response=AlertsOut, openapi_extra=OWN)
def choose(request: HttpRequest, payload: AlertsIn, person_id: str | None = Query(None)) -> AlertsOut:
    """Choose of which checks one is told."""
    person = person_acted_for(request, person_id)
    return AlertsOut(about=choose_alerts(person=person, about=payload.about, by=by(request)).about)


@router.get("/blocks", response=list[BlockOut], openapi_extra=OWN)
def list_blocks(request: HttpRequest, person_id: str | None = Query(None)) -> list[BlockOut]:
    """Whom one has shut out."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_consents", person)
    return _blocks_out(person)


@router.put("/blocks/{party_id}", response=list[BlockOut], openapi_extra=OWN)
def shut_out(request: HttpRequest, party_id: str, person_id: str | None = Query(None)) -> list[BlockOut]:
    """Shut a relying party out. It is not told."""
    person = person_acted_for(request, person_id)
    block(person=person, party_id=_party(party_id), by=by(request))
    return _blocks_out(person)


@router.delete("/blocks/{party_id}", response={204: None}, openapi_extra=OWN)
def let_in(request: HttpRequest, party_id: str, person_id: str | None = Query(None)) -> Status[None]:
    """Let a relying party in again."""
    unblock(person=person_acted_for(request, person_id), party_id=_party(party_id), by=by(request))
    return Status(204, None)


@router.get("/given", response=list[GivenOut], openapi_extra=OWN)
def list_given(request: HttpRequest, person_id: str | None = Query(None)) -> list[GivenOut]:
    """What one lets happen now besides the uses at `/api/resident/my/consents`, the newest first."""
    person = person_acted_for(request, person_id)
    _record(request, "privacy.read_consents", person)
    language = reader_language(request)
    return [
        GivenOut(
            words=say(each.words, language, each.facts), relying_party=each.party,
            purpose_words=say(each.purpose, language) if each.purpose else "", since=each.since, until=each.until,
            address=each.address,
        )
        for each in given_by(person.pk)
    ]  # fmt: skip


def _record(request: HttpRequest, action: str, person: Person) -> None:
    record_read(action, by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")


def _party(party_id: str) -> UUID:
    return parse_public_id(PARTY, party_id)


def _blocks_out(person: Person) -> list[BlockOut]:
    return [
        BlockOut(
            relying_party_id=public_id(PARTY, each.relying_party_id), relying_party=each.relying_party.name, at=each.at
        )
        for each in blocks_of(person)
    ]


def _check_out(check: Check, language: str) -> CheckOut:
    worded = worded_check(check, language)
    return CheckOut(
        id=worded.id, at=worded.at, relying_party_id=worded.party_id, relying_party=worded.party, way=check.way,
        way_words=worded.way, purpose=check.purpose, purpose_words=worded.purpose, claims=list(check.claims or ()),
        claims_words=list(worded.claims), outcome=worded.outcome, outcome_words=worded.outcome_words,
    )  # fmt: skip


def _ticket_out(ticket: Ticket, language: str) -> TicketOut:
    worded = worded_doubt(ticket, language)
    return TicketOut(
        id=public_id("ctk", ticket.pk), check_id=worded.id, checked_at=worded.at, relying_party=worded.party,
        purpose_words=worded.purpose, words=ticket.words, filed_at=ticket.filed_at, due_on=ticket.due_on,
        state=ticket.state, state_words=say(f"holders.state_{ticket.state}", language), answer=ticket.answer,
        has_suspended=ticket.has_suspended,
    )  # fmt: skip
