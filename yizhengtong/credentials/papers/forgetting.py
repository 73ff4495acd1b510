"""Traces of papers that another printing replaced: they go in time. What stands now is kept with what it is about."""

from datetime import datetime
from uuid import UUID

from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case

AT_ONCE = 500


def forget_replaced(*, before: datetime, person_id: UUID | None = None) -> int:
    """Delete the traces of papers replaced before an instant, of one person or of all. Returns how many.

    Who shows such a paper is then told that it is not known, no longer that another took its place. In batches, each a
    transaction with its own entry in the trail: cut off anywhere, the next run goes on.
    """
    forgotten = 0
    while batch := _forget_some(before=before, person_id=person_id):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(*, before: datetime, person_id: UUID | None) -> int:
    due = IssuedPaper.objects.filter(replaced_at__lt=before).order_by("id")
    due = due.filter(person_id=person_id) if person_id else due
    keys = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
    if not keys:
        return 0
    IssuedPaper.objects.filter(pk__in=keys).delete()
    record_act("papers.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
               fields=[f"papers:{len(keys)}"])  # fmt: skip
    return len(keys)
