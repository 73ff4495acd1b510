"""Background work: counting figures every hour, and everything once a night; simulations as they are asked for."""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from procrastinate.contrib.django import app

from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.oversight import counting, services

_LOOKED_BACK = timedelta(days=31)
"""Reasons of refusal are opened again for this month and the last; the nightly count opens all."""


@app.periodic(cron="7 * * * *")
@app.task(name="oversight.count", queueing_lock="oversight.count")
def count(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Count the figures anew."""
    today = legal_day(timezone.now())
    counting.count_anew(on=today, since=today - _LOOKED_BACK)


@app.periodic(cron="40 18 * * *")  # UTC: 02:40 in China
@app.task(name="oversight.count_all", queueing_lock="oversight.count_all")
def count_all(timestamp: int) -> None:  # noqa: ARG001 the scheduler gives the time it was due
    """Count the figures anew, the reasons of all years with them."""
    counting.count_anew(on=legal_day(timezone.now()))


@app.task(name="oversight.simulate")
def simulate(simulation_id: str) -> None:
    """Put a draft of the law to the archive."""
    services.run_simulation(UUID(simulation_id))
