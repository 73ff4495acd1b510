"""Background work on presentations."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.verification.presentations.forgetting import forget_over
from yizhengtong.verification.presentations.lifetimes import EVERY_MINUTES


@app.periodic(cron=EVERY_MINUTES)
@app.task(name="presentations.forget", queueing_lock="presentations.forget")
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete what was shown and not fetched in time, and rows that are over."""
    forget_over(at=timezone.now())
