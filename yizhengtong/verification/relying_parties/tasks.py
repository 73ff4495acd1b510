"""Background work on relying parties."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.verification.relying_parties.forgetting import forget


@app.periodic(cron="*/20 * * * *")
@app.task(name="relying_parties.forget", queueing_lock="relying_parties.forget")
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete spent assertions, old figures and invitations that nobody used."""
    forget(at=timezone.now())
