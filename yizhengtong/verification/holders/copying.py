"""Checks, tickets, blocked relying parties and the choice of alerts, for the copy of one's own data."""

from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.people.copies import Row
from yizhengtong.registry.people.models import Person
from yizhengtong.verification.checks.blocks import blocks_of
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.holders.models import AlertChoice
from yizhengtong.verification.holders.queries import tickets_of
from yizhengtong.verification.relying_parties.models import RelyingParty


def checks_in_copy(person: Person) -> list[Row]:
    """Return every check of a person that is still kept, the oldest first."""
    found = Check.objects.filter(person_id=person.pk).select_related("relying_party").order_by("at", "pk")
    return [
        {
            "id": public_id("chk", each.pk), "at": each.at, "relying_party": _name(each.relying_party),
            "way": each.way, "purpose": each.purpose, "outcome": each.ended, "claims": each.claims or [],
        }
        for each in found
    ]  # fmt: skip


def tickets_in_copy(person: Person) -> list[Row]:
    """Return a person's tickets about checks, the oldest first; who answered is not named."""
    return [
        {
            "id": public_id("ctk", each.pk), "check_id": public_id("chk", each.check_id),
            "checked_at": each.checked_at, "relying_party": _name(each.relying_party), "words": each.words,
            "filed_at": each.filed_at, "due_on": each.due_on, "state": each.state, "answer": each.answer,
            "answered_at": each.answered_at,
        }
        for each in tickets_of(person).reverse()
    ]  # fmt: skip


def blocks_in_copy(person: Person) -> list[Row]:
    """Return whom a person has shut out."""
    return [{"relying_party": each.relying_party.name, "at": each.at} for each in blocks_of(person).reverse()]


def alerts_in_copy(person: Person) -> list[Row]:
    """Return of which checks a person chose to be told, if they ever chose."""
    found = AlertChoice.objects.filter(pk=person.pk)
    return [{"about": each.about, "chosen_at": each.chosen_at} for each in found]


def _name(party: RelyingParty | None) -> str:
    return party.name if party else ""
