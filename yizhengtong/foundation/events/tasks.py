"""Background delivery of events."""

from procrastinate.contrib.django import app

from yizhengtong.foundation.events.journal import deliver_all
from yizhengtong.foundation.observability.jobs import URGENT


@app.task(name="events.deliver", queueing_lock="events.deliver", priority=URGENT)
def deliver_events() -> None:
    """Bring every subscriber up to date."""
    deliver_all()


@app.task(name="events.retry", queueing_lock="events.retry")
def retry_events() -> None:
    """Deliver what a subscriber failed over."""
    deliver_all()


@app.periodic(cron="* * * * *")
@app.task(name="events.sweep", queueing_lock="events.sweep")
def sweep_events(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Deliver what a lost wake-up left behind."""
    deliver_all()
