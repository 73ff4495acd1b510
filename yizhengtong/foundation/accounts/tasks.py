"""Background work on accounts: a session that is over is not kept, nor a recovery that nobody confirmed."""

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.foundation.accounts.recovering import let_lapse


@app.periodic(cron="51 * * * *")
@app.task(name="accounts.forget_sessions", queueing_lock="accounts.forget_sessions")
def forget_sessions(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Delete expired sessions. They open nothing and hold no act: the trail is not told."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@app.periodic(cron="43 * * * *")
@app.task(name="accounts.let_recoveries_lapse", queueing_lock="accounts.let_recoveries_lapse")
def let_recoveries_lapse(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Let lost accounts go that no second officer gave back in time."""
    let_lapse()
