"""What ended long ago goes; that somebody was told stays in the audit trail."""

from datetime import datetime

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.webhooks.models import Delivery, DeliveryState, Endpoint, EndpointState, Subscription

_AT_ONCE = 5000


def forget(*, before: datetime) -> int:
    """Delete notices settled, subscriptions and addresses ended before an instant. Returns how many rows.

    A subscription that looks alive to its party stays until its permit has ended as long ago: else the party would
    find it gone from among those that live.
    """
    day = legal_day(before)
    living = Permit.objects.filter(Q(ended_on=None) | Q(ended_on__gte=day), pk=OuterRef("permit_id"))
    looks_alive = Q(Exists(living.filter(last_valid_day__gte=day)), ended_because="basis")
    settled = (DeliveryState.ACKNOWLEDGED, DeliveryState.DROPPED, DeliveryState.DEAD)
    old: tuple[QuerySet[Delivery] | QuerySet[Subscription] | QuerySet[Endpoint], ...] = (
        Delivery.objects.filter(state__in=settled, settled_at__lt=before),
        Subscription.objects.filter(~looks_alive, ended_at__lt=before),
        Endpoint.objects.filter(state=EndpointState.ENDED, ended_at__lt=before),
    )
    return sum(_forget_all(rows) for rows in old)


def _forget_all(rows: "QuerySet[Delivery] | QuerySet[Subscription] | QuerySet[Endpoint]") -> int:
    count = 0
    while batch := _forget_some(rows):
        count += batch
    return count


@use_case
def _forget_some(rows: "QuerySet[Delivery] | QuerySet[Subscription] | QuerySet[Endpoint]") -> int:
    model: type[Model] = rows.model
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    model._default_manager.filter(pk__in=keys).delete()
    return len(keys)
