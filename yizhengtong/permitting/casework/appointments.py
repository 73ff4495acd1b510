"""When a service point receives: which times exist, and which seats are free.

No source gives opening hours or how many windows a point has: they are the deployment's settings, not the law's.
Days are working days of the pack's calendar.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.workdays import Calendar


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
    return _can_be_booked(starts_at) and starts_at in times_of(legal_day(starts_at), calendar)


def _can_be_booked(starts_at: datetime) -> bool:
    now = timezone.now()
    return now < starts_at < now + timedelta(days=settings.YZT_BOOKING_HORIZON_DAYS)


def free_seats(office_id: UUID, starts_at: datetime) -> list[int]:
    """Return the seats still free at a time, by number."""
    taken = {seat for _, seat in _taken(office_id, [starts_at])}
    return [seat for seat in range(1, settings.YZT_WINDOWS_PER_POINT + 1) if seat not in taken]


def free_times(office_id: UUID, day: date, calendar: Calendar) -> list[datetime]:
    """Return the times of a day at which a seat is free."""
    times = [at for at in times_of(day, calendar) if _can_be_booked(at)]
    taken = Counter(at for at, _ in _taken(office_id, times)) if times else {}
    return [at for at in times if taken.get(at, 0) < settings.YZT_WINDOWS_PER_POINT]


def _taken(office_id: UUID, times: Sequence[datetime]) -> list[tuple[datetime, int]]:
    """Return time and seat of what is booked at an office, by whomever: the rows themselves are not the asker's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM casework_seats_taken(%s, %s)", [office_id, list(times)])
        return list(cursor.fetchall())
