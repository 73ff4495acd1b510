"""Doubts about checks (“this was not me”) as heads of office answer them."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.holders.bounds import LONGEST_WORDS
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.queries import ticket_for, tickets_waiting
from yizhengtong.verification.holders.tickets import answer_ticket, hand_up
from yizhengtong.verification.holders.wording import worded_doubt
from yizhengtong.verification.relying_parties.bounds import LONGEST_REASON

router = Router()
HEAD = policy("supervisor of the area")
HEAD_VERSIONED = policy("supervisor of the area", versioned=True)


class TicketRowOut(BaseModel):
    """A doubt in a head's list. What was written is opened with it."""

    id: str
    checked_at: datetime
    relying_party: str
    way: str
    purpose: str
    outcome: str
    filed_at: datetime
    due_on: date
    is_late: bool
    is_handed_up: bool = Field(description="To the top office, which alone can suspend a relying party.")
    state: str


class StaffTicketOut(TicketRowOut):
    """A doubt with what was written and answered."""

    claims: list[str]
    words: str
    answer: str
    answered_at: datetime | None
    has_suspended: bool
    version: int


class TicketAnswerIn(In):
    """What was found, in words the holder reads. `suspend`: let the relying party in no more (top office, wrong).

    `reason`: why it is suspended, in words that it reads; needed with `suspend`.
    """

    outcome: Literal["explained", "wrong"]
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)
    suspend: bool = False
    reason: str = Field("", max_length=LONGEST_REASON)


@router.get("", response=list[TicketRowOut], openapi_extra=HEAD)
def list_waiting(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[TicketRowOut]:
    """Doubts of the area that wait for an answer, the oldest first."""
    key = parse_public_id("ctk", after) if after is not None else None
    language = reader_language(request)
    return [_row_out(each, language) for each in tickets_waiting(by=by(request), after=key, limit=PAGE_LIMIT)]


@router.get("/{ticket_id}", response=StaffTicketOut, openapi_extra=HEAD)
def read_ticket(request: HttpRequest, response: HttpResponse, ticket_id: str) -> StaffTicketOut:
    """A doubt with what was written; the read is recorded."""
    ticket = ticket_for(ticket_id=parse_public_id("ctk", ticket_id), by=by(request))
    return _ticket_out(ticket, request, response)


@router.post("/{ticket_id}/answer", response=StaffTicketOut, openapi_extra=HEAD_VERSIONED)
def answer(request: HttpRequest, response: HttpResponse, ticket_id: str, payload: TicketAnswerIn) -> StaffTicketOut:
    """Explain a check, or say that it was wrong; the top office may suspend the relying party with it."""
    ticket = answer_ticket(
        ticket_id=parse_public_id("ctk", ticket_id), was_wrong=payload.outcome == "wrong", words=payload.words,
        version=version_read(request), suspends=payload.suspend, reason=payload.reason,
        by=by(request),
    )  # fmt: skip
    return _ticket_out(ticket, request, response)


@router.post("/{ticket_id}/hand-up", response=StaffTicketOut, openapi_extra=HEAD_VERSIONED)
def pass_on(request: HttpRequest, response: HttpResponse, ticket_id: str) -> StaffTicketOut:
    """Hand it to the top office, such as where a key may have leaked. The day stays."""
    ticket = hand_up(
        ticket_id=parse_public_id("ctk", ticket_id), version=version_read(request), by=by(request)
    )  # fmt: skip
    return _ticket_out(ticket, request, response)


def _row_out(ticket: Ticket, language: str) -> TicketRowOut:
    return TicketRowOut(
        id=public_id("ctk", ticket.pk), checked_at=ticket.checked_at,
        relying_party=worded_doubt(ticket, language).party, way=ticket.way, purpose=ticket.purpose,
        outcome=ticket.outcome, filed_at=ticket.filed_at, due_on=ticket.due_on,
        is_late=ticket.state == Ticket.State.OPEN and today() > ticket.due_on, is_handed_up=ticket.is_handed_up,
        state=ticket.state,
    )  # fmt: skip


def _ticket_out(ticket: Ticket, request: HttpRequest, response: HttpResponse) -> StaffTicketOut:
    set_version(response, ticket.version)
    return StaffTicketOut(
        **_row_out(ticket, reader_language(request)).model_dump(), claims=ticket.claims, words=ticket.words,
        answer=ticket.answer, answered_at=ticket.answered_at, has_suspended=ticket.has_suspended,
        version=ticket.version,
    )  # fmt: skip
