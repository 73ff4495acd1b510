"""Letting time pass for one synthetic person: days of the record are set back, nothing else is touched."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F

from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.kernel.ids import parse_public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit, Sweep
from yizhengtong.permitting.permits.rules import last_day_of_year, running_year
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration, Report

_DAYS: Sequence[tuple[type[models.Model], tuple[str, ...]]] = (
    (Registration, ("start", "until", "declared_on", "due_on")),
    (Report, ("happened_on", "known_on", "reported_on", "due_on")),
    (Case, ("received_on", "accepted_on", "decided_on", "due_on", "urgent_on")),
    (
        Permit,
        (
            "valid_from",
            "issued_at",
            "made_on",
            "handed_over_on",
            "ended_on",
            "counted_from",
            "endorsed_on",
            "years_count_from",
        ),
    ),
)
"""The days of a person's record. What was decided stays as it was frozen, and the trail as it was written."""


@use_case
def let_days_pass(*, person_id: str, days: int) -> None:
    """Set what is recorded of a person so many days back, as if it had happened then.

    `person_id`: as the API gives it. Raises Forbidden in production mode, Person.DoesNotExist.
    """
    if settings.YZT_PRODUCTION:
        raise Forbidden("accounts.demonstration_refused")
    person = Person.objects.select_for_update(no_key=True).get(pk=parse_public_id("per", person_id))
    for model, names in _DAYS:  # the oldest first: no two stays may meet on their way
        for row in model._default_manager.filter(person_id=person.pk).order_by("pk"):
            _set_back(row, names, timedelta(days=days))
    # a permit does not grow a year old overnight: the reminders of today look at it again, none is sent twice
    Sweep.objects.filter(name="remind", done_until__isnull=False).update(done_until=F("done_until") - timedelta(days=1))


def _set_back(row: Any, names: Sequence[str], days: timedelta) -> None:
    year = _year_endorsed(row) if isinstance(row, Permit) else None
    for name in names:
        moment = getattr(row, name)
        if moment is not None:
            setattr(row, name, moment - days)
    if isinstance(row, Permit) and year is not None:
        row.endorsed_until = last_day_of_year(row.counted_from or row.valid_from, year)
    row.save()


def _year_endorsed(permit: Permit) -> int | None:
    """Return up to which year since its issue a permit is endorsed: its last day follows the length of the months."""
    if permit.endorsed_until is None:
        return None
    return running_year(permit.counted_from or permit.valid_from, permit.endorsed_until)
