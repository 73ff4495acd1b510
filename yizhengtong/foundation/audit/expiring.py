"""The retention job: asks the sealer to state what is due, and leaves an act of its own in the trail.

Nothing is deleted here. The sealer signs the statement first, then the database deletes what is stated (docs/audit.md).
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from yizhengtong.foundation.audit.models import Expiry, Retention
from yizhengtong.foundation.audit.retention_classes import least_months
from yizhengtong.foundation.audit.trail import Actor, record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import CHINA, add_months, legal_day
from yizhengtong.kernel.errors import Conflict


@use_case
def ask_for_expiry(*, retention: str, months: int, least: int | None, by: Actor) -> Expiry | None:
    """Ask that contents of a class older than `months` go, as far as a checkpoint reaches. None: nothing is due.

    `least`: the months that the law's parameter asks for; the table of classes may ask for others. Raises Conflict
    `audit.class_kept` for the archive, `audit.kept_too_short` where the setting lies below the law.
    """
    if retention == Retention.ARCHIVE:
        raise Conflict("audit.class_kept")
    minimum = max(least or 0, least_months(retention) or 0)
    if months < minimum:
        raise Conflict("audit.kept_too_short", least=minimum)
    if Expiry.objects.filter(retention=retention, statement=None).exists():
        return None
    up_to, entries = _due(retention, cutoff(timezone.now(), months))
    if not entries:
        return None
    expiry = Expiry.objects.create(retention=retention, up_to=up_to, entries=entries)
    fields = [retention, f"up_to={up_to}", f"entries={entries}"]
    record_act("audit.expire", by=by, on=("expiry", expiry.pk), person_id=None, fields=fields)
    return expiry


def cutoff(now: datetime, months: int) -> datetime:
    """Return before which instant an entry is due: the whole last day of the period is still kept (民法典 201, 202)."""
    first_kept = add_months(legal_day(now), -months) - timedelta(days=1)
    return datetime.combine(first_kept, time(), CHINA)


def _due(retention: str, before: datetime) -> tuple[int, int]:
    """Return up to which link everything of a class is due, and how many contents that are."""
    values: Mapping[str, Any] = {"class": retention, "before": before}
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        up_to, entries = cursor.fetchone()
    return int(up_to or 0), int(entries)


_DUE = """
    WITH reach AS (SELECT coalesce(max(sequence), 0) AS sequence FROM audit_checkpoint),
    held AS (
        SELECT link.sequence, entry.at >= %(before)s AS is_kept
        FROM audit_link link JOIN audit_entry entry ON entry.id = link.entry_id
        WHERE link.retention = %(class)s AND link.sequence <= (SELECT sequence FROM reach)
    ),
    bound AS (SELECT min(sequence) AS first_kept FROM held WHERE is_kept)
    SELECT max(sequence), count(*) FROM held
    WHERE sequence < coalesce((SELECT first_kept FROM bound), (SELECT sequence + 1 FROM reach))
"""
