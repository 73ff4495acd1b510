"""From an event to a message: who is told of it, and with which facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.notifications.services import About, tell
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.consents.recipients import recipient_of
from yizhengtong.registry.people.models import Person
from yizhengtong.rights.messages.words import item_words, office_words, permit_words, reasons_of

_DELIVERED_BY_POST = "post"


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says: a kind, what it is about, and its facts."""

    kind: str
    about: About
    facts: Mapping[str, object]


def tell_of(event: Event) -> None:
    """Tell the person of an event what it means for them. An event of nobody, or of what is gone, tells nothing."""
    if event.person_id is None:
        return
    person_id = event.person_id
    person = once_a_request(f"messages.person {person_id}", lambda: _person(person_id))
    said = TOLD[event.kind](event, person) if person else None
    if person is not None and said is not None:
        to = once_a_request(f"messages.recipient {person_id}", lambda: recipient_of(person))
        tell(kind=said.kind, to=to, about=said.about, facts=said.facts)


def _person(person_id: UUID) -> Person | None:
    return Person.objects.select_related("account").filter(pk=person_id).first()


def _case(kind: str) -> Callable[[Event, Person], Said | None]:
    def say(event: Event, person: Person) -> Said | None:
        case = Case.objects.filter(pk=event.object_id).first()
        if case is None:
            return None
        notice = case.notices.order_by("-id").first() if kind in {"supplement", "refused"} else None
        facts: dict[str, object] = {"item": item_words(case.item), "day": case.received_on}
        if case.due_on is not None:
            facts["due_on"] = case.due_on
        elif kind == "accepted":
            return Said("accepted_undated", About("case", case.pk, ""), facts)
        if kind in {"supplement", "refused"}:
            facts["reasons"] = reasons_of(notice.findings if notice else [], person.region)
        return Said(kind, About("case", case.pk, notice.pk.hex if notice else ""), facts)

    return say


def _permit(
    kind: Callable[[Event, Permit], str], window: Callable[[Event, Permit], str] = lambda *_: ""
) -> Callable[[Event, Person], Said | None]:
    def say(event: Event, person: Person) -> Said | None:
        permit = Permit.objects.filter(pk=event.object_id).first()
        name = kind(event, permit) if permit else ""
        if permit is None or not name:
            return None
        return Said(name, About("permit", permit.pk, window(event, permit)), _permit_facts(event, permit, person))

    return say


def _permit_facts(event: Event, permit: Permit, person: Person) -> dict[str, object]:
    office = Office.objects.filter(pk=permit.office_id).first()
    facts: dict[str, object] = {
        "permit": permit_words(permit.kind, person.region),
        "day": permit.ended_on or legal_day(event.at),
        "office": office_words(office.name if office else ""),
    }
    until = _day(event.facts.get("last_day")) or permit.endorsed_until
    if until is not None:
        facts["until"] = until
    if "days_before" in event.facts:
        facts["days"] = event.facts["days_before"]
    return facts


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _made(_event: Event, permit: Permit) -> str:
    return "made_post" if permit.delivery == _DELIVERED_BY_POST else "made_collect"


def _handed_over(_event: Event, permit: Permit) -> str:
    return "posted" if permit.delivery == _DELIVERED_BY_POST else ""  # what is collected is in the holder's hand


def _issued(event: Event, _permit: Permit) -> str:
    return "converted" if event.facts.get("kind") == "zhejiang_digital" else ""  # of others the approval told


def _always(kind: str) -> Callable[[Event, Permit], str]:
    return lambda _event, _permit: kind


def _which_event(event: Event, _permit: Permit) -> str:
    return event.pk.hex


def _which_day(event: Event, permit: Permit) -> str:
    return f"{event.facts.get('last_day') or permit.endorsed_until}:{event.facts.get('days_before')}"


def _household(event: Event, _person: Person) -> Said:
    """S0-T30: whoever registers a household on an approval of settlement must apply for the identity card."""
    return Said("identity_card", About("approval_notice", event.object_id, ""), {"day": legal_day(event.at)})


def _rating(kind: Callable[[Event], str]) -> Callable[[Event, Person], Said | None]:
    """Say that somebody looked into a negative rating. What was found stands on the rating's page, not in a message."""

    def say(event: Event, _person: Person) -> Said | None:
        case = Case.objects.filter(pk=event.object_id).first()
        if case is None:
            return None
        facts = {"item": item_words(case.item), "day": legal_day(event.at)}
        return Said(kind(event), About("case", case.pk, event.pk.hex), facts)

    return say


def _recovered(event: Event, _person: Person) -> Said:
    """Whoever holds an account learns that it was given back at a window: it may have been to somebody else."""
    return Said("account_recovered", About("account", event.object_id, event.pk.hex), {"day": legal_day(event.at)})


TOLD: Mapping[str, Callable[[Event, Person], Said | None]] = {
    "cases.received": _case("received"),
    "cases.accepted": _case("accepted"),
    "cases.supplement_requested": _case("supplement"),
    "cases.approved": _case("approved"),
    "cases.refused": _case("refused"),
    "cases.withdrawn": _case("withdrawn"),
    "settlement.household_registered": _household,
    "accounts.recovered": _recovered,
    "feedback.answered": _rating(lambda _: "rating_answered"),
    "feedback.called_back": _rating(
        lambda event: "rating_called_back" if event.facts.get("was_reached") else "rating_not_reached"
    ),
    "permits.record_made": _permit(_made),
    "permits.hand_over": _permit(_handed_over),
    "permits.issued": _permit(_issued),
    "permits.endorsement_due": _permit(_always("endorsement"), _which_day),
    "permits.suspend": _permit(_always("suspended"), _which_event),
    "permits.restore": _permit(_always("restored"), _which_event),
    "permits.convert": _permit(_always("cancelled")),
    "permits.end_functions": _permit(_always("cancelled")),
    "permits.void": _permit(_always("cancelled")),
    "wallets.collected": _permit(_always("wallet_collected"), _which_event),
    "wallets.ended": _permit(_always("wallet_ended"), _which_event),
    "wallets.renewal_due": _permit(_always("wallet_renewal"), lambda event, _: str(event.facts.get("renewal"))),
}
"""Event → what is said of it. Delivered twice it is told once: the message's key is made of what it is about."""
