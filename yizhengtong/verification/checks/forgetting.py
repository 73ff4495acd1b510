"""Traces of checks: kept as long as a record of what was provided to others must be, and no longer."""

from datetime import datetime

from yizhengtong.foundation.forgetting import forget_rows
from yizhengtong.verification.checks.models import Check

AT_ONCE = 5000


def forget_checks(*, before: datetime) -> int:
    """Delete traces of checks made before an instant, in batches, each with its own entry in the trail."""
    return forget_rows(Check.objects.filter(at__lt=before), act="checks.forget", named="checks", at_once=AT_ONCE)
