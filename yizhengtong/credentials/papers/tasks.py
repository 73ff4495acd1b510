"""Background work on papers: what was replaced long ago is not kept."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.credentials.papers.forgetting import forget_replaced
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.retention import may_go_before


@app.periodic(cron="55 18 * * *")  # UTC: 02:55 in China
@app.task(name="papers.forget", queueing_lock="papers.forget")
def forget_replaced_papers(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete traces of replaced papers whose time is over by `retention.work` and YZT_KEEP_WORK_DAYS."""
    on = legal_day(timezone.now())
    law = law_in_force(settings.YZT_REGION, "hmt", on)
    day = may_go_before(law, "work", settings.YZT_KEEP_WORK_DAYS, on)
    if day is not None:
        forget_replaced(before=datetime.combine(day, time(), CHINA))
