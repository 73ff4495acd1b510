"""By when a negative rating is looked into and answered."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case

FIX_LIMIT = "rating.fix_limit"


@dataclass(frozen=True, slots=True)
class Due:
    """A last day. `by_pack`: the place's law names it; else it is what the deployment promises."""

    day: date
    by_pack: bool
    is_provisional: bool = False


def answer_due(law: Law | None, on: date) -> Due:
    """Return the last day of the answer to a negative rating given on a day: `rating.fix_limit`, else the promise.

    The two texts seen (Sichuan, Dezhou) name working days; the nation's own was not found (N).
    """
    limit = law.value(FIX_LIMIT) if law is not None and FIX_LIMIT in law else None
    if law is None or limit is None:
        return Due(on + timedelta(days=settings.YZT_RATING_ANSWER_DAYS), by_pack=False)
    deadline = law.calendar.deadline(on, limit.duration)
    return Due(deadline.day, by_pack=True, is_provisional=deadline.provisional)


def law_of_case(case: Case, on: date) -> Law | None:
    """Return the law of a case's item and place on a day; None where none is in force."""
    try:
        return law_for(case.item, case.application.place, on)
    except NotFound:
        return None
