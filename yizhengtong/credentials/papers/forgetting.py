"""Traces of papers that another printing replaced: they go in time. What stands now is kept with what it is about."""

from datetime import datetime
from uuid import UUID

from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.foundation.forgetting import forget_rows

AT_ONCE = 500


def forget_replaced(*, before: datetime, person_id: UUID | None = None) -> int:
    """Delete the traces of papers replaced before an instant, of one person or of all. Returns how many.

    Who shows such a paper is then told that it is not known, no longer that another took its place. In batches, each a
    transaction with its own entry in the trail: cut off anywhere, the next run goes on.
    """
    due = IssuedPaper.objects.filter(replaced_at__lt=before)
    due = due.filter(person_id=person_id) if person_id else due
    return forget_rows(due, act="papers.forget", named="papers", at_once=AT_ONCE, person_id=person_id)
