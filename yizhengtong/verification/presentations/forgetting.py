"""What is over goes: what was shown when nobody fetched it in time, the rest of the row an hour later."""

from datetime import datetime

from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.presentations import lifetimes
from yizhengtong.verification.presentations.models import Presentation, State

AT_ONCE = 1000


def forget_over(*, at: datetime) -> int:
    """Delete what is over at an instant. Returns how many rows went; cut off anywhere, the next run goes on."""
    _forget_results(at)
    forgotten = 0
    while batch := _forget_some(at):
        forgotten += batch
    return forgotten


@use_case
def _forget_results(at: datetime) -> None:
    due = Presentation.objects.filter(state=State.SHOWN, expires_at__lte=at)
    due.update(result=None, person_id=None)


@use_case
def _forget_some(at: datetime) -> int:
    due = Presentation.objects.select_for_update(skip_locked=True).filter(expires_at__lte=at - lifetimes.KEPT)
    keys = list(due.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    return Presentation.objects.filter(pk__in=keys).delete()[0]
