"""Telling persons of a breach (个人信息保护法 art. 57): everything the article asks for, at once and at any hour."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.notifications.services import About, tell
from yizhengtong.foundation.observability.jobs import carried
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.law.law import Law
from yizhengtong.registry.consents.recipients import recipient_of
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.messages.words import Words, in_all
from yizhengtong.rights.privacy.breaches import breach_for, contents_of
from yizhengtong.rights.privacy.models import Breach
from yizhengtong.rights.privacy.rules import missing_contents

MOST_AT_ONCE = 1000


@use_case
def ask_to_tell(*, breach_id: UUID, person_ids: Sequence[UUID], law: Law, by: Principal) -> int:
    """Have persons told of a breach by the worker. Returns how many; who was told before is not told again.

    Raises NotFound, Forbidden, Invalid `privacy.notice_incomplete` with all that art. 57 asks and lacks.
    """
    breach = breach_for(breach_id, by)
    missing = missing_contents(law.value("breach.notice_contents"), contents_of(breach))
    if missing:
        errors = [FieldError(name, "privacy.notice_lacks_this") for name in missing]
        raise Invalid("privacy.notice_incomplete", errors=errors)
    app.configure_task("messages.tell_of_breach").defer(
        breach_id=breach.pk.hex, person_ids=[key.hex for key in person_ids], **carried()
    )
    record_act("messages.tell_of_breach", by=by, on=("breach", breach.pk), person_id=None,
               fields=[f"persons:{len(person_ids)}"])  # fmt: skip
    return len(person_ids)


def tell_of_breach(*, breach_id: UUID, person_ids: Sequence[UUID]) -> int:
    """Tell each person, in a transaction of its own. Returns how many were told now."""
    breach = Breach.objects.get(pk=breach_id)
    details = _details(breach)
    told = 0
    for person in Person.objects.select_related("account").filter(pk__in=person_ids).order_by("pk").iterator():
        with transaction.atomic():
            message = tell(
                kind="breach", to=recipient_of(person), about=About("breach", breach.pk), facts={"details": details}
            )
        told += message is not None
    return told


def _details(breach: Breach) -> list[Words]:
    """Return the five contents of art. 57, each with its heading."""
    kinds = [in_all(f"privacy.kind_{kind}") for kind in breach.kinds]
    return [
        *(_headed("kinds", each) for each in kinds),
        *(_headed(name, dict.fromkeys(in_all("messages.permit"), getattr(breach, name)))
          for name in ("cause", "harm", "measures", "contact")),
    ]  # fmt: skip


def _headed(name: str, words: Words) -> Words:
    headings = in_all(f"messages.breach_{name}")
    return {language: headings[language].replace("…", text) for language, text in words.items()}
