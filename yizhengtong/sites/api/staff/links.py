"""Two numbers of one person as officers link them at the window, and as heads decide questions about them."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import set_version, version_read
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.kernel.numbers import LONGEST, DocumentKind
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.verification.links.bounds import LONGEST_WORDS
from yizhengtong.verification.links.deciding import decide_ticket
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.queries import ticket_for_head, tickets_for_head
from yizhengtong.verification.links.rules import decisions_on
from yizhengtong.verification.links.services import link_at_window, unlink_at_window
from yizhengtong.verification.links.tickets import report_wrong

router = Router()
TravelKind = Literal[
    DocumentKind.HRP, DocumentKind.HRP_NON_CHINESE, DocumentKind.MTP_TAIWAN_FIVE_YEAR, DocumentKind.MTP_TAIWAN_ONE_TIME
]


class WindowLinkIn(In):
    """What the officer has in hand: the travel permit beside the residence permit, and the signed consent."""

    kind: TravelKind
    number: str = Field(max_length=LONGEST)
    saw_originals: bool = Field(description="The officer has both originals in hand and knows their bearer by them.")
    consent_signed: bool = Field(description="The holder has signed the consent to the link.")


class LinkReportIn(In):
    """What an officer found wrong about a link."""

    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class LinkDecisionIn(In):
    """What was found and decided, in words the holder reads."""

    decision: Literal["stands", "wrong", "claimant", "other", "neither"]
    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class WindowLinkOut(BaseModel):
    """The link that was made or ended, or the question that was opened since another person has the number, too."""

    link_id: str | None
    question_id: str | None


class QuestionRowOut(BaseModel):
    """A question in a head's list. What was written is opened with it."""

    id: str
    kind: str
    by_officer: bool
    opened_at: datetime
    due_on: date
    is_late: bool


class QuestionOut(QuestionRowOut):
    """A question with what was written, the living link it is about, and how it can be decided."""

    person_id: str
    words: str
    number: str = Field(description="Of a collision: what the claimant showed.")
    proof: str = Field(description="Of a collision: the claimant's proof.")
    link_proof: str
    linked_at: datetime | None
    decisions: list[str]
    state: str
    decision: str
    remedy: str
    answer: str


@router.post(
    "/permits/{permit_id}/link", response={201: WindowLinkOut}, openapi_extra=policy("clerk of the area")
)  # fmt: skip
def link(request: HttpRequest, permit_id: str, payload: WindowLinkIn) -> Status[WindowLinkOut]:
    """Link the numbers of both originals that the officer has in hand."""
    claim = link_at_window(
        permit_id=parse_public_id("pmt", permit_id), kind=payload.kind, number=payload.number,
        saw_originals=payload.saw_originals, consent_signed=payload.consent_signed, on=today(), by=by(request),
    )  # fmt: skip
    return Status(
        201,
        WindowLinkOut(
            link_id=public_id("lnk", claim.link.pk) if claim.link else None,
            question_id=public_id("lkt", claim.ticket.pk) if claim.ticket else None,
        ),
    )


@router.post("/permits/{permit_id}/link/end", response={201: WindowLinkOut}, openapi_extra=policy("clerk of the area"))
def end(request: HttpRequest, permit_id: str) -> Status[WindowLinkOut]:
    """Unlink for the holder who stands at the window and asks for it."""
    link = unlink_at_window(permit_id=parse_public_id("pmt", permit_id), on=today(), by=by(request))
    return Status(201, WindowLinkOut(link_id=public_id("lnk", link.pk), question_id=None))


@router.post(
    "/permits/{permit_id}/link/questions", response={201: QuestionRowOut},
    openapi_extra=policy("officer of the area who handles cases"),
)  # fmt: skip
def report(request: HttpRequest, permit_id: str, payload: LinkReportIn) -> Status[QuestionRowOut]:
    """Say that the link of a permit's holder is wrong; it is told to nobody until a head has decided."""
    ticket = report_wrong(
        permit_id=parse_public_id("pmt", permit_id), words=payload.words, on=today(), by=by(request)
    )  # fmt: skip
    return Status(201, _row_out(ticket))


@router.get("/link-questions", response=list[QuestionRowOut], openapi_extra=policy("supervisor of the area"))
def list_waiting(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[QuestionRowOut]:
    """Questions that wait for a decision, the oldest first."""
    key = parse_public_id("lkt", after) if after is not None else None
    return [_row_out(each) for each in tickets_for_head(by=by(request), after=key, limit=PAGE_LIMIT)]


@router.get("/link-questions/{question_id}", response=QuestionOut, openapi_extra=policy("supervisor of the area"))
def read(request: HttpRequest, response: HttpResponse, question_id: str) -> QuestionOut:
    """A question with what was written; the read is recorded. Who asked or linked does not read it to decide."""
    ticket, found = ticket_for_head(ticket_id=parse_public_id("lkt", question_id), by=by(request), on=today())
    set_version(response, ticket.version)
    return _question_out(ticket, found)


@router.post(
    "/link-questions/{question_id}/decision", response=QuestionOut,
    openapi_extra=policy("supervisor of the area", versioned=True),
)  # fmt: skip
def decide(request: HttpRequest, response: HttpResponse, question_id: str, payload: LinkDecisionIn) -> QuestionOut:
    """Decide; the link is kept, ended or made for the claimant at once."""
    ticket = decide_ticket(
        ticket_id=parse_public_id("lkt", question_id), decision=payload.decision, words=payload.words,
        version=version_read(request), on=today(), by=by(request),
    )  # fmt: skip
    set_version(response, ticket.version)
    return _question_out(ticket, None)


def _row_out(ticket: Ticket) -> QuestionRowOut:
    return QuestionRowOut(
        id=public_id("lkt", ticket.pk), kind=ticket.kind, by_officer=ticket.by_officer, opened_at=ticket.opened_at,
        due_on=ticket.due_on, is_late=ticket.state == Ticket.State.OPEN and today() > ticket.due_on,
    )  # fmt: skip


def _question_out(ticket: Ticket, link: Link | None) -> QuestionOut:
    return QuestionOut(
        **_row_out(ticket).model_dump(), person_id=public_id("per", ticket.person_id), words=ticket.words,
        number=ticket.number, proof=ticket.proof, link_proof=link.proof if link else "",
        linked_at=link.linked_at if link else None, state=ticket.state, decision=ticket.decision,
        remedy=ticket.remedy, answer=ticket.answer,
        decisions=list(decisions_on(ticket.kind)) if ticket.state == Ticket.State.OPEN else [],
    )  # fmt: skip
