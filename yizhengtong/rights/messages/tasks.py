"""Background work on messages: telling many, and forgetting what is old."""

from datetime import datetime, time
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.notifications.forgetting import forget_messages
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.retention import may_go_before
from yizhengtong.rights.messages import breaches


@app.task(name="messages.tell_of_breach")
def tell_of_breach(breach_id: str, person_ids: list[str]) -> None:
    """Tell persons of a breach."""
    breaches.tell_of_breach(breach_id=UUID(breach_id), person_ids=[UUID(key) for key in person_ids])


@app.periodic(cron="50 18 * * *")  # UTC: 02:50 in China
@app.task(name="messages.forget", queueing_lock="messages.forget")
def forget_old_messages(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete messages whose time is over by `retention.work` and YZT_MESSAGES_KEEP_DAYS."""
    on = legal_day(timezone.now())
    law = law_in_force(settings.YZT_REGION, "hmt", on)
    day = may_go_before(law, "work", int(str(settings.YZT_MESSAGES["keep_days"])), on)
    if day is not None:
        forget_messages(before=datetime.combine(day, time(), CHINA))
