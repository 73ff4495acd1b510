"""Background work on checks."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.law.retention import may_go_before
from yizhengtong.verification.checks.forgetting import forget_checks


@app.periodic(cron="45 18 * * *")  # UTC: 02:45 in China
@app.task(name="checks.forget", queueing_lock="checks.forget")
def forget_old_checks(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete traces whose time is over by `retention.provision`; kept where no law of personal data is in force."""
    on = legal_day(timezone.now())
    law = law_of_personal_data(on)
    day = may_go_before(law, "provision", settings.YZT_KEEP_WORK_DAYS, on) if law else None
    if day is not None:
        forget_checks(before=datetime.combine(day, time(), CHINA))
