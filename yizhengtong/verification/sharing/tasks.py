"""Background work on share codes: what is over is not kept."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.verification.sharing.bounds import KEPT_AFTER_END, MISSES_KEPT
from yizhengtong.verification.sharing.forgetting import forget_codes, forget_misses, forget_views


@app.periodic(cron="*/5 * * * *")
@app.task(name="sharing.forget_views", queueing_lock="sharing.forget_views")
def forget_old_views(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete what was kept for browsers for minutes."""
    forget_views(at=timezone.now())


@app.periodic(cron="55 18 * * *")  # UTC: 02:55 in China
@app.task(name="sharing.forget", queueing_lock="sharing.forget")
def forget_old_codes(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete codes that are long over, and wrong tries of yesterday."""
    now = timezone.now()
    forget_codes(over_before=now - KEPT_AFTER_END)
    forget_misses(before=now - MISSES_KEPT)
