"""Background work on documents: scan what waits, remove files that no row names."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.documents.services import scan_waiting, sweep_orphans

_LONGEST_TRANSACTION = timedelta(days=1)


@app.periodic(cron="* * * * *")
@app.task(name="documents.scan_waiting", queueing_lock="documents.scan_waiting")
def scan_documents(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Scan what was kept while the scanner was away."""
    scan_waiting()


@app.periodic(cron="17 3 * * *")
@app.task(name="documents.sweep_orphans", queueing_lock="documents.sweep_orphans")
def sweep_files(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Remove files that a crash or a rolled-back transaction left without a row."""
    sweep_orphans(before=timezone.now() - _LONGEST_TRANSACTION)
