"""Traces of checks: kept as long as a record of what was provided to others must be, and no longer."""

from datetime import datetime

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.checks.models import Check

AT_ONCE = 5000


def forget_checks(*, before: datetime) -> int:
    """Delete traces of checks made before an instant, in batches, each with its own entry in the trail."""
    forgotten = 0
    while batch := _forget_some(before=before):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(*, before: datetime) -> int:
    due = Check.objects.select_for_update(skip_locked=True, of=("self",)).filter(at__lt=before)
    keys = list(due.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        Check.objects.filter(pk__in=keys).delete()
        record_act("checks.forget", by=SYSTEM, on=("retention", None), person_id=None, purpose="retention",
                   fields=[f"checks:{len(keys)}"])  # fmt: skip
    return len(keys)
