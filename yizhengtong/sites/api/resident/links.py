"""One's two numbers: linked, unlinked, doubted."""

from datetime import date, datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import LONGEST
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.api.framework import In, by, own_person, policy, today
from yizhengtong.sites.api.resident.people import TravelKind, person_acted_for
from yizhengtong.sites.api.words import reader_language
from yizhengtong.verification.checks.travel.proving import register_here
from yizhengtong.verification.links.bounds import LONGEST_WORDS
from yizhengtong.verification.links.models import Link, Ticket
from yizhengtong.verification.links.queries import in_question, links_of, tickets_of
from yizhengtong.verification.links.services import link_online, unlink
from yizhengtong.verification.links.tickets import say_wrong

router = Router()
OWN = policy("own person or ward")


class LinkIn(In):
    """The travel permit, as it is printed on it, and the consent to `link_numbers` where none was given yet."""

    kind: TravelKind
    number: str = Field(max_length=LONGEST, description="With or without the issue count at its end.")
    agreed: bool = False
    separate: list[Literal["provision", "sensitive"]] = Field(
        default_factory=list, max_length=2, description="The separate consents that one agrees to (art. 23)."
    )


class LinkDoubtIn(In):
    """Why the link is wrong."""

    words: str = Field(min_length=1, max_length=LONGEST_WORDS)


class LinkOut(BaseModel):
    """A link, without the numbers. `in_question`: it is told to nobody until an open question is decided."""

    id: str
    kind: str
    state: str
    in_question: bool
    proof: str
    proof_words: str
    linked_at: datetime
    ended_at: datetime | None
    end_reason: str


class LinkTicketOut(BaseModel):
    """A question about a link: by when it is decided, and what came of it."""

    id: str
    kind: str
    kind_words: str
    state: str
    opened_on: date
    due_on: date
    words: str
    decision: str
    remedy: str
    answer: str


class LinksOut(BaseModel):
    """How one's two numbers stand, and how they stood: the newest first."""

    links: list[LinkOut]
    questions: list[LinkTicketOut]


@router.get("", response=LinksOut, openapi_extra=OWN)
def read_links(request: HttpRequest, person_id: str | None = Query(None)) -> LinksOut:
    """How one's two numbers stand, what was before, and what was asked about them."""
    return _links_out(request, person_acted_for(request, person_id))


@router.post("", response={201: LinksOut}, openapi_extra=policy("own person or ward", limits=["linking"]))
def link(request: HttpRequest, payload: LinkIn, person_id: str | None = Query(None)) -> Status[LinksOut]:
    """Link the travel permit whose number is printed on one's residence permit, or that the register confirms.

    Where another person has the number, too, nothing is linked and a question is opened. A number that is somebody
    else's and one that is nobody's are refused alike.
    """
    person = person_acted_for(request, person_id)
    link_online(
        person=person, acting=own_person(request), kind=payload.kind, number=payload.number, agreed=payload.agreed,
        apart=payload.separate, register=register_here(today()), on=today(), by=by(request),
    )  # fmt: skip
    return Status(201, _links_out(request, person))


@router.post("/end", response={201: LinksOut}, openapi_extra=OWN)
def end(request: HttpRequest, person_id: str | None = Query(None)) -> Status[LinksOut]:
    """Unlink. It takes effect at once, and nobody is asked why."""
    person = person_acted_for(request, person_id)
    unlink(person=person, acting=own_person(request), on=today(), by=by(request))
    return Status(201, _links_out(request, person))


@router.post(
    "/questions", response={201: LinksOut}, openapi_extra=policy("own person or ward", limits=["objections"])
)  # fmt: skip
def doubt(request: HttpRequest, payload: LinkDoubtIn, person_id: str | None = Query(None)) -> Status[LinksOut]:
    """Say that the link is wrong: it is told to nobody until a head of office has decided, by a day that is named."""
    person = person_acted_for(request, person_id)
    say_wrong(person=person, acting=own_person(request), words=payload.words, on=today(), by=by(request))
    return Status(201, _links_out(request, person))


def _links_out(request: HttpRequest, person: Person) -> LinksOut:
    record_read("links.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
    language = reader_language(request)
    return LinksOut(
        links=[_link_out(each, language) for each in links_of(person)],
        questions=[_ticket_out(each, language) for each in tickets_of(person)],
    )


def _link_out(link: Link, language: str) -> LinkOut:
    return LinkOut(
        id=public_id("lnk", link.pk), kind=link.travel_kind, state=link.state, proof=link.proof,
        in_question=link.state == Link.State.LINKED and in_question(link.travel_kind, link.travel_index),
        proof_words=say(f"links.proof_{link.proof}", language), linked_at=link.linked_at, ended_at=link.ended_at,
        end_reason=link.end_reason,
    )  # fmt: skip


def _ticket_out(ticket: Ticket, language: str) -> LinkTicketOut:
    return LinkTicketOut(
        id=public_id("lkt", ticket.pk), kind=ticket.kind, kind_words=say(f"links.kind_{ticket.kind}", language),
        state=ticket.state, opened_on=ticket.opened_on, due_on=ticket.due_on, words=ticket.words,
        decision=ticket.decision, remedy=ticket.remedy, answer=ticket.answer,
    )  # fmt: skip
