"""Background work on showings: what is over is not kept."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.credentials.showing.forgetting import forget_showings
from yizhengtong.kernel.dates import legal_day


@app.periodic(cron="35 18 * * *")  # UTC: 02:35 in China
@app.task(name="showing.forget", queueing_lock="showing.forget")
def forget_old_showings(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete showings that ended a day ago, and printed codes that are no longer good."""
    now = timezone.now()
    forget_showings(ended_before=now - timedelta(days=1), good_until_before=legal_day(now))
