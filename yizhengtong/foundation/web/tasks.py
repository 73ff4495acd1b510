"""Background work of the web: answers are kept only as long as a request may come twice, buckets until full."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.web.limits import forget_full
from yizhengtong.foundation.web.models import IdempotentAnswer

_KEPT = timedelta(days=2)  # the longest that clients go on trying; a setting of technique, not of the law


@app.periodic(cron="41 * * * *")
@app.task(name="web.forget_answers", queueing_lock="web.forget_answers")
def forget_answers(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete answers older than two days: they hold personal data and have served."""
    IdempotentAnswer.objects.filter(at__lt=timezone.now() - _KEPT).delete()


@app.periodic(cron="11 * * * *")
@app.task(name="web.forget_buckets", queueing_lock="web.forget_buckets")
def forget_buckets(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete the buckets of rate limits that are full again."""
    forget_full()
