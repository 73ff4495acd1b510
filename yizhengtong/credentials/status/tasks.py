"""Background work on status lists: what has changed is told at once; what was missed, within a minute or an hour."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.credentials.status.comparing import compare_all
from yizhengtong.credentials.status.signing import sign_due
from yizhengtong.credentials.status.tending import close_full, expire, forget_past, thin_tokens
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.observability.jobs import URGENT, OneAtATime
from yizhengtong.kernel.dates import legal_day

log = logging.getLogger(__name__)


@app.task(name="status.build", queueing_lock="status.build", priority=URGENT)
def build_lists() -> None:
    """Work in what happened, and sign the lists that say something else now."""
    _build()


@app.periodic(cron="* * * * *")
@app.task(name="status.sweep", queueing_lock="status.sweep", priority=URGENT)
def sweep_lists(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Do what a lost wake-up or a dead worker left, sign anew what has become old, close what is full."""
    close_full()
    _build()


@app.periodic(cron="10 * * * *")  # ten past midnight in China too, after the sweep of permits
@app.task(name="status.compare", queueing_lock="status.compare")
def compare_lists(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Compare every place with its permit, and thin past tokens."""
    differences = compare_all()
    _build()
    thin_tokens(now=timezone.now())
    log.info("status.compared differences=%s", differences)


@app.periodic(cron="35 18 * * *")  # UTC: 02:35 in China
@app.task(name="status.forget", queueing_lock="status.forget")
def forget_lists(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Forget whose the places of past copies were, and let go of lists that are past as a whole."""
    on = legal_day(timezone.now())
    forget_past(on=on)
    expire(on=on)


@OneAtATime
def _build() -> None:
    work_in()
    sign_due()
