"""Where a person is reached: a number or an address, confirmed by saying back the code that was sent there."""

import hmac
import re
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.notifications.channels.choosing import open_channels
from yizhengtong.foundation.notifications.kinds import Channel, kinds
from yizhengtong.foundation.notifications.models import Challenge, Contact
from yizhengtong.foundation.notifications.rendering import render
from yizhengtong.foundation.notifications.services import send_code
from yizhengtong.foundation.notifications.templates import words_in_use
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.indexes import blind_index, keyed_digest
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, NotFound, TooMany

CODE_MINUTES = 10
MOST_TRIES = 5
MOST_CODES_A_DAY = 5
"""To one address, whoever asks: nobody's telephone is made to ring by strangers."""
_PHONE = re.compile(r"\+(?:861\d{10}|85[23]\d{8}|886[1-9]\d{8}|(?!86|852|853|886)[1-9]\d{6,14})", re.ASCII)
"""Of the places most come from, to the digit: a number written in two ways would be made to ring twice as often."""
_MAINLAND_PHONE = re.compile(r"1\d{10}", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{3,190}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


def normal_address(channel: str, given: str) -> str:
    """Return an address in its normal form: +8613… or name@host. Raises Invalid `notifications.address_wrong`."""
    if channel == Channel.SMS:
        digits = re.sub(r"[\s().-]", "", given)
        digits = f"+86{digits}" if _MAINLAND_PHONE.fullmatch(digits) else digits
        if _PHONE.fullmatch(digits):
            return digits
    else:
        name, _, host = given.strip().rpartition("@")
        if _EMAIL.fullmatch(f"{name}@{host.lower()}"):
            return f"{name}@{host.lower()}"
    raise Invalid("web.fields_wrong", errors=[FieldError("address", "notifications.address_wrong")])


@use_case
def ask_confirmation(*, person_id: UUID, channel: str, address: str, language: str, by: Principal) -> Challenge:
    """Send a code to an address. A code asked for before is void.

    Raises Invalid, Conflict `notifications.no_way_out`, TooMany `notifications.codes_enough`.
    """
    normal = normal_address(channel, address)
    if channel not in open_channels():
        raise Conflict("notifications.no_way_out")
    index = blind_index("notifications.address", normal)
    _ensure_not_too_many(index)
    code = f"{secrets.randbelow(1_000_000):06}"
    Challenge.objects.filter(person_id=person_id, channel=channel, is_over=False).update(is_over=True)
    challenge = Challenge(
        person_id=person_id, channel=channel, address=normal, address_index=index,
        expires_at=timezone.now() + timedelta(minutes=CODE_MINUTES),
    )  # fmt: skip
    challenge.code_digest = _digest(challenge.pk, code)
    challenge.save(force_insert=True)
    kind = kinds()["code"]
    words = render(words_in_use("code", channel, language), kind, {"code": code, "minutes": CODE_MINUTES}, language)
    send_code(person_id=person_id, channel=Channel(channel), address=normal, words=words, minutes=CODE_MINUTES)
    record_act("notifications.ask_confirmation", by=by, on=("contact", challenge.pk), person_id=person_id,
               fields=[channel])  # fmt: skip
    return challenge


def confirm(*, person_id: UUID, channel: str, code: str, by: Principal) -> Contact:
    """Say a code back. The try counts even when it is wrong.

    Raises Conflict `notifications.code_wrong`, `notifications.code_over` (asked for none, too late, tried too often).
    """
    challenge = _tried(person_id, channel)
    if challenge is None:
        raise Conflict("notifications.code_over")
    if not hmac.compare_digest(bytes(challenge.code_digest), _digest(challenge.pk, code)):
        raise Conflict("notifications.code_wrong")
    return _keep(challenge=challenge, by=by)


def _tried(person_id: UUID, channel: str) -> Challenge | None:
    """Count a try of the code that waits, committed whatever comes of it. None when there is no try left."""
    with transaction.atomic():
        found = Challenge.objects.select_for_update().filter(
            person_id=person_id, channel=channel, is_over=False, expires_at__gt=timezone.now(), tries__lt=MOST_TRIES
        )
        challenge = found.order_by("-id").first()
        if challenge is not None:
            challenge.tries += 1
            challenge.save(update_fields=["tries"])
        return challenge


@use_case
def _keep(*, challenge: Challenge, by: Principal) -> Contact:
    taken = Challenge.objects.filter(pk=challenge.pk, is_over=False).update(is_over=True)
    if not taken:
        raise Conflict("notifications.code_over")
    contact = Contact.objects.select_for_update().filter(
        person_id=challenge.person_id, channel=challenge.channel
    ).first() or Contact(person_id=challenge.person_id, channel=challenge.channel)
    contact.address, contact.confirmed_at = challenge.address, timezone.now()
    contact.save()
    record_act("notifications.confirm", by=by, on=("contact", contact.pk), person_id=contact.person_id,
               fields=[contact.channel])  # fmt: skip
    return contact


@use_case
def forget_contact(*, person_id: UUID, channel: str, by: Principal) -> None:
    """Take an address back: nothing more goes there. Raises NotFound `notifications.no_contact`."""
    contact = Contact.objects.select_for_update().filter(person_id=person_id, channel=channel).first()
    if contact is None:
        raise NotFound("notifications.no_contact")
    record_act("notifications.forget_contact", by=by, on=("contact", contact.pk), person_id=person_id,
               fields=[channel])  # fmt: skip
    contact.delete()


def _ensure_not_too_many(index: bytes) -> None:
    """Count the codes of a day to one address, over all persons: the count asks with the rights of the owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_codes_sent(%s, %s)", [index, timezone.now() - timedelta(days=1)])
        number = cursor.fetchone()[0]
    if number >= MOST_CODES_A_DAY:
        raise TooMany("notifications.codes_enough", retry_after_seconds=86_400)


def _digest(key: UUID, code: str) -> bytes:
    return keyed_digest("notifications.code", f"{key.hex}:{code}".encode())
