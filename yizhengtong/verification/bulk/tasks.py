"""Background work on files: work through them, look again for what a dead worker left, forget."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.observability.jobs import OneAtATime, wake
from yizhengtong.verification.bulk.bounds import KEPT
from yizhengtong.verification.bulk.forgetting import forget_files
from yizhengtong.verification.bulk.running import run_due
from yizhengtong.verification.bulk.services import RUN

_ROUND_SECONDS = 20.0


@app.task(name=RUN, queueing_lock=RUN)
def run_files() -> None:
    """Work through files for a while, and let others of the worker's jobs have their turn before going on."""
    _run()


@app.periodic(cron="* * * * *")
@app.task(name="bulk.sweep", queueing_lock="bulk.sweep")
def sweep_files(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Go on with what a lost wake-up or a dead worker left."""
    _run()


@app.periodic(cron="35 18 * * *")  # UTC: 02:35 in China
@app.task(name="bulk.forget", queueing_lock="bulk.forget")
def forget_old_files(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete files whose results could be fetched long enough."""
    forget_files(before=timezone.now() - KEPT)


@OneAtATime
def _run() -> None:
    if run_due(seconds=_ROUND_SECONDS):
        wake(RUN)
