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
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import LONGEST_ADDRESS, Registration, ReportedBy
from yizhengtong.registry.residence.rules import is_in_area

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
    by: Principal,
) -> Declared:
    """Register that a person lives, or lived, at a place on `[start, until)`.

    `region`: GB/T 2260 code of the county; an unknown one is accepted with the warning `residence.unknown_region`.
    `declared_on`: the legal day of the declaration. Raises Invalid `residence.stay_invalid` with every wrong field,
    Conflict `residence.overlaps` with the facts `from` and `until` of the stay in the way.
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
    )
    _check(stay, declared_on)
    _insert(stay)
    _note("residence.declare_stay", "residence.stay_declared", stay, by)
    return Declared(stay, _warnings(region))


@use_case
def end_stay(*, registration: Registration, until: date, by: Principal, version: int) -> Registration:
    """Note that the person no longer lives there: `until` is the first day on which that is so.

    Raises Stale `web.stale_version`, Conflict `residence.already_ended` or `residence.already_corrected`, Invalid
    `residence.stay_invalid`.
    """
    stay = _load(registration, version)
    if stay.until is not None:
        raise Conflict("residence.already_ended")
    if until <= stay.start:
        raise Invalid("residence.stay_invalid", errors=[FieldError("until", "residence.ends_before_start")])
    stay.until = until
    stay.version += 1
    stay.save(update_fields=["until", "version"])
    _note("residence.end_stay", "residence.stay_ended", stay, by)
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
    old = _load(registration, version)
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
    )
    _check(stay, on)
    old.is_current = False
    old.version += 1
    old.save(update_fields=["is_current", "version"])
    _insert(stay)
    _note("residence.correct_stay", "residence.stay_corrected", stay, by, {"corrects": str(old.pk), "reason": reason})
    return Declared(stay, _warnings(region))


def _lock(person_id: UUID) -> Person:
    """Take a person's stays in turn. Without it, two overlapping ones at once could end in a deadlock of the index."""
    return Person.objects.select_for_update(no_key=True).get(pk=person_id)


def _load(registration: Registration, version: int) -> Registration:
    _lock(registration.person_id)
    stay = Registration.objects.select_related("person").get(pk=registration.pk)
    if not stay.is_current:
        raise Conflict("residence.already_corrected")
    if stay.version != version:
        raise Stale("web.stale_version")
    return stay


def _check(stay: Registration, known_on: date) -> None:
    """Refuse a stay that cannot be, with all that is wrong. `known_on`: the legal day on which it is said."""
    wrong = {
        "region": _wrong_region(stay.region),
        "address": _wrong_address(stay.address),
        "start": _wrong_start(stay, known_on),
        "until": "residence.ends_before_start" if stay.until is not None and stay.until <= stay.start else "",
        "reported_by": "" if stay.reported_by in ReportedBy.values else "residence.unknown_reporter",
    }
    errors = [FieldError(field, code, {"most": LONGEST_ADDRESS}) for field, code in wrong.items() if code]
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


def _warnings(region: str) -> tuple[str, ...]:
    return () if regions.region(region) else ("residence.unknown_region",)


def _insert(stay: Registration) -> None:
    """Insert a stay, or say which one is in the way; what comes in between is caught by the constraint."""
    in_the_way = _overlapping(stay)
    if in_the_way is not None:
        raise _overlap(in_the_way)
    try:
        with transaction.atomic():
            stay.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != _ONE_PLACE_A_DAY:
            raise
        raise _overlap(_overlapping(stay) or stay) from error


def _overlapping(stay: Registration) -> Registration | None:
    others = Registration.objects.filter(person=stay.person, is_current=True).exclude(pk=stay.pk)
    others = others.filter(Q(until=None) | Q(until__gt=stay.start))
    if stay.until is not None:
        others = others.filter(start__lt=stay.until)
    return others.order_by("start").first()


def _overlap(other: Registration) -> Conflict:
    code = "residence.overlaps"
    facts: dict[str, object] = {"from": other.start, "until": other.until or "residence.until_now"}
    return Conflict(code, errors=[FieldError("start", code, facts), FieldError("until", code, facts)], **facts)


def _note(
    action: str, event: str, stay: Registration, by: Principal, facts: Mapping[str, object] | None = None
) -> None:
    on = ("registration", stay.pk)
    record_act(action, by=by, on=on, person_id=stay.person_id)
    publish(event, on=on, person_id=stay.person_id, facts=facts)
