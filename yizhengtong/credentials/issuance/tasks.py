"""Background work on issuance: renewing, ending what is held by leave that is over, and forgetting what is over."""

from datetime import datetime, time

from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.credentials.issuance.ending import end_leave_of_representations
from yizhengtong.credentials.issuance.forgetting import forget_ended, forget_passing
from yizhengtong.credentials.issuance.renewing import continue_renewals
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.retention import may_go_before


@app.task(name="issuance.renew", queueing_lock="issuance.renew")
def renew_copies() -> None:
    """Go on with every renewal."""
    continue_renewals()


@app.periodic(cron="*/10 * * * *")
@app.task(name="issuance.renew_all", queueing_lock="issuance.renew_all")
def go_on_renewing(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Go on with what a killed worker left."""
    continue_renewals()


@app.periodic(cron="15 16 * * *")  # UTC: a quarter past midnight in China
@app.task(name="issuance.end_leave", queueing_lock="issuance.end_leave")
def end_what_leave_is_over_for(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """End copies of who acts for somebody no longer since today."""
    end_leave_of_representations(legal_day(timezone.now()))


@app.periodic(cron="25 * * * *")
@app.task(name="issuance.forget_passing", queueing_lock="issuance.forget_passing")
def forget_what_passes(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete offers, nonces and deferrals whose time is over."""
    forget_passing()


@app.periodic(cron="5 19 * * *")  # UTC: 03:05 in China
@app.task(name="issuance.forget", queueing_lock="issuance.forget")
def forget_old_copies(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete traces of copies whose time is over by `retention.work` and YZT_KEEP_WORK_DAYS."""
    on = legal_day(timezone.now())
    day = may_go_before(law_in_force(settings.YZT_REGION, "hmt", on), "work", settings.YZT_KEEP_WORK_DAYS, on)
    if day is not None:
        forget_ended(before=datetime.combine(day, time(), CHINA))
