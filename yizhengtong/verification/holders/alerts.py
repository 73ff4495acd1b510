"""Telling a holder of checks and of answers to tickets: who and for what, never whose number or what was told."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.notifications.models import Message
from yizhengtong.foundation.notifications.services import About, tell
from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.registry.consents.recipients import recipient_of
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.checks.models import Check, Outcome
from yizhengtong.verification.checks.recording import MADE
from yizhengtong.verification.holders.bounds import ALERTS_A_DAY
from yizhengtong.verification.holders.models import AlertChoice, Ticket
from yizhengtong.verification.holders.queries import alerts_of_each
from yizhengtong.verification.holders.tickets import ANSWERED

FOLLOWED = frozenset({MADE, ANSWERED})
KINDS = ("check_made", "check_failed")
"""The kinds of messages about checks, in kinds.yaml."""
_FAILED = frozenset({Outcome.NO_MATCH.value, Outcome.REFUSED.value})
Wanted = AlertChoice.About


@use_case
def choose_alerts(*, person: Person, about: str, by: Principal) -> AlertChoice:
    """Choose of which checks a person is told. Raises Invalid. Who may act for the person has been looked at."""
    if about not in Wanted.values:
        raise Invalid("web.fields_wrong", errors=[FieldError("about", "holders.alerts_unknown")])
    chosen, _ = AlertChoice.objects.update_or_create(
        person_id=person.pk, defaults={"about": about, "chosen_at": timezone.now()}
    )
    record_act("holders.choose_alerts", by=by, on=("person", person.pk), person_id=person.pk, fields=[about])
    return chosen


def tell_of(event: Event) -> None:
    """Tell the holder of a check among `wanted_among`, or that a ticket was answered.

    The same relying party, purpose and kind of end are told once an hour, and no more than ALERTS_A_DAY in all: a flood
    of checks drowns nobody. Every check stands in the list whatever is told.
    """
    if event.person_id is None:
        return
    if event.kind == ANSWERED:
        _tell_of_answer(event, event.person_id)
    elif not _has_had_enough(event.person_id):
        _tell_of_check(event, event.person_id)


def wanted_among(events: Sequence[Event]) -> list[Event]:
    """Return the events that their holders want to be told of: one statement for all of them."""
    chosen = alerts_of_each({event.person_id for event in events if event.person_id is not None})
    return [event for event in events if event.kind == ANSWERED or _is_wanted(event, chosen)]


def _is_wanted(event: Event, chosen: Mapping[UUID, str]) -> bool:
    wanted = chosen[event.person_id] if event.person_id is not None else Wanted.NONE
    return wanted == Wanted.EACH or (wanted == Wanted.FAILED and event.facts.get("outcome") in _FAILED)


def _has_had_enough(person_id: UUID) -> bool:
    since = timezone.now() - timedelta(days=1)
    return Message.objects.filter(person_id=person_id, kind__in=KINDS, at__gte=since).count() >= ALERTS_A_DAY


def _tell_of_check(event: Event, person_id: UUID) -> None:
    check = Check.objects.filter(pk=event.object_id).select_related("relying_party").first()
    person = _person(person_id)
    if check is None or person is None:
        return
    kind = KINDS[check.ended in _FAILED]
    facts = {
        "party": _named(check.relying_party.name if check.relying_party else ""),
        "purpose": _in_all(f"relying_parties.purpose_{check.purpose}"),
        "day": legal_day(check.at),
    }
    window = f"{check.purpose}:{check.at:%Y%m%d%H}"
    about = About("relying_party", check.relying_party_id or UUID(int=0), window)
    tell(kind=kind, to=recipient_of(person), about=about, facts=facts)


def _tell_of_answer(event: Event, person_id: UUID) -> None:
    ticket = Ticket.objects.filter(pk=event.object_id).select_related("relying_party").defer("words", "answer").first()
    person = _person(person_id)
    if ticket is None or person is None:
        return
    facts = {
        "party": _named(ticket.relying_party.name if ticket.relying_party else ""),
        "day": legal_day(ticket.checked_at),
    }
    tell(kind="check_answered", to=recipient_of(person), about=About("check_ticket", ticket.pk), facts=facts)


def _person(person_id: UUID) -> Person | None:
    return Person.objects.select_related("account").filter(pk=person_id).first()


def _named(name: str) -> Mapping[str, str]:
    return dict.fromkeys(LANGUAGES, name) if name else _in_all("holders.somebody")


def _in_all(code: str) -> Mapping[str, str]:
    return {language: say(code, language) for language in LANGUAGES}
