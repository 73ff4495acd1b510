"""When a service point receives: which times exist, and which seats are free.

No source gives opening hours or how many windows a point has: they are the deployment's settings, not the law's.
Days are working days of the pack's calendar.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.workdays import Calendar
from yizhengtong.permitting.casework.models import Appointment, AppointmentState


def times_of(day: date, calendar: Calendar) -> Iterator[datetime]:
    """Yield the times of a day at which an appointment can start; none when the point is closed."""
    if not calendar.is_working_day(day):
        return
    step = timedelta(minutes=settings.YZT_APPOINTMENT_MINUTES)
    for opens, closes in settings.YZT_OPENING_HOURS:
        at = datetime.combine(day, time.fromisoformat(opens), CHINA)
        while at + step <= datetime.combine(day, time.fromisoformat(closes), CHINA):
            yield at
            at += step


def is_open_at(starts_at: datetime, calendar: Calendar) -> bool:
    """Whether an appointment can start then: in the future, within the booking horizon, at one of the times."""
    now = timezone.now()
    horizon = now + timedelta(days=settings.YZT_BOOKING_HORIZON_DAYS)
    return now < starts_at < horizon and starts_at in times_of(legal_day(starts_at), calendar)


def free_seats(office_id: UUID, starts_at: datetime) -> list[int]:
    """Return the seats still free at a time, by number."""
    taken = set(
        Appointment.objects.filter(office_id=office_id, starts_at=starts_at, ticket_number=None)
        .exclude(state=AppointmentState.CANCELLED)
        .values_list("seat", flat=True)
    )
    return [seat for seat in range(1, settings.YZT_WINDOWS_PER_POINT + 1) if seat not in taken]


def free_times(office_id: UUID, day: date, calendar: Calendar) -> list[datetime]:
    """Return the times of a day at which a seat is free."""
    return [at for at in times_of(day, calendar) if is_open_at(at, calendar) and free_seats(office_id, at)]
