"""After midnight in China: what was not endorsed is suspended, and who is due is reminded."""

import logging

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.sweeping import remind_due, suspend_overdue

log = logging.getLogger(__name__)


@app.periodic(cron="5 16 * * *")  # UTC: 00:05 in China
@app.task(name="permits.sweep", queueing_lock="permits.sweep")
def sweep_permits(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Suspend what is overdue on the legal day it is, then remind."""
    on = legal_day(timezone.now())
    suspended = suspend_overdue(on=on)
    reminded = remind_due(on=on)
    log.info("permits.swept suspended=%s reminded=%s", suspended, reminded.total())
