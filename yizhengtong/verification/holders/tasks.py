"""Background work on tickets about checks."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.law.retention import may_go_before
from yizhengtong.verification.holders.forgetting import forget_tickets


@app.periodic(cron="47 18 * * *")  # UTC: 02:47 in China
@app.task(name="holders.forget", queueing_lock="holders.forget")
def forget_old_tickets(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete tickets whose time is over by `retention.provision`; kept where no law of personal data is in force."""
    on = legal_day(timezone.now())
    law = law_of_personal_data(on)
    day = may_go_before(law, "provision", settings.YZT_KEEP_WORK_DAYS, on) if law else None
    if day is not None:
        forget_tickets(before=datetime.combine(day, time(), CHINA))
