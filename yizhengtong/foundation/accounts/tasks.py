"""Background work on accounts: a session that is over is not kept."""

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app


@app.periodic(cron="51 * * * *")
@app.task(name="accounts.forget_sessions", queueing_lock="accounts.forget_sessions")
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete expired sessions. They open nothing and hold no act: the trail is not told."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
