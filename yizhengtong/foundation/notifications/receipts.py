"""What providers say became of a message. Either half may be known first: the id, or what it is a receipt for."""

from collections.abc import Sequence
from uuid import UUID

from django.db import close_old_connections, connection, transaction
from django.utils import timezone

from yizhengtong.foundation.notifications.models import Delivery, DeliveryState, Part

_FINAL = ("delivered", "failed")


def note_parts(delivery_id: UUID, provider_ids: Sequence[str]) -> None:
    """Note what a provider calls the parts of a delivery; receipts that were quicker are found. In a transaction."""
    with connection.cursor() as cursor:
        for provider_id in provider_ids:
            cursor.execute(_ID, [provider_id, delivery_id, timezone.now()])
    _conclude(delivery_id)


@transaction.atomic
def note_receipt(provider_id: str, state: str) -> None:
    """Note a receipt, `delivered` or `failed`; one that says neither, or comes twice, changes nothing."""
    if state not in _FINAL or not 0 < len(provider_id) <= 100:
        return
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPT, [provider_id, state, timezone.now()])
        found = cursor.fetchone()
    if found and found[0] is not None:
        _conclude(found[0])


def note_from_link(provider_id: str, state: str) -> bool:
    """Note a receipt that a link's own thread heard, with a connection that it does not keep."""
    try:
        note_receipt(provider_id, state)
    finally:
        close_old_connections()
        if not connection.in_atomic_block:
            connection.close()
    return True


def _conclude(delivery_id: UUID) -> None:
    """Settle an accepted delivery once all its parts are heard of: delivered if all are, failed if one is not."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    heard = list(Part.objects.filter(delivery_id=delivery_id).values_list("state", flat=True))
    if delivery.state != DeliveryState.ACCEPTED or not heard:
        return
    if "failed" in heard:
        delivery.state, delivery.failure = DeliveryState.FAILED, "notifications.not_delivered"
    elif all(state == "delivered" for state in heard):
        delivery.state, delivery.failure = DeliveryState.DELIVERED, ""
    else:
        return
    delivery.settled_at = timezone.now()
    delivery.save(update_fields=["state", "failure", "settled_at"])


_ID = """
    INSERT INTO notifications_part (provider_id, delivery_id, state, at) VALUES (%s, %s, '', %s)
    ON CONFLICT (provider_id) DO UPDATE SET delivery_id = excluded.delivery_id
    WHERE notifications_part.delivery_id IS NULL
"""
_RECEIPT = """
    INSERT INTO notifications_part AS known (provider_id, state, at) VALUES (%s, %s, %s)
    ON CONFLICT (provider_id) DO UPDATE SET state = excluded.state WHERE known.state = ''
    RETURNING delivery_id
"""
