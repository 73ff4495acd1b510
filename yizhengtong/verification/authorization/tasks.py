"""Background work of the authorization server."""

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.verification.authorization.forgetting import forget_over


@app.periodic(cron="*/20 * * * *")
@app.task(name="authorization.forget", queueing_lock="authorization.forget")
def forget_what_is_over(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete proofs, requests, codes and tokens that are over, and grants that have ended some days ago."""
    forget_over(at=timezone.now())
