"""What a relying party sees of its own addresses, subscriptions and notices; what a holder sees of those about them."""

from uuid import UUID

from django.db.models import QuerySet

from yizhengtong.kernel.errors import NotFound
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.webhooks.bounds import DELIVERIES_LISTED, SUBSCRIPTIONS_LISTED
from yizhengtong.verification.webhooks.models import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Endpoint,
    EndpointState,
    Subscription,
)


def endpoints_of(caller: Caller) -> list[Endpoint]:
    """Return the addresses that are not ended, the oldest first."""
    own = Endpoint.objects.filter(party=caller.party, is_test=caller.is_test)
    return list(own.exclude(state=EndpointState.ENDED).order_by("made_at"))


def subscriptions_of(caller: Caller, after: UUID | None = None) -> list[Subscription]:
    """Return a page of a party's subscriptions by their ids; none to its sandbox."""
    own = Subscription.objects.filter(party=caller.party, endpoint__is_test=caller.is_test).order_by("pk")
    return list((own if after is None else own.filter(pk__gt=after))[:SUBSCRIPTIONS_LISTED])


def deliveries_of(caller: Caller, endpoint_id: UUID, state: str | None = None) -> list[Delivery]:
    """Return the newest notices to an address. Raises NotFound.

    Notices of a state that were dropped are left out: that tells that a holder has shut somebody out.
    """
    endpoint = Endpoint.objects.filter(pk=endpoint_id, party=caller.party, is_test=caller.is_test).first()
    if endpoint is None:
        raise NotFound("not_found")
    told = endpoint.deliveries.exclude(kind=DeliveryKind.STATE, state=DeliveryState.DROPPED)
    found = told if state is None else told.filter(state=state)
    return list(found.order_by("-queued_at")[:DELIVERIES_LISTED])


def subscriptions_about(person_id: UUID) -> QuerySet[Subscription]:
    """Return who is told of a person's permits, the newest first, each with its relying party."""
    living = Subscription.objects.filter(person_id=person_id, ended_at=None)
    return living.select_related("party").order_by("-made_at")


def is_alive_to_party(subscription: Subscription) -> bool:
    """Whether a subscription looks alive to its party: one that a holder's will ended does (models.Subscription)."""
    return subscription.ended_at is None or subscription.ended_because == "basis"
