"""What of share codes is not kept: looks after minutes, wrong tries after a day, codes some time after their end."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.verification.sharing.models import Miss, ShareCode, Use

AT_ONCE = 500


@use_case
def forget_views(*, at: datetime) -> int:
    """Delete what was kept for browsers and can be looked at no more. Returns how many."""
    over = Use.objects.filter(view_until__lte=at).filter(shown__isnull=False)
    return over.update(view_hash=None, view_until=None, shown=None)


@use_case
def forget_misses(*, before: datetime) -> int:
    """Delete wrong tries made before an instant, those at codes that are still good excepted. Returns how many."""
    living = ShareCode.objects.filter(ended_at=None, ends_at__gt=before).values("code_hash")
    return Miss.objects.filter(at__lt=before).exclude(code_hash__in=living).delete()[0]


def forget_codes(*, over_before: datetime) -> int:
    """Delete codes that were over before an instant, with their uses. Returns how many.

    The checks stay in the holder's history. In batches, each a transaction with its own entry in the trail.
    """
    forgotten = 0
    while batch := _forget_some(over_before=over_before, person_id=None):
        forgotten += batch
    return forgotten


def forget_person(*, person_id: UUID) -> int:
    """Delete every code of a person, good ones too. Returns how many."""
    forgotten = 0
    while batch := _forget_some(over_before=None, person_id=person_id):
        forgotten += batch
    return forgotten


@use_case
def _forget_some(*, over_before: datetime | None, person_id: UUID | None) -> int:
    due = Q(person_id=person_id) if person_id else Q(ends_at__lt=over_before) | Q(ended_at__lt=over_before)
    found = ShareCode.objects.select_for_update(skip_locked=True, of=("self",)).filter(due)
    keys = list(found.order_by("id").values_list("pk", flat=True)[:AT_ONCE])
    if keys:
        ShareCode.objects.filter(pk__in=keys).delete()
        record_act("sharing.forget", by=SYSTEM, on=("retention", None), person_id=person_id, purpose="retention",
                   fields=[f"share_codes:{len(keys)}"])  # fmt: skip
    return len(keys)
