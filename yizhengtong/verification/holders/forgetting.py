"""What goes when its time is over: answered tickets, as records of what was provided; choices, when a person asks."""

from datetime import datetime
from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.history import forget_history
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.holders.models import AlertChoice, Ticket

AT_ONCE = 1000


def forget_tickets(*, before: datetime) -> int:
    """Delete tickets answered before an instant and their history, in batches; an open one stays however old it is."""
    forgotten = 0
    while batch := _forget_some(before=before):
        forgotten += batch
    return forgotten


@use_case
def forget_choice(*, person_id: UUID) -> None:
    """Forget of which checks a person wanted to be told: with their working data, when they ask."""
    AlertChoice.objects.filter(pk=person_id).delete()


@use_case
def _forget_some(*, before: datetime) -> int:
    due = Ticket.objects.select_for_update(skip_locked=True, of=("self",)).filter(answered_at__lt=before)
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        Ticket.objects.filter(pk__in=keys).delete()
        forget_history(Ticket, keys)
        record_act("holders.forget", by=SYSTEM, on=("retention", None), person_id=None, purpose="retention",
                   fields=[f"tickets:{len(keys)}"])  # fmt: skip
    return len(keys)
