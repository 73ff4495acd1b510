"""Messages are working data: what is old goes, whole."""

from datetime import datetime

from django.db import connection

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case

AT_ONCE = 1000


@use_case
def forget_some(*, before: datetime) -> int:
    """Delete up to AT_ONCE each of messages, deliveries, codes and receipts older than an instant. Returns how many."""
    gone = 0
    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement, [before, AT_ONCE])
            gone += cursor.rowcount
    if gone:
        record_act("notifications.forget", by=SYSTEM, on=("message", None), person_id=None, fields=[f"rows:{gone}"])
    return gone


def forget_messages(*, before: datetime) -> int:
    """Delete everything older than an instant, in short transactions. Returns how many rows went."""
    gone = 0
    while some := forget_some(before=before):
        gone += some
    return gone


_STATEMENTS = (
    "DELETE FROM notifications_part WHERE provider_id IN ("
    "SELECT provider_id FROM notifications_part WHERE at < %s ORDER BY at LIMIT %s)",
    "DELETE FROM notifications_delivery WHERE id IN ("
    "SELECT old.id FROM notifications_delivery old WHERE old.at < %s"
    " AND NOT EXISTS (SELECT FROM notifications_part WHERE delivery_id = old.id) ORDER BY old.at LIMIT %s)",
    "DELETE FROM notifications_message WHERE id IN ("
    "SELECT old.id FROM notifications_message old WHERE old.at < %s"
    " AND NOT EXISTS (SELECT FROM notifications_delivery WHERE message_id = old.id) ORDER BY old.at LIMIT %s)",
    "DELETE FROM notifications_challenge WHERE id IN ("
    "SELECT id FROM notifications_challenge WHERE at < %s ORDER BY at LIMIT %s)",
)
"""Parts first: what they belong to goes once nothing points there. A part is never older than its delivery."""
