"""Reading where a person has lived. Every read is audited."""

from collections.abc import Sequence
from datetime import date

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_read
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.values import ResidenceMeasure
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.duties import counted_stays
from yizhengtong.registry.residence.models import Registration, Report
from yizhengtong.registry.residence.rules import Stay
from yizhengtong.registry.residence.timeline import Timeline, timeline

_SUBJECT = "floating"
_FIELDS = ("region", "start", "until", "reported_by")


def stays_of(person: Person, by: Principal, purpose: str) -> tuple[Stay, ...]:
    """Return the person's stays as they are known now, the first one first; addresses stay closed."""
    _note("residence.read_stays", person, by, purpose, _FIELDS)
    rows = Registration.objects.filter(person=person, is_current=True).order_by("start")
    return tuple(Stay(*row) for row in rows.values_list("region", "start", "until", "reported_by", "declared_on"))


def law_of_registration(region: str, on: date) -> Law | None:
    """Return the law of the floating population at a place on a day; None where no pack of it holds there."""
    try:
        return law_in_force(region, _SUBJECT, on)
    except NotFound:
        return None


def reports_about(person: Person, by: Principal, purpose: str) -> tuple[Report, ...]:
    """Return what others reported of the person, the newest first: who, what, and how it stands."""
    _note("residence.read_reports", person, by, purpose, ("region", "address", "happened_on", "reporter_name"))
    return tuple(Report.objects.filter(person=person).order_by("-id"))


def registrations_of(
    person: Person, by: Principal, purpose: str, *, with_corrected: bool = False
) -> tuple[Registration, ...]:
    """Return the person's registrations with their addresses, those corrected since only if asked for."""
    _note("residence.read_registrations", person, by, purpose, (*_FIELDS, "address"))
    rows = Registration.objects.filter(person=person).order_by("start", "recorded_at")
    return tuple(rows if with_corrected else rows.filter(is_current=True))


def timeline_of(
    person: Person,
    requirement: ResidenceMeasure,
    region: str,
    on: date,
    by: Principal,
    purpose: str,
    *,
    gap_tolerance_days: int = 0,
    from_declaration: bool = False,
    districts_are_one: bool = False,
) -> Timeline:
    """Return which of the person's days count for the requirement at `region`, which do not, and why (Q5).

    `from_declaration`, `districts_are_one`: as the law of the floating population has it (条例 arts. 16, 19).
    """
    stays = counted_stays(
        stays_of(person, by, purpose), region, from_declaration=from_declaration, districts_are_one=districts_are_one
    )
    return timeline(stays, requirement, region, on, gap_tolerance_days=gap_tolerance_days)


def _note(action: str, person: Person, by: Principal, purpose: str, fields: Sequence[str]) -> None:
    record_read(action, by=by, on=("person", person.pk), person_id=person.pk, purpose=purpose, fields=fields)
