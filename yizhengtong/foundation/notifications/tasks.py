"""Background sending."""

import logging

from procrastinate.contrib.django import app

from yizhengtong.foundation.notifications.channels.choosing import keep_links
from yizhengtong.foundation.notifications.channels.contract import TryLater
from yizhengtong.foundation.notifications.outbox import MOST_AT_ONCE, send_waiting, settle_unsure
from yizhengtong.foundation.notifications.receipts import note_receipt
from yizhengtong.foundation.observability.jobs import OneAtATime, wake

log = logging.getLogger(__name__)


@app.task(name="notifications.send", queueing_lock="notifications.send")
def send_messages() -> None:
    """Send a few of what is due, then let others have their turn."""
    _send()


@OneAtATime
def _send() -> None:
    if send_waiting() == MOST_AT_ONCE:
        wake("notifications.send")


@app.periodic(cron="* * * * *")
@app.task(name="notifications.sweep", queueing_lock="notifications.sweep")
def sweep_messages(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Look after what may have gone, and send what has become due: after a wait, a night, or a lost wake-up."""
    settle_unsure()
    send_messages()
    try:
        keep_links()
    except TryLater as problem:
        log.warning("notifications.no_link code=%s", problem.code)


@app.task(name="notifications.note_receipt")
def note_callback(provider_id: str, state: str) -> None:
    """Note what a gateway called back."""
    note_receipt(provider_id, state)
