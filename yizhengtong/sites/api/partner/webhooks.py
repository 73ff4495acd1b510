"""Being told of permits: addresses, subscriptions, what was sent there (docs/webhooks.md)."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status
from ninja.params.functions import Query
from pydantic import BaseModel, Field

from yizhengtong.foundation.web.idempotency import TOLD_ONCE
from yizhengtong.kernel.ids import parse_public_id, public_id
from yizhengtong.sites.api.framework import In, policy
from yizhengtong.sites.api.partner.asking import caller_here
from yizhengtong.verification.checks.shapes import CHECK
from yizhengtong.verification.webhooks.models import Delivery, Endpoint, Subscription
from yizhengtong.verification.webhooks.queries import (
    deliveries_of,
    endpoints_of,
    is_alive_to_party,
    subscriptions_of,
)
from yizhengtong.verification.webhooks.sending import NOTICE, SUBSCRIPTION
from yizhengtong.verification.webhooks.services import (
    end_endpoint,
    register_endpoint,
    rotate_secret,
    send_again,
    subscribe,
    try_out,
    unsubscribe,
)

router = Router()
_ADDRESS = "whk"
_OWN = policy("own addresses")
_CHANGES = policy("own addresses", limits=["webhook_changes"])


class WebhookIn(In):
    """An address that a member of the organisation has registered."""

    url: str = Field(min_length=8, max_length=300)


class AddressOut(BaseModel):
    """An address. Pending until it has answered the challenge sent there; resting after failures in a row."""

    id: str
    url: str
    state: str = Field(description="pending, on or ended.")
    is_test: bool
    failures: int = Field(description="In a row.")
    rests_until: datetime | None


class SecretOut(BaseModel):
    """A secret, shown this once."""

    secret: str = Field(description="`whsec_` and base64, as libraries for Standard Webhooks take it.")


class MadeOut(AddressOut, SecretOut):
    """An address with its first secret."""


class SubscriptionIn(In):
    """A check of the last day that agreed, and the address to be told at.

    One by number and name, by a file or of two numbers: what a holder shows is shown once, and no consent to follow it.
    """

    check: str = Field(max_length=40, description="`id` or `check_id` of the check.")
    address: str = Field(max_length=40)


class SubscriptionOut(BaseModel):
    """A subscription. Its id is all that notices say of whom they are about."""

    id: str
    address: str
    purpose: str
    made_at: datetime
    ended_at: datetime | None


class DeliveryOut(BaseModel):
    """A notice and what became of it. Waiting, sending, acknowledged, dropped, or dead: given up until sent again."""

    id: str
    kind: str
    state: str
    attempts: int
    status: int | None = Field(description="Of the last answer; none: there was none.")
    failure: str
    happened_at: datetime
    not_before: datetime = Field(description="When a waiting one goes next.")


@router.post("/webhooks", response={201: MadeOut}, openapi_extra=_CHANGES)
def register(request: HttpRequest, response: HttpResponse, payload: WebhookIn) -> Status[MadeOut]:
    """Register an address. It is on once it has answered the challenge that is sent there at once.

    The secret is told this once: the same request sent again is refused, and a new one is drawn at `/secret`.
    """
    setattr(response, TOLD_ONCE, True)
    endpoint, secret = register_endpoint(caller=caller_here(request), url=payload.url)
    return Status(201, MadeOut(**_address(endpoint).model_dump(), secret=secret))


@router.get("/webhooks", response=list[AddressOut], openapi_extra=_OWN)
def list_addresses(request: HttpRequest) -> list[AddressOut]:
    """The addresses that are not ended."""
    return [_address(endpoint) for endpoint in endpoints_of(caller_here(request))]


@router.post("/webhooks/{address_id}/secret", response={201: SecretOut}, openapi_extra=_CHANGES)
def rotate(request: HttpRequest, response: HttpResponse, address_id: str) -> Status[SecretOut]:
    """Draw a new secret. For a day notices bear a signature by each of the two."""
    setattr(response, TOLD_ONCE, True)
    secret = rotate_secret(caller=caller_here(request), endpoint_id=parse_public_id(_ADDRESS, address_id))
    return Status(201, SecretOut(secret=secret))


@router.post("/webhooks/{address_id}/test", response={201: DeliveryOut}, openapi_extra=_CHANGES)
def trial(request: HttpRequest, address_id: str) -> Status[DeliveryOut]:
    """Send a notice of nothing, signed as the others are."""
    return Status(
        201, _delivery(try_out(caller=caller_here(request), endpoint_id=parse_public_id(_ADDRESS, address_id)))
    )


@router.post("/webhooks/{address_id}/end", response={204: None}, openapi_extra=_CHANGES)
def end(request: HttpRequest, address_id: str) -> Status[None]:
    """End an address with its subscriptions."""
    end_endpoint(caller=caller_here(request), endpoint_id=parse_public_id(_ADDRESS, address_id))
    return Status(204, None)


@router.get("/webhooks/{address_id}/deliveries", response=list[DeliveryOut], openapi_extra=_OWN)
def list_deliveries(
    request: HttpRequest,
    address_id: str,
    state: Literal["waiting", "sending", "dead", "acknowledged", "dropped"] | None = None,
) -> list[DeliveryOut]:
    """The newest notices to an address."""
    found = deliveries_of(caller_here(request), parse_public_id(_ADDRESS, address_id), state)
    return [_delivery(each) for each in found]


@router.post("/webhooks/deliveries/{delivery_id}/resend", response=DeliveryOut, openapi_extra=_CHANGES)
def resend(request: HttpRequest, delivery_id: str) -> DeliveryOut:
    """Send a notice that was given up once more."""
    return _delivery(send_again(caller=caller_here(request), delivery_id=parse_public_id(NOTICE, delivery_id)))


@router.post(
    "/subscriptions",
    response={201: SubscriptionOut},
    openapi_extra=policy("a check of one's own that agreed", limits=["subscriptions"]),
)
def begin(request: HttpRequest, payload: SubscriptionIn) -> Status[SubscriptionOut]:
    """Be told when the permit of a check is suspended, restored, ended or replaced. The holder sees it."""
    made = subscribe(
        caller=caller_here(request),
        check_id=parse_public_id(CHECK, payload.check),
        endpoint_id=parse_public_id(_ADDRESS, payload.address),
    )
    return Status(201, _subscription(made))


@router.get("/subscriptions", response=list[SubscriptionOut], openapi_extra=policy("own subscriptions"))
def list_subscriptions(request: HttpRequest, after: str | None = Query(None, max_length=40)) -> list[SubscriptionOut]:
    """Subscriptions in the order in which they were made, 200 at most; `after`: the last one of the page before."""
    position = parse_public_id(SUBSCRIPTION, after) if after else None
    return [_subscription(each) for each in subscriptions_of(caller_here(request), position)]


@router.post("/subscriptions/{subscription_id}/end", response={204: None}, openapi_extra=policy("own subscriptions"))
def end_one(request: HttpRequest, subscription_id: str) -> Status[None]:
    """Be told no more."""
    unsubscribe(caller=caller_here(request), subscription_id=parse_public_id(SUBSCRIPTION, subscription_id))
    return Status(204, None)


def _address(endpoint: Endpoint) -> AddressOut:
    return AddressOut(
        id=public_id(_ADDRESS, endpoint.pk), url=endpoint.url, state=endpoint.state, is_test=endpoint.is_test,
        failures=endpoint.failures, rests_until=endpoint.rests_until,
    )  # fmt: skip


def _subscription(subscription: Subscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=public_id(SUBSCRIPTION, subscription.pk), address=public_id(_ADDRESS, subscription.endpoint_id),
        purpose=subscription.purpose, made_at=subscription.made_at,
        ended_at=None if is_alive_to_party(subscription) else subscription.ended_at,
    )  # fmt: skip


def _delivery(delivery: Delivery) -> DeliveryOut:
    return DeliveryOut(
        id=public_id(NOTICE, delivery.pk), kind=delivery.kind, state=delivery.state, attempts=delivery.attempts,
        status=delivery.status, failure=delivery.failure, happened_at=delivery.happened_at,
        not_before=delivery.not_before,
    )  # fmt: skip
