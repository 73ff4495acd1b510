"""How a person is told something, and whether they agreed to be told what no law asks for."""

from django.utils import timezone

from yizhengtong.foundation.notifications.contacts import normal_address
from yizhengtong.foundation.notifications.kinds import Channel
from yizhengtong.foundation.notifications.services import Recipient
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Invalid
from yizhengtong.registry.consents.queries import may_use
from yizhengtong.registry.people.models import Person

USE = "notifications"
"""The use in the pack's consent.uses that messages which no law asks for rest on."""


def recipient_of(person: Person) -> Recipient:
    """Return how a person is told. To the telephone on record, not confirmed, goes only what the law wants told."""
    return Recipient(
        person_id=person.pk,
        names=[name for name in (person.name, person.latin_name) if name],
        phone=_phone_on_record(person),
        language=person.account.language if person.account else "zh-Hans",
        region=person.region,
        agrees=may_use(person.pk, USE, legal_day(timezone.now())),
    )


def _phone_on_record(person: Person) -> str:
    try:
        return normal_address(Channel.SMS, person.phone)
    except Invalid:
        return ""
