"""Background work: telling parties that somebody signed out, and forgetting what is over."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.observability.jobs import OneAtATime, wake
from yizhengtong.verification.openid.forgetting import forget_over
from yizhengtong.verification.openid.services import TELLING
from yizhengtong.verification.openid.telling import tell_due


@app.task(name=TELLING, queueing_lock=TELLING)
def tell_logouts() -> None:
    """Tell what can be told."""
    _tell()


@app.periodic(cron="* * * * *")
@app.task(name="openid.sweep", queueing_lock="openid.sweep")
def sweep_logouts(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Tell what has become due, and what a lost wake-up or a dead worker left behind."""
    _tell()


@app.periodic(cron="*/20 * * * *")
@app.task(name="openid.forget", queueing_lock="openid.forget")
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete requests and sign-ins that are over, and consents that ended some days ago."""
    forget_over(at=timezone.now())


@OneAtATime
def _tell() -> None:
    if tell_due():
        wake(TELLING)
