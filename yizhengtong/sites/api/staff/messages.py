"""Messages as officers see them: what was told in a case, what did not go, the words, and telling of a breach."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.notifications.kinds import PLACEHOLDER_TYPES, Words, kinds, shipped
from yizhengtong.foundation.notifications.models import Delivery, Message, Template
from yizhengtong.foundation.notifications.queries import dead_letters, messages_about
from yizhengtong.foundation.notifications.services import send_again
from yizhengtong.foundation.notifications.templates import (
    Place,
    decide_words,
    ensure_may_edit,
    history_of,
    preview,
    propose_words,
    restore_words,
)
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.rights.messages.breaches import MOST_AT_ONCE, ask_to_tell
from yizhengtong.sites.api.framework import In, by, policy, today
from yizhengtong.sites.api.words import reader_language

router = Router()
EDITOR = policy("administrator of the top office")
Language = Literal["zh-Hans", "zh-Hant", "en"]
Channel = Literal["inbox", "sms", "email"]


class DeliveryOut(BaseModel):
    """One way that a message took out of the platform. Neither the address nor the words are shown."""

    id: str
    kind: str
    channel: str
    state: str
    state_words: str
    attempts: int
    why: str
    accepted_at: datetime | None
    settled_at: datetime | None
    expires_at: datetime


class ToldOut(BaseModel):
    """What the person was told in a case, and what became of it."""

    id: str
    kind: str
    is_due: bool
    at: datetime
    read_at: datetime | None
    deliveries: list[DeliveryOut]


class PlaceholderOut(BaseModel):
    name: str
    type: str
    stands_in: list[str]


class WordsOut(BaseModel):
    """The words of a kind, channel and language: those in use, those of the release, those that wait."""

    kind: str
    channel: str
    language: str
    subject: str
    text: str
    shipped_subject: str
    shipped_text: str
    is_shipped: bool
    waits: str | None = Field(description="Id of the version that waits for a second administrator.")
    placeholders: list[PlaceholderOut]


class VersionOut(BaseModel):
    """One version of some words, as it was proposed and decided."""

    id: str
    kind: str
    channel: str
    language: str
    version: int
    subject: str
    text: str
    state: str
    is_shipped: bool
    proposed_at: datetime
    decided_at: datetime | None


class WordsIn(In):
    """Words for a kind, channel and language. Placeholders stand in braces."""

    kind: str = Field(max_length=32)
    channel: Channel
    language: Language
    subject: str = Field("", max_length=200)
    text: str = Field("", max_length=8000)


class WordsPlaceIn(In):
    kind: str = Field(max_length=32)
    channel: Channel
    language: Language


class WordsDecisionIn(In):
    approved: bool


class PreviewOut(BaseModel):
    """Words as somebody would read them, of nobody."""

    subject: str
    text: str


class PersonsToldIn(In):
    """The persons whom a breach concerns."""

    persons: list[str] = Field(min_length=1, max_length=MOST_AT_ONCE)


class PersonsToldOut(BaseModel):
    asked: int


@router.get("/cases/{case_id}/messages", response=list[ToldOut], openapi_extra=policy("officer of the area"))
def list_of_case(request: HttpRequest, case_id: str) -> list[ToldOut]:
    """What the person was told in a case and of its permit, and what became of it; the read is recorded."""
    case = case_for_officer(case_id=parse_public_id("cas", case_id), by=by(request), purpose="casework")
    objects = [case.pk, *([case.permit_id] if case.permit_id else [])]
    record_read(
        "notifications.read", by=by(request), on=("case", case.pk), person_id=case.person_id, purpose="casework"
    )
    language = reader_language(request)
    return [_told_out(each, language) for each in messages_about(objects)[:PAGE_LIMIT]]


@router.get("/messages/failed", response=list[DeliveryOut], openapi_extra=EDITOR)
def list_failed(request: HttpRequest, before: str | None = Query(None, max_length=40)) -> list[DeliveryOut]:
    """What did not go, or nobody knows whether: the newest first, a page from before an id on."""
    ensure_may_edit(by(request))
    found = dead_letters()
    if before is not None:
        found = found.filter(pk__lt=parse_public_id("dlv", before))
    record_read("notifications.read_failed", by=by(request), on=("delivery", None), person_id=None, purpose="operation")
    return [_delivery_out(each, reader_language(request)) for each in found[:PAGE_LIMIT]]


@router.post("/messages/failed/{delivery_id}/sending", response=DeliveryOut, openapi_extra=EDITOR)
def send_once_more(request: HttpRequest, delivery_id: str) -> DeliveryOut:
    """Send once more what did not go."""
    ensure_may_edit(by(request))
    sent = send_again(delivery_id=parse_public_id("dlv", delivery_id), by=by(request))
    return _delivery_out(sent, reader_language(request))


@router.get("/messages/words", response=list[WordsOut], openapi_extra=EDITOR)
def list_words(request: HttpRequest, kind: str = Query("", max_length=32)) -> list[WordsOut]:
    """All words that persons are sent, or those of one kind."""
    ensure_may_edit(by(request))
    waiting = {(each.kind, each.channel, each.language): each for each in Template.objects.filter(state="proposed")}
    used = {(each.kind, each.channel, each.language): each for each in Template.objects.filter(state="in_use")}
    return [_words_out(Place(*key), used.get(key), waiting.get(key)) for key in shipped() if kind in ("", key[0])]


@router.post("/messages/words/preview", response=PreviewOut, openapi_extra=EDITOR)
def preview_words(request: HttpRequest, payload: WordsIn) -> PreviewOut:
    """See words as somebody would read them, or everything that is wrong with them at once."""
    ensure_may_edit(by(request))
    seen = preview(_place(payload), Words(payload.subject, payload.text))
    return PreviewOut(subject=seen.subject, text=seen.text)


@router.post("/messages/words", response={201: VersionOut}, openapi_extra=EDITOR)
def propose(request: HttpRequest, payload: WordsIn) -> Status[VersionOut]:
    """Propose other words; a second administrator puts them in use."""
    made = propose_words(place=_place(payload), words=Words(payload.subject, payload.text), by=by(request))
    return Status(201, _version_out(made))


@router.get("/messages/words/history", response=list[VersionOut], openapi_extra=EDITOR)
def list_history(
    request: HttpRequest,
    kind: str = Query(max_length=32),
    channel: Channel = Query(),
    language: Language = Query(),
) -> list[VersionOut]:
    """Every version of some words, the newest first."""
    ensure_may_edit(by(request))
    return [_version_out(each) for each in history_of(Place(kind, channel, language))[:PAGE_LIMIT]]


@router.post("/messages/words/restoration", response=VersionOut, openapi_extra=EDITOR)
def restore(request: HttpRequest, payload: WordsPlaceIn) -> VersionOut:
    """Go back to the words of the release."""
    return _version_out(restore_words(place=_place(payload), by=by(request)))


@router.post("/messages/words/{version_id}/decision", response=VersionOut, openapi_extra=EDITOR)
def decide(request: HttpRequest, version_id: str, payload: WordsDecisionIn) -> VersionOut:
    """Put proposed words in use, or aside. Nobody approves words of their own."""
    key = parse_public_id("wrd", version_id)
    return _version_out(decide_words(template_id=key, approved=payload.approved, by=by(request)))


@router.post(
    "/breaches/{breach_id}/messages",
    response={202: PersonsToldOut},
    openapi_extra=policy("auditor or administrator of the top office"),
)
def tell_persons(request: HttpRequest, breach_id: str, payload: PersonsToldIn) -> Status[PersonsToldOut]:
    """Tell persons of a breach, with everything that art. 57 asks; who was told before is not told again."""
    asked = ask_to_tell(
        breach_id=parse_public_id("brc", breach_id),
        person_ids=[parse_public_id("per", each) for each in payload.persons],
        law=law_in_force(settings.YZT_REGION, "privacy", today()),
        by=by(request),
    )
    return Status(202, PersonsToldOut(asked=asked))


def _place(payload: WordsIn | WordsPlaceIn) -> Place:
    return Place(payload.kind, payload.channel, payload.language)


def _told_out(message: Message, language: str) -> ToldOut:
    return ToldOut(
        id=public_id("msg", message.pk),
        kind=message.kind,
        is_due=message.is_due,
        at=message.at,
        read_at=message.read_at,
        deliveries=[_delivery_out(each, language) for each in _in_order(message)],
    )


def _in_order(message: Message) -> Iterator[Delivery]:
    return iter(sorted(message.deliveries.all(), key=lambda delivery: delivery.channel))


def _delivery_out(delivery: Delivery, language: str) -> DeliveryOut:
    return DeliveryOut(
        id=public_id("dlv", delivery.pk),
        state_words=say(f"notifications.state_{delivery.state}", language),
        why=say(delivery.failure, language) if delivery.failure else "",
        **{name: getattr(delivery, name) for name in _PLAIN},
    )


_PLAIN = ("kind", "channel", "state", "attempts", "accepted_at", "settled_at", "expires_at")


def _words_out(place: Place, used: Template | None, waiting: Template | None) -> WordsOut:
    first = shipped()[place.key]
    now = Words(used.subject, used.text) if used else first
    return WordsOut(
        kind=place.kind,
        channel=place.channel,
        language=place.language,
        subject=now.subject,
        text=now.text,
        shipped_subject=first.subject,
        shipped_text=first.text,
        is_shipped=used is None or used.is_shipped,
        waits=public_id("wrd", waiting.pk) if waiting else None,
        placeholders=[
            PlaceholderOut(name=name, type=type_, stands_in=sorted(PLACEHOLDER_TYPES[type_]))
            for name, type_ in kinds()[place.kind].placeholders.items()
        ],
    )


def _version_out(version: Template) -> VersionOut:
    return VersionOut(id=public_id("wrd", version.pk), **{name: getattr(version, name) for name in _VERSION})


_VERSION = ("kind", "channel", "language", "version", "subject", "text", "state", "is_shipped", "proposed_at",
            "decided_at")  # fmt: skip
