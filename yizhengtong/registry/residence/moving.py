"""Changes of what is registered: a move within the place, another employer (条例 arts. 13, 19, D12)."""

from datetime import date

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid
from yizhengtong.registry.residence.duties import MAINLAND, is_late, is_one_place, last_day, value_of
from yizhengtong.registry.residence.models import Registration, ReportedBy
from yizhengtong.registry.residence.queries import law_of_registration
from yizhengtong.registry.residence.services import Declared, check, insert, load, note, warnings
from yizhengtong.registry.residence.vouchers import next_voucher_number

_LIMIT = "registration.change_within"


@use_case
def move_within(
    *,
    registration: Registration,
    region: str,
    address: str,
    moved_on: date,
    on: date,
    by: Principal,
    version: int,
    reported_by: str = ReportedBy.SELF,
) -> Declared:
    """Register a move within the county, or between districts of one city, and end the stay before it.

    `moved_on`: first day at the new address. The day of declaration stays the first one's: a change is no new
    declaration (条例 arts. 13, 16; I). After the pack's last day it is marked late.
    Raises what `end_stay` raises, Conflict `residence.crosses_county`: elsewhere is declared anew.
    """
    old = load(registration, version)
    if old.until is not None:
        raise Conflict("residence.already_ended")
    if not is_one_place(old.region, region):
        raise Conflict("residence.crosses_county")
    if moved_on <= old.start:
        raise Invalid("residence.stay_invalid", errors=[FieldError("moved_on", "residence.moved_before_start")])
    law = law_of_registration(region, on) if old.person.region == MAINLAND else None
    stay = Registration(
        person=old.person, region=region, address=address, start=moved_on, reported_by=reported_by,
        declared_on=old.declared_on, recorded_by=by.id, workplace=old.workplace, reporter_id=old.reporter_id,
        carries_on=old.pk,
        voucher_number=next_voucher_number(region, on) if value_of(law, "residence.registration_required") else "",
    )  # fmt: skip
    check(stay, on)
    due = last_day(law, _LIMIT, moved_on)
    stay.due_on, stay.is_late = due.day if due else None, is_late(due, on)
    old.until = moved_on
    old.version += 1
    old.save(update_fields=["until", "version"])
    insert(stay)
    note("residence.move_within", "residence.changed", stay, by, {"carries_on": str(old.pk)})
    return Declared(stay, warnings(stay))


@use_case
def change_workplace(
    *, registration: Registration, workplace: str, changed_on: date, on: date, by: Principal, version: int
) -> Declared:
    """Note another employer, empty for none, from `changed_on`; what stood before stays in the history.

    Raises Conflict `residence.already_ended`, Invalid `residence.stay_invalid`.
    """
    stay = load(registration, version)
    if stay.until is not None:
        raise Conflict("residence.already_ended")
    if not stay.start <= changed_on <= on:
        raise Invalid("residence.stay_invalid", errors=[FieldError("changed_on", "residence.changed_outside_stay")])
    law = law_of_registration(stay.region, on) if stay.person.region == MAINLAND else None
    stay.workplace = workplace or None
    stay.version += 1
    check(stay, on)
    stay.save(update_fields=["workplace", "version"])
    late = ("residence.changed_late",) if is_late(last_day(law, _LIMIT, changed_on), on) else ()
    note("residence.change_workplace", "residence.changed", stay, by, {"fields": ["workplace"]})
    return Declared(stay, late)
