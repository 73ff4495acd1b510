"""Declaring, ending and correcting stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel import regions
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid, Stale
from yizhengtong.law.law import Law
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.duties import MAINLAND, is_away_from_home, is_late, last_day, value_of
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, LONGEST_WORKPLACE, Registration, ReportedBy
from yizhengtong.registry.residence.queries import law_of_registration
from yizhengtong.registry.residence.rules import is_in_area
from yizhengtong.registry.residence.vouchers import next_voucher_number

_ONE_PLACE_A_DAY = "residence_one_place_a_day"


class CorrectionReason(StrEnum):
    """What was wrong with the registration that is corrected."""

    WRONG_DATES = "wrong_dates"
    WRONG_PLACE = "wrong_place"
    WRONG_REPORTER = "wrong_reporter"


@dataclass(frozen=True, slots=True)
class Declared:
    """A registration as it was accepted, with the codes of what its declarer should look at again."""

    registration: Registration
    warnings: tuple[str, ...] = ()


@use_case
def declare_stay(
    *,
    person: Person,
    region: str,
    address: str,
    start: date,
    until: date | None = None,
    reported_by: str,
    declared_on: date,
    workplace: str = "",
    reporter_id: UUID | None = None,
    by: Principal,
) -> Declared:
    """Register that a person lives, or lived, at a place on `[start, until)`.

    `region`: GB/T 2260 code of the county; an unknown one is accepted with the warning `residence.unknown_region`.
    `declared_on`: the legal day of the declaration. A mainland person gets a voucher's number where registering is a
    duty, and the warning `residence.declared_late` after the pack's last day; nothing else follows from that.
    Raises Invalid `residence.stay_invalid` with every wrong field, Conflict `residence.overlaps` with the facts `from`
    and `until` of the stay in the way, Conflict `residence.at_home` (条例 art. 2).
    """
    person = _lock(person.pk)
    stay = Registration(
        person=person,
        region=region,
        address=address,
        start=start,
        until=until,
        reported_by=reported_by,
        declared_on=declared_on,
        recorded_by=by.id,
        workplace=workplace or None,
        reporter_id=reporter_id,
    )
    check(stay, declared_on)
    under_the_duty(stay, law_of_registration(region, declared_on) if person.region == MAINLAND else None)
    insert(stay)
    note("residence.declare_stay", "residence.declared", stay, by, {"reported_by": str(reported_by)})
    return Declared(stay, warnings(stay))


@use_case
def end_stay(*, registration: Registration, until: date, by: Principal, version: int) -> Registration:
    """Note that the person no longer lives there: `until` is the first day on which that is so.

    Raises Stale `web.stale_version`, Conflict `residence.already_ended` or `residence.already_corrected`, Invalid
    `residence.stay_invalid`.
    """
    stay = load(registration, version)
    if stay.until is not None:
        raise Conflict("residence.already_ended")
    if until <= stay.start:
        raise Invalid("residence.stay_invalid", errors=[FieldError("until", "residence.ends_before_start")])
    stay.until = until
    stay.version += 1
    stay.save(update_fields=["until", "version"])
    note("residence.end_stay", "residence.ended", stay, by)
    return stay


@use_case
def correct_stay(
    *,
    registration: Registration,
    region: str,
    address: str,
    start: date,
    until: date | None,
    reported_by: str,
    reason: str,
    on: date,
    by: Principal,
    version: int,
) -> Declared:
    """Put a right registration in the place of a wrong one; the wrong one is kept, named by its successor.

    `reason`: a CorrectionReason. `on`: the legal day of the correction; the day of declaration stays the first one's.
    Raises what `end_stay` and `declare_stay` raise, and Invalid `residence.unknown_reason`.
    """
    old = load(registration, version)
    if reason not in set(CorrectionReason):
        raise Invalid("residence.unknown_reason", errors=[FieldError("reason", "residence.unknown_reason")])
    stay = Registration(
        person=old.person,
        region=region,
        address=address,
        start=start,
        until=until,
        reported_by=reported_by,
        declared_on=old.declared_on,
        recorded_by=by.id,
        corrects=old,
        correction_reason=reason,
        workplace=old.workplace,
        reporter_id=old.reporter_id,
        carries_on=old.carries_on,
        due_on=old.due_on,
        is_late=old.is_late,
        voucher_number=next_voucher_number(region, on) if old.voucher_number else "",
    )
    check(stay, on)
    old.is_current = False
    old.version += 1
    old.save(update_fields=["is_current", "version"])
    insert(stay)
    note("residence.correct_stay", "residence.changed", stay, by, {"corrects": str(old.pk), "reason": reason})
    return Declared(stay, warnings(stay))


def under_the_duty(stay: Registration, law: Law | None) -> None:
    """条例 arts. 2, 7, 13, S3-11: set last day, lateness and voucher by the law of the floating population.

    Of HMT residents and where no pack makes it a duty nothing is set (D14). Raises Conflict `residence.at_home`.
    """
    if not value_of(law, "residence.registration_required"):
        return
    if not is_away_from_home(stay.person.hukou_region, stay.region, value_of(law, "registration.crossing")):
        raise Conflict("residence.at_home")
    due = last_day(law, "residence.report_within", stay.start)
    stay.due_on, stay.is_late = due.day if due else None, is_late(due, stay.declared_on)
    stay.voucher_number = next_voucher_number(stay.region, stay.declared_on)


def _lock(person_id: UUID) -> Person:
    """Take a person's stays in turn. Without it, two overlapping ones at once could end in a deadlock of the index."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def load(registration: Registration, version: int) -> Registration:
    """Return a registration under its person's lock. Raises Conflict `residence.already_corrected`, Stale."""
    _lock(registration.person_id)
    stay = Registration.objects.select_related("person").get(pk=registration.pk)
    if not stay.is_current:
        raise Conflict("residence.already_corrected")
    if stay.version != version:
        raise Stale("web.stale_version")
    return stay


def check(stay: Registration, known_on: date) -> None:
    """Refuse a stay that cannot be, with all that is wrong. `known_on`: the legal day on which it is said."""
    wrong = {
        "region": _wrong_region(stay.region),
        "address": _wrong_address(stay.address),
        "start": _wrong_start(stay, known_on),
        "until": "residence.ends_before_start" if stay.until is not None and stay.until <= stay.start else "",
        "workplace": "residence.workplace_too_long" if len(stay.workplace or "") > LONGEST_WORKPLACE else "",
        "reported_by": "" if stay.reported_by in ReportedBy.values else "residence.unknown_reporter",
    }
    longest = {"workplace": LONGEST_WORKPLACE}
    errors = [
        FieldError(field, code, {"most": longest.get(field, LONGEST_ADDRESS)}) for field, code in wrong.items() if code
    ]
    if errors:
        raise Invalid("residence.stay_invalid", errors=errors)


def _wrong_region(region: str) -> str:
    if len(region) != len(regions.NATION) or not (region.isascii() and region.isdigit()):
        return "residence.region_malformed"
    if not is_in_area(region, regions.NATION):
        return "residence.not_on_the_mainland"
    return "residence.region_too_wide" if regions.children(region) else ""


def _wrong_address(address: str) -> str:
    if not address.strip():
        return "residence.address_missing"
    return "residence.address_too_long" if len(address) > LONGEST_ADDRESS else ""


def _wrong_start(stay: Registration, known_on: date) -> str:
    if stay.start > known_on:
        return "residence.starts_in_future"
    return "residence.starts_before_birth" if stay.start < stay.person.birth_date else ""


def warnings(stay: Registration) -> tuple[str, ...]:
    """Return the codes of what a declarer should look at again."""
    said = {"residence.unknown_region": not regions.region(stay.region), "residence.declared_late": stay.is_late}
    return tuple(code for code, is_so in said.items() if is_so)


def insert(stay: Registration) -> None:
    """Insert a stay, or say which one is in the way; what comes in between is caught by the constraint."""
    in_the_way = overlapping(stay)
    if in_the_way is not None:
        raise _overlap(in_the_way)
    try:
        with transaction.atomic():
            stay.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != _ONE_PLACE_A_DAY:
            raise
        raise _overlap(overlapping(stay) or stay) from error


def overlapping(stay: Registration) -> Registration | None:
    """Return the first registration that has days of a stay."""
    others = Registration.objects.filter(person=stay.person, is_current=True).exclude(pk=stay.pk)
    others = others.filter(Q(until=None) | Q(until__gt=stay.start))
    if stay.until is not None:
        others = others.filter(start__lt=stay.until)
    return others.order_by("start").first()


def _overlap(other: Registration) -> Conflict:
    code = "residence.overlaps"
    facts: dict[str, object] = {"from": other.start, "until": other.until or "residence.until_now"}
    return Conflict(code, errors=[FieldError("start", code, facts), FieldError("until", code, facts)], **facts)


def note(action: str, event: str, stay: Registration, by: Principal, facts: Mapping[str, object] | None = None) -> None:
    """Record an act on a registration and say that it happened."""
    on = ("registration", stay.pk)
    record_act(action, by=by, on=on, person_id=stay.person_id)
    publish(event, on=on, person_id=stay.person_id, facts=facts)
