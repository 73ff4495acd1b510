"""From what happens to permits and holders to notices, in the transaction that moves the subscriber's position."""

from collections.abc import Iterable

from django.utils import timezone

from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.scope import once_a_request
from yizhengtong.kernel.dates import legal_day
from yizhengtong.verification.webhooks.bounds import GIVE_UP
from yizhengtong.verification.webhooks.models import Delivery, DeliveryKind, DeliveryState, Subscription
from yizhengtong.verification.webhooks.notices import LAST, TOLD_OF, Told
from yizhengtong.verification.webhooks.services import SEND, end_subscription
from yizhengtong.verification.webhooks.standing import stands

WITHDRAWN, DELETED = "consents.withdraw", "privacy.deleted"
FOLLOWED = frozenset({*TOLD_OF, WITHDRAWN, DELETED})
_LIVING_AT_ONCE = 1000


def note(event: Event) -> None:
    """Write a notice for each subscription to a permit, or end those whose basis fell away."""
    if event.kind in TOLD_OF:
        _note_state(event, TOLD_OF[event.kind])
    elif event.person_id is not None and event.kind == DELETED:
        Subscription.objects.filter(person_id=event.person_id).delete()
    elif event.person_id is not None:
        drop_unfounded(Subscription.objects.filter(person_id=event.person_id, ended_at=None))


def _note_state(event: Event, told: Told) -> None:
    now, last = timezone.now(), told in LAST
    living = Subscription.objects.filter(permit_id=event.object_id, ended_at=None).select_related("endpoint", "party")
    standing = drop_unfounded(living)
    Delivery.objects.bulk_create(
        (
            Delivery(
                endpoint=each.endpoint, subscription=each, kind=DeliveryKind.STATE, event_id=event.pk,
                position=event.sequence, told=told, happened_at=event.at, give_up_at=now + GIVE_UP,
            )
            for each in standing
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    for each in standing if last else ():
        end_subscription(each, "permit")
    if standing:
        once_a_request("webhooks.wake", _wake)


def drop_unfounded(living: Iterable[Subscription]) -> list[Subscription]:
    """End those without a basis, with what waits to be told of them. Returns the others."""
    on, standing = legal_day(timezone.now()), []
    for each in living:
        if stands(each, on):
            standing.append(each)
            continue
        end_subscription(each, "basis")
        Delivery.objects.filter(subscription=each, state__in=[*Delivery.UNSETTLED, DeliveryState.DEAD]).update(
            state=DeliveryState.DROPPED, settled_at=timezone.now(), leased_until=None
        )
    return standing


def drop_all_unfounded() -> None:
    """Look at every subscription: what no event tells, such as a party suspended, ends within a day."""
    last = None
    while True:
        living = Subscription.objects.filter(ended_at=None).select_related("endpoint", "party").order_by("pk")
        batch = list((living if last is None else living.filter(pk__gt=last))[:_LIVING_AT_ONCE])
        if not batch:
            return
        drop_unfounded(batch)
        last = batch[-1].pk


def _wake() -> None:
    """Once a delivery of events is enough: what it noted becomes visible together."""
    wake(SEND)
