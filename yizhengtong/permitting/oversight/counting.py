"""Counting the archive by office, month and item. Done by a task: no page counts a million cases."""

from collections import Counter
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import Duration
from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.models import Notice
from yizhengtong.permitting.casework.states import OPEN, UNDECIDED
from yizhengtong.permitting.oversight.models import Figure, Measure

SOON_WORKING_DAYS = 3
"""How far ahead a day that is due is told as about to be missed. Not a number of the law: how early a head looks."""
_BATCH = 2_000
_BY_MONTH = """
    INSERT INTO oversight_figure
        (id, office_id, office_path, month, item, measure, code, cases, days, longest, counted_at)
    SELECT gen_random_uuid(), office_id, office_path, date_trunc('month', {day}::timestamp)::date, item,
        %(measure)s, {code}, count(*), coalesce(sum({days}), 0), coalesce(max({days}), 0), %(at)s
    FROM casework_case whole {also} WHERE {day} IS NOT NULL AND {holds}
    GROUP BY 2, 3, 4, 5, 7
"""
_LAST_STEP = """LEFT JOIN LATERAL (
    SELECT max(step."on") AS day FROM casework_journalentry step WHERE step.case_id = whole.id) last ON true"""
_WITHDRAWN = """LEFT JOIN LATERAL (
    SELECT max(step."on") AS day FROM casework_journalentry step
    WHERE step.case_id = whole.id AND step.action = 'withdraw') last ON whole.state = 'withdrawn'"""
_IS_DECIDED = "decided_on IS NOT NULL AND state <> 'withdrawn'"
_STANDING = "%(today)s::date"
_UNDECIDED = "state = ANY (%(undecided)s) AND accepted_on IS NOT NULL"

_COUNTED: dict[Measure, dict[str, str]] = {
    Measure.RECEIVED: {"day": "received_on"},
    Measure.ACCEPTED: {"day": "accepted_on"},
    Measure.GRANTED: {
        "day": "decided_on",
        "holds": f"{_IS_DECIDED} AND state <> 'refused'",
        "days": "decided_on - accepted_on",
    },
    Measure.REFUSED: {"day": "decided_on", "holds": "state = 'refused'", "days": "decided_on - accepted_on"},
    Measure.WITHDRAWN: {
        "day": "coalesce(last.day, received_on)",
        "holds": "state = 'withdrawn'",
        "also": _WITHDRAWN,
    },
    Measure.IN_TIME: {"day": "decided_on", "holds": f"{_IS_DECIDED} AND decided_on <= due_on"},
    Measure.LATE: {"day": "decided_on", "holds": f"{_IS_DECIDED} AND decided_on > due_on"},
    Measure.WAITING: {
        "day": _STANDING,
        "holds": "state = ANY (%(open)s)",
        "code": "state",
        "days": f"greatest({_STANDING} - coalesce(last.day, received_on), 0)",
        "also": _LAST_STEP,
    },
    Measure.OVERDUE: {"day": _STANDING, "holds": f"{_UNDECIDED} AND due_on < {_STANDING}"},
    Measure.DUE_SOON: {
        "day": _STANDING,
        "holds": f"{_UNDECIDED} AND due_on BETWEEN {_STANDING} AND %(soon)s::date",
    },
}
_DEFAULTS = {"holds": "true", "code": "''", "days": "0", "also": ""}


@use_case
def count_anew(*, on: date, since: date | None = None) -> int:
    """Count everything as of the legal day `on`; of the reasons of refusal only months from `since` on (None: all).

    Reasons lie sealed in the notices and are opened one by one; all else is counted where it lies. Returns how many
    figures there are now.
    """
    at = timezone.now()
    month = since.replace(day=1) if since else None
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE oversight_figure IN SHARE ROW EXCLUSIVE MODE")  # two counts would count twice
    Figure.objects.exclude(measure=Measure.REASON).delete()
    facts: dict[str, Any] = {"today": on, "soon": soon(on), "open": list(OPEN), "undecided": list(UNDECIDED), "at": at}
    with connection.cursor() as cursor:
        for measure, parts in _COUNTED.items():
            cursor.execute(_BY_MONTH.format_map({**_DEFAULTS, **parts}), {**facts, "measure": measure.value})
    _count_reasons(month, at)
    Figure.objects.filter(measure=Measure.REASON).update(counted_at=at)
    return Figure.objects.count()


def soon(on: date) -> date:
    """Return the last of the next working days that count as soon."""
    try:
        calendar = law_in_force(settings.YZT_REGION, "hmt", on).calendar
    except NotFound:
        return on
    return calendar.deadline(on, Duration(SOON_WORKING_DAYS, "workday")).day


def _count_reasons(month: date | None, at: datetime) -> None:
    known, notices = Figure.objects.filter(measure=Measure.REASON), Notice.objects.filter(kind=Notice.Kind.REFUSAL)
    if month is not None:
        known, notices = known.filter(month__gte=month), notices.filter(issued_on__gte=month)
    known.delete()
    counted: Counter[tuple[UUID, str, date, str, str]] = Counter()
    for notice in notices.select_related("case").iterator(chunk_size=_BATCH):
        case = notice.case
        for code in {finding["code"] for finding in notice.findings}:
            counted[case.office_id, case.office_path, notice.issued_on.replace(day=1), case.item, code] += 1
    Figure.objects.bulk_create(
        [
            Figure(
                office_id=office, office_path=path, month=day, item=item, measure=Measure.REASON, code=code,
                cases=cases, counted_at=at,
            )
            for (office, path, day, item, code), cases in counted.items()
        ],
        batch_size=_BATCH,
    )  # fmt: skip
