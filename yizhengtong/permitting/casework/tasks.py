"""Background work on cases: what was taken back is not kept for ever."""

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import legal_day
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.retention import may_go_before
from yizhengtong.permitting.casework.forgetting import forget_papers


@app.periodic(cron="30 18 * * *")  # UTC: 02:30 in China
@app.task(name="casework.forget_papers", queueing_lock="casework.forget_papers")
def forget_old_papers(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete papers taken back whose time is over by `retention.work` and YZT_KEEP_WORK_DAYS."""
    on = legal_day(timezone.now())
    law = law_in_force(settings.YZT_REGION, "hmt", on)
    day = may_go_before(law, "work", settings.YZT_KEEP_WORK_DAYS, on)
    if day is not None:
        forget_papers(before=day, on=on)
