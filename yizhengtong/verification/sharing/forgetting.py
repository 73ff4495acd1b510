"""What of share codes is not kept: looks after minutes, wrong tries after a day, codes some time after their end."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from yizhengtong.foundation.forgetting import forget_rows
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
    over = ShareCode.objects.filter(Q(ends_at__lt=over_before) | Q(ended_at__lt=over_before))
    return forget_rows(over, act="sharing.forget", named="share_codes", at_once=AT_ONCE)


def forget_person(*, person_id: UUID) -> int:
    """Delete every code of a person, good ones too. Returns how many."""
    codes = ShareCode.objects.filter(person_id=person_id)
    return forget_rows(codes, act="sharing.forget", named="share_codes", at_once=AT_ONCE, person_id=person_id)
