"""Receipt, clock and application number: what a case is given when it comes in and when it is accepted."""

from datetime import date

from django.conf import settings
from django.db import connection

from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.rules import due


def start_clock(case: Case, law: Law, on: date) -> None:
    """Give the receipt number and the last day by which is decided; the item's pack names the limit (D1)."""
    limit = law.value(item_of(law, case.item).limit)
    case.accepted_on = on
    if limit is not None:  # where no source gives a time (N), none is promised
        deadline = due(on, limit, law.calendar)
        case.due_on, case.is_due_provisional = deadline.day, deadline.provisional
    case.receipt_number = receipt_number(case.application.place, on, _next("casework_receipt_number"))


def receipt_number(place: str, on: date, running: int) -> str:
    """Return a receipt number: place, day, running number. No source fixes its shape (facts.md 5: N)."""
    return f"{place}-{on:%Y%m%d}-{running:07d}"


def application_number(place: str, on: date) -> str:
    """S4-19 申请编号: from the platform's own series; its shape is a setting, for no source fixes it (N)."""
    return written_number(place, on, _next("casework_application_number"))


def written_number(place: str, on: date, running: int) -> str:
    """Return an application number as the setting writes it."""
    pattern: str = settings.YZT_APPLICATION_NUMBER_PATTERN
    return pattern.format(county=place, year=on.year, running=running)


def next_numbers(sequence: str, count: int) -> list[int]:
    """Return the next numbers of one of the two series."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s::regclass) FROM generate_series(1, %s)", [sequence, count])
        return [row[0] for row in cursor.fetchall()]


def _next(sequence: str) -> int:
    return next_numbers(sequence, 1)[0]
