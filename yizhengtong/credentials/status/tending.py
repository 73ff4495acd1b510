"""Looking after the lists: a full one is closed, one whose credentials are all past goes, past tokens are thinned."""

import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.status.models import Chunk, Entry, StatusList, Token
from yizhengtong.credentials.status.signing import LIFETIME
from yizhengtong.foundation.transactions import use_case

FULL = 0.5
"""Share of places taken at which a list is closed (ours): of two that are drawn one is free, and half say nothing."""
_SAMPLE = 2000
AT_ONCE = 10_000


def close_full() -> int:
    """Close the open lists that are full. Returns how many; the next copy opens another one."""
    full = [listed.pk for listed in StatusList.objects.filter(closed_at=None) if share_taken(listed) >= FULL]
    return StatusList.objects.filter(pk__in=full, closed_at=None).update(closed_at=timezone.now())


def share_taken(listed: StatusList) -> float:
    """Return which share of a list's places is taken, by a sample: right within 3 in 100, 99 times of 100."""
    if listed.size <= _SAMPLE:
        return Entry.objects.filter(list=listed).count() / listed.size
    drawn = list({secrets.randbelow(listed.size) for _ in range(_SAMPLE)})
    with connection.cursor() as cursor:
        cursor.execute(_TAKEN, [listed.pk, drawn])
        return int(cursor.fetchone()[0]) / len(drawn)


def forget_past(*, on: date) -> int:
    """Take the permit from every place whose copy is past its last day; the place stays taken. Returns how many."""
    forgotten = 0
    while some := _forget_some(on):
        forgotten += some
    return forgotten


@use_case
def _forget_some(on: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [on, AT_ONCE])
        return int(cursor.rowcount)


def expire(*, on: date) -> int:
    """Let go of closed lists whose every copy is past, once nobody may ask for their past either. Returns how many."""
    before = on - timedelta(days=settings.YZT_STATUS_HISTORY_DAYS)
    closed = list(StatusList.objects.filter(closed_at__isnull=False, expired_at=None))
    gone = [each for each in closed if not Entry.objects.filter(list=each, until__gte=before).exists()]
    for listed in gone:
        _expire(listed)
    return len(gone)


def _expire(listed: StatusList) -> None:
    """Mark first, so that nothing new is signed; then what it held goes in batches. Cut off, the rest is inert."""
    StatusList.objects.filter(pk=listed.pk).update(expired_at=timezone.now(), dirty_since=None)
    Token.objects.filter(list=listed).delete()
    Chunk.objects.filter(list=listed).delete()
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, [listed.pk, AT_ONCE])
        while cursor.rowcount:
            cursor.execute(_EMPTY, [listed.pk, AT_ONCE])


def thin_tokens(*, now: datetime) -> int:
    """Delete past tokens: of those nobody may use any more one an hour stays, for YZT_STATUS_HISTORY_DAYS.

    Returns how many went. The newest of a list always stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(_THIN, [now - timedelta(days=settings.YZT_STATUS_HISTORY_DAYS), now - LIFETIME])
        return int(cursor.rowcount)


_TAKEN = "SELECT count(*) FROM status_entry WHERE list_id = %s AND position = ANY(%s::int[])"
_FORGET = """
    UPDATE status_entry SET permit_id = NULL WHERE (list_id, position) IN (
        SELECT list_id, position FROM status_entry WHERE until < %s AND permit_id IS NOT NULL LIMIT %s
    )
"""
_EMPTY = """
    DELETE FROM status_entry WHERE (list_id, position) IN (
        SELECT list_id, position FROM status_entry WHERE list_id = %s LIMIT %s
    )
"""
_THIN = """
    DELETE FROM status_token token WHERE
    token.issued_at < %s AND EXISTS (
        SELECT FROM status_token later WHERE later.list_id = token.list_id AND later.issued_at > token.issued_at
    ) OR token.issued_at < %s AND EXISTS (
        SELECT FROM status_token later WHERE later.list_id = token.list_id AND later.issued_at > token.issued_at
            AND date_trunc('hour', later.issued_at) = date_trunc('hour', token.issued_at)
    )
"""
