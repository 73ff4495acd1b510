"""The travel document runs out too: an account may be frozen and no permit given on an expired one (Q3)."""

from datetime import date, timedelta

from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.queries import TRAVEL_KINDS

WARNED_DAYS = 180
"""How many days before its last day it is told. The platform's own choice, in no source."""


def travel_document(person: Person) -> PersonNumber | None:
    """Return a person's travel document as it holds now; its number stays closed."""
    found = PersonNumber.objects.filter(person=person, is_current=True, kind__in=TRAVEL_KINDS)
    return found.defer("number").order_by("-valid_until").first()


def warning_of(person: Person, on: date) -> dict[str, object] | None:
    """Return the last day of the travel document and how it stands; None where none is known.

    `tag`: bad once it is over, warn within WARNED_DAYS, else empty. `days`: until the last day, below 0 afterwards.
    """
    document = travel_document(person)
    if document is None or document.valid_until is None:
        return None
    last = document.valid_until
    tag = "bad" if last < on else "warn" if last <= on + timedelta(days=WARNED_DAYS) else ""
    return {"day": last, "tag": tag, "days": (last - on).days}
