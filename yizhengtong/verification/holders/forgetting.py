"""What goes when its time is over: answered tickets, as records of what was provided; choices, when a person asks."""

from datetime import datetime
from uuid import UUID

from yizhengtong.foundation.forgetting import forget_rows
from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.holders.models import AlertChoice, Ticket

AT_ONCE = 1000


def forget_tickets(*, before: datetime) -> int:
    """Delete tickets answered before an instant and their history, in batches; an open one stays however old it is."""
    return forget_rows(
        Ticket.objects.filter(answered_at__lt=before), act="holders.forget", named="tickets", at_once=AT_ONCE,
        along=lambda keys: forget_history(Ticket, keys),
    )  # fmt: skip


@use_case
def forget_choice(*, person_id: UUID) -> None:
    """Forget of which checks a person wanted to be told: with their working data, when they ask."""
    AlertChoice.objects.filter(pk=person_id).delete()
