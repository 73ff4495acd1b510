"""Background work on notices: send, look again, look at what subscriptions rest on, forget."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.observability.jobs import URGENT, OneAtATime, wake
from yizhengtong.kernel.dates import legal_day
from yizhengtong.verification.webhooks.bounds import KEPT
from yizhengtong.verification.webhooks.following import drop_all_unfounded, note_expired
from yizhengtong.verification.webhooks.forgetting import forget
from yizhengtong.verification.webhooks.sending import send_due
from yizhengtong.verification.webhooks.services import SEND

_ROUND_SECONDS = 20.0


@app.task(name=SEND, queueing_lock=SEND, priority=URGENT)
def send_notices() -> None:
    """Send what can go."""
    _send()


@app.periodic(cron="* * * * *")
@app.task(name="webhooks.sweep", queueing_lock="webhooks.sweep")
def sweep_notices(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Send what has become due, and what a lost wake-up or a dead worker left behind."""
    _send()


@app.periodic(cron="10 16 * * *")  # UTC: 00:10 in China
@app.task(name="webhooks.expire", queueing_lock="webhooks.expire")
def tell_expired(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Have it told that permits have expired."""
    note_expired(legal_day(timezone.now()))


@app.periodic(cron="50 18 * * *")  # UTC: 02:50 in China
@app.task(name="webhooks.forget", queueing_lock="webhooks.forget")
def forget_old_notices(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """End subscriptions whose basis fell away unsaid, and delete what ended long ago."""
    drop_all_unfounded()
    forget(before=timezone.now() - KEPT)


@OneAtATime
def _send() -> None:
    if send_due(seconds=_ROUND_SECONDS):
        wake(SEND)
