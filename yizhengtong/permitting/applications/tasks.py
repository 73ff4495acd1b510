"""Background work on applications: what was given up is not kept."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.retention import may_go_before
from yizhengtong.permitting.applications.forgetting import forget_drafts


@app.periodic(cron="20 18 * * *")  # UTC: 02:20 in China
@app.task(name="applications.forget_drafts", queueing_lock="applications.forget_drafts")
def forget_old_drafts(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete drafts whose time is over by `retention.work` and YZT_KEEP_WORK_DAYS."""
    on = legal_day(timezone.now())
    law = law_in_force(settings.YZT_REGION, "hmt", on)
    day = may_go_before(law, "work", settings.YZT_KEEP_WORK_DAYS, on)
    if day is not None:
        forget_drafts(before=datetime.combine(day, time(), CHINA))
