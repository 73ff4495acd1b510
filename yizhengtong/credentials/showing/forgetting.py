"""Showings go a day after they ended, codes on paper when they are no longer good; with their person at once."""

from datetime import date, datetime
from uuid import UUID

from yizhengtong.credentials.showing.models import PaperCode, Showing
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case

AT_ONCE = 500


def forget_showings(*, ended_before: datetime, good_until_before: date, person_id: UUID | None = None) -> int:
    """Delete showings that ended before an instant and printed codes whose last day is before a day. Returns how many.

    Of one person or of all. The reads stay in the trail. In batches, each a transaction with its own entry there.
    """
    forgotten = 0
    while batch := _forget_some(ended_before=ended_before, good_until_before=good_until_before, person_id=person_id):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(*, ended_before: datetime, good_until_before: date, person_id: UUID | None) -> int:
    whose = {"person_id": person_id} if person_id else {}
    showings = Showing.objects.filter(ends_at__lt=ended_before, **whose).order_by("id")
    printed = PaperCode.objects.filter(last_day__lt=good_until_before, **whose).order_by("id")
    shown_keys = list(showings.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
    paper_keys = list(printed.select_for_update(skip_locked=True).values_list("pk", flat=True)[:AT_ONCE])
    if not shown_keys and not paper_keys:
        return 0
    Showing.objects.filter(pk__in=shown_keys).delete()
    PaperCode.objects.filter(pk__in=paper_keys).delete()
    record_act("showing.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
               fields=[f"showings:{len(shown_keys)}", f"paper_codes:{len(paper_keys)}"])  # fmt: skip
    return len(shown_keys) + len(paper_keys)
