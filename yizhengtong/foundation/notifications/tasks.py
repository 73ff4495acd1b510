"""Background sending."""

import logging

from procrastinate.contrib.django import app

from yizhengtong.foundation.notifications.channels.choosing import keep_links
from yizhengtong.foundation.notifications.channels.contract import TryLater
from yizhengtong.foundation.notifications.contacts import CODE_MINUTES
from yizhengtong.foundation.notifications.kinds import Channel, kinds
from yizhengtong.foundation.notifications.outbox import MOST_AT_ONCE, send_waiting, settle_unsure
from yizhengtong.foundation.notifications.receipts import note_receipt
from yizhengtong.foundation.notifications.rendering import render
from yizhengtong.foundation.notifications.services import send_code
from yizhengtong.foundation.notifications.templates import words_in_use
from yizhengtong.foundation.observability.jobs import OneAtATime, wake
from yizhengtong.kernel.ids import new_id

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


@app.task(name="notifications.send_sign_in_code")
def send_sign_in_code(address: str, code: str, language: str) -> None:
    """Put a sign-in code on its way to a number of which it is not known whose it is; its arguments are sealed."""
    kind = kinds()["code"]
    words = render(words_in_use("code", Channel.SMS, language), kind, {"code": code, "minutes": CODE_MINUTES}, language)
    send_code(person_id=new_id(), channel=Channel.SMS, address=address, words=words, minutes=CODE_MINUTES)
