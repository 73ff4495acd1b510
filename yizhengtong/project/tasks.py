"""What the whole house has done in the background at its times."""

import logging

from procrastinate.contrib.django import app

from yizhengtong.foundation.accounts.administration import MERGING
from yizhengtong.kernel.errors import Problem
from yizhengtong.project.audit_retention import ask_for_all_expiries
from yizhengtong.project.merging import merge_confirmed

log = logging.getLogger(__name__)


@app.periodic(cron="40 19 * * *")  # UTC: 03:40 in China
@app.task(name="audit.expire", queueing_lock="audit.expire")
def expire_audit_trail(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Ask for what is due of the audit trail; the sealer states it, signed, and the database deletes it."""
    try:
        for expiry in ask_for_all_expiries():
            log.info("audit.expiry_asked retention=%s entries=%s", expiry.retention, expiry.entries)
    except Problem as problem:  # a setting below the law, or no law in force: everything is kept
        log.error("audit.expiry_not_asked code=%s", problem.code)


@app.periodic(cron="17 * * * *")
@app.task(name=MERGING, queueing_lock=MERGING)
def merge_offices_confirmed(timestamp: int = 0) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Carry out the merges that two administrators agreed on; one that cannot be is told at the desk."""
    for code in merge_confirmed():
        log.error("accounts.merge_failed code=%s", code)
