"""By when a request about one's data is answered."""

from datetime import date, timedelta

from django.conf import settings

from yizhengtong.law.law import Law


def answer_due(law: Law, on: date) -> date:
    """Return the last day of an answer: by the pack's `rights.answer_within`, else as the deployment promises."""
    limit = law.value("rights.answer_within")
    if limit is None:
        return on + timedelta(days=settings.YZT_PRIVACY_ANSWER_DAYS)
    return law.calendar.deadline(on, limit.duration).day
