"""Tell a person something: once, in the inbox at once, and by what leaves the platform when it may."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.notifications.channels.choosing import open_channels
from yizhengtong.foundation.notifications.guard import dangers_leaving
from yizhengtong.foundation.notifications.kinds import Channel, Kind, Quiet, Words, kinds
from yizhengtong.foundation.notifications.models import Contact, Delivery, DeliveryState, Message, Preference
from yizhengtong.foundation.notifications.preferences import chosen_channels, deployment_quiet, quiet_of
from yizhengtong.foundation.notifications.rendering import render
from yizhengtong.foundation.notifications.rules import QuietHours
from yizhengtong.foundation.notifications.templates import words_in_use
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is told. `names` never leave in an SMS or a subject; `phone` is on record and not confirmed.

    `agrees`: consents to being told what no law asks for. `region`: for 内地 and 大陆.
    """

    person_id: UUID
    names: Sequence[str] = field(default=(), repr=False)
    phone: str = field(default="", repr=False)
    language: str = "zh-Hans"
    region: str = ""
    agrees: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about, and which time: `key` is the same however often it is told."""

    object_kind: str
    object_id: UUID
    window: str = ""

    @property
    def key(self) -> str:
        return f"{self.object_id.hex}:{self.window}"[:128]


def tell(*, kind: str, to: Recipient, about: About, facts: Mapping[str, object]) -> Message | None:
    """Tell a person of something, in the caller's transaction. Returns None when it was told before.

    The inbox has it at once. What leaves waits for the worker: nothing is sent here. Words that must not leave are kept
    as failed deliveries for staff to see; the inbox has them all the same.
    """
    known, chosen = kinds()[kind], Preference.objects.filter(pk=to.person_id).first()
    language = chosen.language if chosen else to.language
    in_use = words_in_use(kind, Channel.INBOX, language)
    words = render(in_use, known, facts, language, region=to.region, with_gaps=True)
    message = _message(known, to, about, words, language)
    if message is None:
        return None
    for channel, address in _addresses(known, to, chosen).items():
        _outgoing(message, known, channel, address, to, chosen, facts)
    return message


def _message(kind: Kind, to: Recipient, about: About, words: Words, language: str) -> Message | None:
    key = {"person_id": to.person_id, "kind": kind.code, "dedupe_key": about.key}
    message = Message(
        **key, object_kind=about.object_kind, object_id=about.object_id, is_due=kind.is_due, language=language,
        subject=words.subject, text=words.text,
    )  # fmt: skip
    written = Message.objects.bulk_create([message], ignore_conflicts=True)[0]
    return written if Message.objects.filter(pk=written.pk).exists() else None


def _addresses(kind: Kind, to: Recipient, chosen: Preference | None) -> dict[Channel, str]:
    """Return where a kind goes: by law to what is confirmed, else to the number on record; by choice only confirmed."""
    if not kind.is_due and not to.agrees:
        return {}
    confirmed = {Channel(each.channel): each.address for each in Contact.objects.filter(person_id=to.person_id)}
    if kind.is_due and not confirmed and to.phone:
        confirmed = {Channel.SMS: to.phone}
    here = open_channels()
    reachable = [channel for channel in here if channel in confirmed]
    return {channel: confirmed[channel] for channel in chosen_channels(kind, chosen, reachable)}


def _outgoing(
    message: Message, kind: Kind, channel: Channel, address: str, to: Recipient, chosen: Preference | None,
    facts: Mapping[str, object],
) -> None:  # fmt: skip
    now = timezone.now()
    failure, words = _safe_words(kind, channel, message.language, facts, to)
    if not failure and not kind.is_due and _has_had_enough(to.person_id, now):
        failure = "notifications.enough_for_today"
    quiet = _quiet_hours(kind, chosen)
    Delivery.objects.create(
        message=message, person_id=to.person_id, kind=kind.code, is_due=kind.is_due, channel=channel, address=address,
        subject=words.subject, text=words.text, state=DeliveryState.FAILED if failure else DeliveryState.WAITING,
        failure=failure, settled_at=now if failure else None, not_before=quiet.end_after(now) if quiet else now,
        quiet_from=quiet.start if quiet else None, quiet_until=quiet.until if quiet else None,
        expires_at=now + timedelta(hours=kind.hours),
    )  # fmt: skip
    wake_sender()


def _safe_words(
    kind: Kind, channel: Channel, language: str, facts: Mapping[str, object], to: Recipient
) -> tuple[str, Words]:
    try:
        words = render(words_in_use(kind.code, channel, language), kind, facts, language, region=to.region)
    except KeyError:
        return "notifications.fact_missing", Words("", "")
    found = dangers_leaving(channel, words, to.names)
    return (found[0], Words("", "")) if found else ("", words)


def _quiet_hours(kind: Kind, chosen: Preference | None) -> QuietHours | None:
    if kind.quiet == Quiet.NONE:
        return None
    return deployment_quiet() if kind.quiet == Quiet.DEPLOYMENT else quiet_of(chosen)


def _has_had_enough(person_id: UUID, now: datetime) -> bool:
    """Whether a person was sent as much as a day may bring of what no law asks for."""
    given: Mapping[str, Any] = settings.YZT_MESSAGES
    most: int = given["a_day"]
    since = now - timedelta(days=1)
    sent = Delivery.objects.filter(person_id=person_id, is_due=False, at__gte=since, message__isnull=False)
    return bool(most) and sent.exclude(state=DeliveryState.FAILED).count() >= most


def send_code(*, person_id: UUID, channel: Channel, address: str, words: Words, minutes: int) -> Delivery:
    """Put a code on its way, past quiet hours: somebody sits and waits for it."""
    now = timezone.now()
    delivery = Delivery.objects.create(
        person_id=person_id, kind="code", is_due=False, channel=channel, address=address, subject=words.subject,
        text=words.text, not_before=now, expires_at=now + timedelta(minutes=minutes),
    )  # fmt: skip
    wake_sender()
    return delivery


def wake_sender() -> None:
    """Queue one sending."""
    wake("notifications.send")


@use_case
def mark_read(*, message_id: UUID, person_id: UUID, by: Principal) -> Message:
    """Note that a message was read in the inbox. Raises NotFound."""
    message = Message.objects.select_for_update().filter(pk=message_id, person_id=person_id).first()
    if message is None:
        raise NotFound("not_found")
    if message.read_at is None:
        message.read_at = timezone.now()
        message.save(update_fields=["read_at"])
        record_act("notifications.read", by=by, on=("message", message.pk), person_id=person_id)
    return message


@use_case
def send_again(*, delivery_id: UUID, by: Principal) -> Delivery:
    """Send once more what failed, by an officer's word. Raises NotFound, for what must not leave too."""
    dead = Delivery.objects.select_for_update(of=("self",)).filter(
        pk=delivery_id, state__in=Delivery.DEAD, message__isnull=False
    )
    delivery = dead.first()
    if delivery is None or not delivery.text:
        raise NotFound("not_found")
    now = timezone.now()
    delivery.state, delivery.not_before, delivery.attempts = DeliveryState.WAITING, now, 0
    delivery.settled_at, delivery.failure = None, ""
    delivery.expires_at = now + timedelta(hours=kinds()[delivery.kind].hours)
    delivery.save()
    record_act("notifications.send_again", by=by, on=("delivery", delivery.pk), person_id=delivery.person_id)
    wake_sender()
    return delivery
