"""Calling the next visitor to a window."""

from datetime import date, datetime, time
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import CHINA
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.casework.models import Appointment, AppointmentState


def appointments_of(*, by: Principal, on: date) -> QuerySet[Appointment]:
    """Return the appointments and tickets of a day at an officer's own office, in the order of their times."""
    ensure_officer_of(by.office_path, by)
    return _of_day(own_office(by), on).exclude(state=AppointmentState.CANCELLED).select_related("case")


def own_office(by: Principal) -> UUID:
    """Return the office that an officer serves in."""
    if by.office_id is None:
        raise NotFound("not_found")
    return by.office_id


def _of_day(office_id: UUID, on: date) -> QuerySet[Appointment]:
    begins = datetime.combine(on, time.min, CHINA)
    ends = datetime.combine(on, time.max, CHINA)
    return Appointment.objects.filter(office_id=office_id, starts_at__range=(begins, ends)).order_by("starts_at", "pk")


@use_case
def call_next(*, on: date, by: Principal) -> Appointment:
    """Call who arrived first and was not called yet; those with an appointment go by its time.

    Two windows never call the same visitor. Raises Conflict `casework.nobody_waits`.
    """
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.CLERK)
    Office.objects.select_for_update(no_key=True).get(pk=own_office(by))
    waiting = _of_day(own_office(by), on).filter(state=AppointmentState.ARRIVED, called_at=None)
    called = waiting.select_related("case").first()
    if called is None:
        raise Conflict("casework.nobody_waits")
    called.called_at, called.called_by = timezone.now(), by.id
    called.save(update_fields=["called_at", "called_by"])
    record_act("casework.call", by=by, on=("appointment", called.pk), person_id=called.case.person_id)
    return called
