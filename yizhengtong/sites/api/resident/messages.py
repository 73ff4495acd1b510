"""One's messages: the inbox, what became of what was sent, what one wants to be told, where one is reached."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.accounts.phones import keep_proved_phone
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.foundation.notifications.channels.choosing import open_channels
from yizhengtong.foundation.notifications.contacts import ask_confirmation, confirm, forget_contact
from yizhengtong.foundation.notifications.kinds import Channel, kinds
from yizhengtong.foundation.notifications.models import Contact, Message, Preference
from yizhengtong.foundation.notifications.preferences import Choice, choice_of, choose, chosen_channels
from yizhengtong.foundation.notifications.queries import contacts_of, inbox, masked
from yizhengtong.foundation.notifications.services import mark_read
from yizhengtong.foundation.texts import say
from yizhengtong.foundation.web.paging import PAGE_LIMIT
from yizhengtong.foundation.web.versions import ensure_fresh, set_version, version_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.registry.consents.queries import may_use
from yizhengtong.registry.consents.recipients import USE
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import wards_of
from yizhengtong.sites.api.framework import In, by, own_account, own_person, policy, today
from yizhengtong.sites.api.resident.people import person_acted_for
from yizhengtong.sites.api.schemas import SourceOut, TimeOfDay
from yizhengtong.sites.api.words import reader_language

router = Router()
OWN = policy("own person or ward")
ChannelIn = Literal["sms", "email"]


class SentOut(BaseModel):
    """What became of a message on its way to a telephone or a mailbox."""

    channel: str
    state: str
    state_words: str
    why: str = Field(description="What stands in its way; empty where nothing does.")
    at: datetime | None


class MessageOut(BaseModel):
    """A message in the inbox."""

    id: str
    kind: str
    is_due: bool = Field(description="The law wants it told; else you chose it.")
    subject: str
    text: str
    at: datetime
    read_at: datetime | None
    sent: list[SentOut]


class InboxOut(BaseModel):
    """A page of the inbox, the newest first; `next` reads on."""

    items: list[MessageOut]
    next: str | None


class KindOut(BaseModel):
    """A kind of messages: whether one may choose, what one chose, and where the law says so."""

    kind: str
    words: str
    is_due: bool
    channels: list[str] = Field(description="By which it goes now, of the channels on which you are reached.")
    source: SourceOut


class PreferencesOut(BaseModel):
    """What one is told, where, in which language and when not."""

    language: str
    quiet_from: TimeOfDay
    quiet_until: TimeOfDay
    agrees: bool = Field(description="Whether you agreed to messages that no law asks for (consent `notifications`).")
    open_channels: list[str] = Field(description="Channels that this deployment has besides the inbox.")
    kinds: list[KindOut]
    version: int


class PreferencesIn(In):
    """What one wants. A kind left out goes the usual way; an empty list: the inbox only."""

    language: Literal["zh-Hans", "zh-Hant", "en"]
    quiet_from: TimeOfDay
    quiet_until: TimeOfDay
    channels: dict[str, list[ChannelIn]] = Field(default_factory=dict, max_length=40)


class ContactOut(BaseModel):
    """Where one is reached, shown so that its owner knows it."""

    channel: str
    address: str
    confirmed_at: datetime


class ContactIn(In):
    """A telephone number or an e-mail address; a code goes there."""

    channel: ChannelIn
    address: str = Field(min_length=3, max_length=254)


class CodeIn(In):
    """The code that came, and by which channel."""

    channel: ChannelIn
    code: str = Field(pattern=r"^[0-9]{6}$")


@router.get("", response=InboxOut, openapi_extra=OWN)
def list_messages(
    request: HttpRequest,
    person_id: str | None = Query(None),
    unread: bool = Query(False),
    cursor: str | None = Query(None, max_length=40),
    limit: int = Query(20, ge=1, le=PAGE_LIMIT),
) -> InboxOut:
    """One's inbox, the newest first."""
    before = parse_public_id("msg", cursor) if cursor else None
    person = person_acted_for(request, person_id)
    _record(request, person)
    found = list(inbox(person.pk, before=before, unread_only=unread)[: limit + 1])
    items = [message_out(each, reader_language(request)) for each in found[:limit]]
    return InboxOut(items=items, next=items[-1].id if len(found) > limit else None)


@router.post("/{message_id}/reading", response=MessageOut, openapi_extra=OWN)
def read_message(request: HttpRequest, message_id: str) -> MessageOut:
    """Note that a message was read."""
    key = parse_public_id("msg", message_id)
    owner = Message.objects.filter(pk=key).values_list("person_id", flat=True).first()
    if owner is None or owner not in _persons(own_person(request)):
        raise NotFound("not_found")
    return message_out(mark_read(message_id=key, person_id=owner, by=by(request)), reader_language(request))


@router.get("/preferences", response=PreferencesOut, openapi_extra=OWN)
def read_preferences(
    request: HttpRequest, response: HttpResponse, person_id: str | None = Query(None)
) -> PreferencesOut:
    """What one is told, where and when."""
    person = person_acted_for(request, person_id)
    _record(request, person)
    chosen = choice_of(person.pk, reader_language(request))
    set_version(response, chosen.version)
    return _preferences_out(person, chosen, reader_language(request))


@router.put("/preferences", response=PreferencesOut, openapi_extra=policy("own person or ward", versioned=True))
def save_preferences(
    request: HttpRequest, response: HttpResponse, payload: PreferencesIn, person_id: str | None = Query(None)
) -> PreferencesOut:
    """Choose. What the law wants told comes all the same, in daytime; a notice of a breach at any hour."""
    person = person_acted_for(request, person_id)
    ensure_fresh(choice_of(person.pk, payload.language).version, version_read(request))
    chosen = choose(person_id=person.pk, choice=Choice(**payload.model_dump()), by=by(request))
    set_version(response, chosen.version)
    return _preferences_out(person, chosen, reader_language(request))


@router.get("/contacts", response=list[ContactOut], openapi_extra=OWN)
def list_contacts(request: HttpRequest, person_id: str | None = Query(None)) -> list[ContactOut]:
    """Where one is reached."""
    person = person_acted_for(request, person_id)
    _record(request, person)
    return [_contact_out(each) for each in contacts_of(person.pk)]


@router.post("/contacts", response={202: None}, openapi_extra=policy("own person or ward", limits=["codes"]))
def ask_code(request: HttpRequest, payload: ContactIn, person_id: str | None = Query(None)) -> Status[None]:
    """Send a code of six digits to a number or address. One asked for before is void."""
    person = person_acted_for(request, person_id)
    ask_confirmation(
        person_id=person.pk, channel=payload.channel, address=payload.address, language=reader_language(request),
        by=by(request),
    )  # fmt: skip
    return Status(202, None)


@router.put("/contacts", response=ContactOut, openapi_extra=policy("own person or ward", limits=["codes"]))
def say_code(request: HttpRequest, payload: CodeIn, person_id: str | None = Query(None)) -> ContactOut:
    """Say the code back: from now on one is reached there. Five tries, ten minutes."""
    person = person_acted_for(request, person_id)
    contact = confirm(person_id=person.pk, channel=payload.channel, code=payload.code, by=by(request))
    if contact.channel == Channel.SMS and person.account_id == own_account(request):
        token = request.headers.get("X-Session-Token", "")
        keep_proved_phone(own_account(request), contact.address, token)
    return _contact_out(contact)


@router.delete("/contacts", response={204: None}, openapi_extra=OWN)
def delete_contact(
    request: HttpRequest, channel: ChannelIn = Query(), person_id: str | None = Query(None)
) -> Status[None]:
    """Be reached there no longer."""
    person = person_acted_for(request, person_id)
    forget_contact(person_id=person.pk, channel=channel, by=by(request))
    return Status(204, None)


def message_out(message: Message, language: str) -> MessageOut:
    return MessageOut(
        id=public_id("msg", message.pk),
        kind=message.kind,
        is_due=message.is_due,
        subject=message.subject,
        text=message.text,
        at=message.at,
        read_at=message.read_at,
        sent=[
            SentOut(
                channel=each.channel,
                state=each.state,
                state_words=say(f"notifications.state_{each.state}", language),
                why=say(each.failure, language) if each.failure else "",
                at=each.settled_at or each.accepted_at or each.attempted_at,
            )
            for each in sorted(message.deliveries.all(), key=lambda delivery: delivery.channel)
        ],
    )


def _preferences_out(person: Person, chosen: Preference, language: str) -> PreferencesOut:
    reached = [Channel(each.channel) for each in contacts_of(person.pk)]
    here = [channel for channel in open_channels() if channel in reached]
    return PreferencesOut(
        language=chosen.language,
        quiet_from=chosen.quiet_from,
        quiet_until=chosen.quiet_until,
        agrees=may_use(person.pk, USE, today()),
        open_channels=list(open_channels()),
        kinds=[
            KindOut(
                kind=kind.code,
                words=say(f"messages.kind_{kind.code}", language),
                is_due=kind.is_due,
                channels=list(chosen_channels(kind, chosen, here)),
                source=SourceOut(text=kind.source.text, article=kind.source.article),
            )
            for kind in kinds().values()
            if kind.is_listed
        ],
        version=chosen.version,
    )


def _contact_out(contact: Contact) -> ContactOut:
    return ContactOut(
        channel=contact.channel, address=masked(contact.channel, contact.address), confirmed_at=contact.confirmed_at
    )


def _persons(own: Person) -> Sequence[UUID]:
    return [own.pk, *(ward.pk for ward in wards_of(own, today()))]


def _record(request: HttpRequest, person: Person) -> None:
    record_read("notifications.read", by=by(request), on=("person", person.pk), person_id=person.pk, purpose="own data")
