"""Delivering events in tests that run beside others."""

import time
from threading import Event as Signal

from django.db.models import Max

from yizhengtong.foundation.events.journal import deliver
from yizhengtong.foundation.events.models import Event, Subscription

_SECONDS = 600


def deliver_everything(subscriber: str) -> None:
    """Deliver until a subscriber has read the newest event there is now.

    A transaction of another database of the same server, such as another test process's, holds the tail back too: the
    oldest running transaction is the server's (docs/adr/0011), so a tail that is empty now is not a tail at its end.
    What a handler raises is raised. Raises AssertionError when the newest event does not come.
    """
    newest = Event.objects.aggregate(Max("sequence", default=0))["sequence__max"]
    if not newest:
        return
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        if not deliver(subscriber):
            if Subscription.objects.filter(name=subscriber, sequence__gte=newest).exists():
                return
            Signal().wait(0.05)
    raise AssertionError(f"{subscriber} did not get the newest event")
