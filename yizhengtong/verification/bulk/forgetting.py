"""Files whose time is over go whole: rows, answers and all."""

from datetime import datetime

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.bulk.models import BulkFile

_AT_ONCE = 100


def forget_files(*, before: datetime) -> int:
    """Delete files that ended before an instant. Returns how many."""
    forgotten = 0
    while batch := _forget_some(before=before):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(*, before: datetime) -> int:
    due = BulkFile.objects.select_for_update(skip_locked=True).filter(ended_at__lt=before)
    keys = list(due.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    if keys:
        BulkFile.objects.filter(pk__in=keys).delete()
        record_act("bulk.forget", by=SYSTEM, on=("retention", None), person_id=None, purpose="retention",
                   fields=[f"files:{len(keys)}"])  # fmt: skip
    return len(keys)
