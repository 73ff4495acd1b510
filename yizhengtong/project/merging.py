"""Merging offices: everything that belongs to one belongs to the other from one instant on.

`office_path` is copied into cases, permits and what other rooms add, so that an officer's area is one comparison. All
copies are moved in the transaction of the merge; the models are asked which they are, so that none is forgotten.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ForeignKey, Max
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office, StaffRequest
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound, Problem
from yizhengtong.permitting.casework.models import Appointment, AppointmentState

STAYS = frozenset({"audit_entry", "accounts_office"})
"""Tables that are not moved by column: the trail says where something happened, offices move by themselves."""


@use_case
def merge_offices(*, source: str, target: str, by: Principal) -> dict[str, int]:
    """Merge the office with code `source` into `target`, with the offices below it. Returns moved rows by table.

    Officers serve at the target, cases and permits are its own, appointments to come keep their time and get a seat
    there. The old office stays as a name for what happened in it; new applications to it go to the target.
    Raises NotFound `accounts.office_unknown`, Conflict `accounts.office_merged_already`, `.office_within_itself`,
    `.office_merge_collides`.
    """
    gone, taking = _locked(source, target)
    moved: dict[str, int] = {}
    try:
        with transaction.atomic():
            moved["casework_appointment"] = _seat_anew(gone, taking)
            for table, column in keys_of_offices():
                moved[table] = moved.get(table, 0) + _point(table, column, gone, taking)
            old_path, new_path = gone.path, taking.path
            for table in paths_of_offices():
                moved[table] = moved.get(table, 0) + _rewrite(table, old_path, new_path)
            _move_offices_below(gone, taking)
    except IntegrityError as error:
        raise Conflict("accounts.office_merge_collides") from error
    gone.merged_into = taking
    gone.save(update_fields=["merged_into"])
    record_act("accounts.merge_offices", by=by, on=("office", gone.pk), person_id=None, purpose=f"into {taking.code}")
    return {table: count for table, count in moved.items() if count}


def merge_confirmed() -> list[str]:
    """Carry out the merges that two administrators agreed on. Returns the codes of what kept some from it."""
    waiting = StaffRequest.objects.select_related("office", "target").filter(
        kind=StaffRequest.Kind.MERGE, state=StaffRequest.State.CONFIRMED, done_at=None
    )
    failures = [_carry_out(asked) for asked in waiting.order_by("decided_at")]
    return [code for code in failures if code]


def _carry_out(asked: StaffRequest) -> str:
    failure = ""
    try:
        merge_offices(source=asked.office.code, target=asked.target.code if asked.target else "", by=SYSTEM)
    except Problem as problem:
        failure = problem.code
    StaffRequest.objects.filter(pk=asked.pk).update(done_at=timezone.now(), failure=failure)
    return failure


def keys_of_offices() -> Iterator[tuple[str, str]]:
    """Yield table and column of everything that points to an office, appointments apart."""
    for model in _living():
        for field in model._meta.local_concrete_fields:
            is_key = isinstance(field, ForeignKey) and field.related_model is Office
            if model is not Appointment and (is_key or field.column == "office_id"):
                yield model._meta.db_table, str(field.column)


def paths_of_offices() -> Iterator[str]:
    """Yield the tables that hold a copy of an office's path."""
    for model in _living():
        if any(field.column == "office_path" for field in model._meta.local_concrete_fields):
            yield model._meta.db_table


def _living() -> Iterator[type[models.Model]]:
    """Yield the models of the present: no history, no trail, no offices."""
    for model in apps.get_models():
        is_history = any(field.column == "pgh_id" for field in model._meta.local_concrete_fields)
        if not is_history and model._meta.db_table not in STAYS and model._meta.managed:
            yield model


def _locked(source: str, target: str) -> tuple[Office, Office]:
    """Hold both offices against new work until the merge is done."""
    found = {
        each.code: each for each in Office.objects.select_for_update().filter(code__in=[source, target]).order_by("pk")
    }
    if source not in found or target not in found:
        raise NotFound("accounts.office_unknown")
    gone, taking = found[source], found[target]
    if gone.merged_into_id or taking.merged_into_id:
        raise Conflict("accounts.office_merged_already")
    if gone.covers(taking.path):
        raise Conflict("accounts.office_within_itself")
    return gone, taking


def _seat_anew(gone: Office, taking: Office) -> int:
    """Move the appointments to come. Nobody loses one: where all windows are taken, one more seat is given."""
    coming = Appointment.objects.select_for_update().filter(
        office=gone, state=AppointmentState.BOOKED, starts_at__gte=timezone.now()
    )
    count = 0
    for appointment in coming.order_by("starts_at", "seat"):
        taken = Appointment.objects.filter(office=taking, starts_at=appointment.starts_at, ticket_number=None)
        last = taken.exclude(state=AppointmentState.CANCELLED).aggregate(last=Max("seat"))["last"] or 0
        appointment.office, appointment.seat = taking, last + 1
        appointment.save(update_fields=["office", "seat"])
        count += 1
    return count


def _point(table: str, column: str, gone: Office, taking: Office) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE "{column}" = %s', [taking.pk, gone.pk])  # noqa: S608 names of our own models
        return int(cursor.rowcount)


def _rewrite(table: str, old: str, new: str) -> int:
    """Replace the beginning of a path, whole codes only: `370102` is not the beginning of `3701021`."""
    statement = f"""
        UPDATE "{table}" SET office_path = %s || substr(office_path, %s)
        WHERE office_path = %s OR starts_with(office_path, %s)
    """  # noqa: S608 names of our own models
    with connection.cursor() as cursor:
        cursor.execute(statement, [new, len(old) + 1, old, f"{old}."])
        return int(cursor.rowcount)


def _move_offices_below(gone: Office, taking: Office) -> None:
    old, new = f"{gone.path}.", f"{taking.path}."
    Office.objects.filter(parent=gone).update(parent=taking)
    for below in Office.objects.filter(path__startswith=old).order_by("path"):
        below.path = new + below.path.removeprefix(old)
        below.save(update_fields=["path"])
