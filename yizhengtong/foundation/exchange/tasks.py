"""Background work of the exchange: push, look again, forget."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yizhengtong.foundation.exchange.outbox import wake
from yizhengtong.foundation.exchange.pushing import next_due, push_due
from yizhengtong.foundation.exchange.services import forget_settled
from yizhengtong.foundation.observability.jobs import URGENT, OneAtATime

_ROUND_SECONDS = 20.0
_SOON = timedelta(seconds=55)


@app.task(name="exchange.push", queueing_lock="exchange.push", priority=URGENT)
def push_events() -> None:
    """Send what can go, then see to it that somebody looks again when the next one may."""
    _push()
    _look_again()


@app.task(name="exchange.push_later", queueing_lock="exchange.push_later")
def push_later() -> None:
    """Send what has become due."""
    push_events()


@app.periodic(cron="* * * * *")
@app.task(name="exchange.sweep", queueing_lock="exchange.sweep")
def sweep_pushes(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Send what a lost wake-up or a dead worker left behind."""
    push_events()


@app.periodic(cron="20 19 * * *")  # UTC: 03:20 in China
@app.task(name="exchange.forget", queueing_lock="exchange.forget")
def forget_pushes(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete what was settled long ago; who was told what stays in the audit trail."""
    forget_settled(before=timezone.now() - timedelta(days=KEPT_DAYS))


@OneAtATime
def _push() -> None:
    if push_due(seconds=_ROUND_SECONDS):
        wake()


KEPT_DAYS = 90
"""How long it can be seen when an event was handed over and acknowledged (in no source)."""


def _look_again() -> None:
    """Queue one more look for when the next push may go; what is later than the next sweep is left to it."""
    due = next_due()
    if due is None or due > timezone.now() + _SOON:
        return
    seconds = max(1, round((due - timezone.now()).total_seconds()))
    try:
        with transaction.atomic():
            later = app.configure_task(
                "exchange.push_later", queueing_lock="exchange.push_later", schedule_in={"seconds": seconds}
            )
            later.defer()
    except AlreadyEnqueued:
        pass
