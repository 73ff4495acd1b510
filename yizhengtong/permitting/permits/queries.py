"""Reading permits."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.postgresql.readers import asking
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.permits.kinds import family_of, subject_of
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.rules import (
    Happening,
    PermitFacts,
    Standing,
    state_on,
    what_happens_next,
    window_of,
    years_so_far,
)
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.registry.people.models import Person

__all__ = [
    "EndorsementNow",
    "Standing",
    "due_permits",
    "endorsement_of",
    "facts_of",
    "latest_permit_by_number",
    "law_of_permit",
    "living_in_family",
    "living_permits",
    "next_of",
    "place_of",
    "standing",
]


def living_permits(person: Person, kind: str) -> QuerySet[Permit]:
    """Return the permit of a kind that a person has, lost or expired ones included: one or none."""
    return Permit.objects.filter(person=person, kind=kind, state__in=LIVING)


def living_in_family(person: Person, kind: str) -> QuerySet[Permit]:
    """Return the permits a person has that are the same permit in any form, in the order of their ids."""
    return Permit.objects.filter(person=person, kind__in=family_of(kind), state__in=LIVING).order_by("pk")


def latest_permit_by_number(number: str) -> Permit | None:
    """Return the newest permit with a number, living or not; its person comes with it."""
    index = blind_index("permits.number", number)
    asking(index)
    return Permit.objects.filter(number_index=index).select_related("person").order_by("-issued_at", "-id").first()


def facts_of(permit: Permit) -> PermitFacts:
    """Return what the rules look at."""
    return PermitFacts(
        state=permit.state,
        valid_from=permit.valid_from,
        last_valid_day=permit.last_valid_day,
        counted_from=permit.counted_from or permit.valid_from,
        endorsed_until=permit.endorsed_until,
        years_count_from=permit.years_count_from,
        end_reason=permit.end_reason,
    )


def standing(permit: Permit, on: date) -> Standing:
    """Say whether a permit is good on a legal day, and if not, why."""
    return state_on(facts_of(permit), on)


def place_of(permit: Permit) -> str:
    """Return the place whose law a permit is under: where it was endorsed last, else where it was issued."""
    return permit.endorsed_region or permit.region


def law_of_permit(permit: Permit, on: date) -> Law:
    """Return the law that speaks of a permit on a day. Raises NotFound `law.none_in_force`."""
    return law_in_force(place_of(permit), subject_of(permit.kind), on)


def next_of(permit: Permit, on: date) -> tuple[Happening, ...]:
    """Return what will happen to a permit and when; nothing where no law is in force for it."""
    if permit.state not in LIVING:
        return ()
    try:
        law = law_of_permit(permit, on)
    except NotFound:
        return ()
    return what_happens_next(facts_of(permit), law, on)


@dataclass(frozen=True, slots=True)
class EndorsementNow:
    """When a permit is to be endorsed, seen from a day. All days are inclusive.

    `days_until_open`: 0 once the window is open. `days_left`: until the last day; below 0 when it has passed.
    """

    endorsed_until: date
    window_from: date
    window_until: date
    is_open: bool
    days_until_open: int
    days_left: int
    years_of_residence: int | None


def endorsement_of(permit: Permit, on: date) -> EndorsementNow | None:
    """Return when a permit is to be endorsed; None where it is not. Raises NotFound `law.none_in_force`."""
    last = permit.endorsed_until
    if last is None or permit.state not in LIVING:
        return None
    law, facts = law_of_permit(permit, on), facts_of(permit)
    window = window_of(facts, law.value("endorsement.window"))
    if window is None:
        return None
    return EndorsementNow(
        endorsed_until=last,
        window_from=window.start,
        window_until=window.last_day or last,
        is_open=window.start <= on,
        days_until_open=max((window.start - on).days, 0),
        days_left=(last - on).days,
        years_of_residence=years_so_far(facts, law.value("endorsement.late"), on),
    )


def due_permits(
    *, by: Principal, on: date, days: int, after: tuple[date, UUID] | None = None, limit: int
) -> list[Permit]:
    """Return the permits of an officer's area whose endorsed year ends within `days`, the nearest first.

    No name or number is opened. Each office's part is read from its own index.
    """
    ensure_officer_of(by.office_path, by)
    area = Office.objects.filter(Q(path=by.office_path) | Q(path__startswith=f"{by.office_path}."))
    position = [after[0], after[1]] if after else [on - timedelta(days=1), UUID(int=0)]
    offices = list(area.values_list("pk", flat=True))
    return list(Permit.objects.raw(_DUE, [offices, *position, on + timedelta(days=days), limit, limit]))


_DUE = """
    SELECT permits_permit.* FROM (
        SELECT found.id, found.endorsed_until FROM unnest(%s::uuid[]) AS office(id), LATERAL (
            SELECT due.id, due.endorsed_until FROM permits_permit due
            WHERE due.office_id = office.id AND due.state IN ('ordered', 'made', 'held')
              AND (due.endorsed_until, due.id) > (%s, %s) AND due.endorsed_until <= %s
            ORDER BY due.endorsed_until, due.id LIMIT %s
        ) found
        ORDER BY found.endorsed_until, found.id LIMIT %s
    ) page JOIN permits_permit USING (id)
    ORDER BY page.endorsed_until, page.id
"""
