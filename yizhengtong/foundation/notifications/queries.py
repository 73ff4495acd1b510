"""Reading messages and what became of them. Who asks, and the record of it, are the caller's."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from yizhengtong.foundation.notifications.models import Contact, Delivery, Message


def inbox(person_id: UUID, *, before: UUID | None = None, unread_only: bool = False) -> QuerySet[Message]:
    """Return a person's messages, the newest first, with what left the platform of each."""
    found = Message.objects.filter(person_id=person_id).prefetch_related("deliveries").order_by("-id")
    if unread_only:
        found = found.filter(read_at=None)
    return found if before is None else found.filter(pk__lt=before)


def messages_about(objects: Collection[UUID]) -> QuerySet[Message]:
    """Return what was told about some objects, such as a case and its permit, the newest first."""
    return Message.objects.filter(object_id__in=objects).prefetch_related("deliveries").order_by("-id")


def dead_letters() -> QuerySet[Delivery]:
    """Return what did not go, or nobody knows whether, the newest first."""
    given_up = Q(state="unsure", settled_at__isnull=False)
    return Delivery.objects.filter(Q(state="failed") | given_up).order_by("-id")


def contacts_of(person_id: UUID) -> QuerySet[Contact]:
    """Return where a person is reached."""
    return Contact.objects.filter(person_id=person_id).order_by("channel")


def masked(channel: str, address: str) -> str:
    """Return an address as its owner recognises it and nobody else can use it: +86138****5678, w***@example.org."""
    if channel == "email":
        name, _, host = address.rpartition("@")
        return f"{name[:1]}***@{host}"
    return f"{address[:-8]}****{address[-4:]}" if len(address) > 9 else "****"
