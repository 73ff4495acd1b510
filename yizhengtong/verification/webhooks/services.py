"""Registering addresses, drawing secrets, subscribing, trying out, sending again."""

from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from yizhengtong.kernel.outbound import Service
from yizhengtong.verification.checks.models import Check, Way
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.queries import is_registered
from yizhengtong.verification.webhooks.bounds import (
    CHECK_HOLDS,
    ENDPOINTS_AT_ONCE,
    GIVE_UP,
    MOST_ANSWER_BYTES,
    OVERLAP,
    SECRET_BYTES,
    TIMEOUT_SECONDS,
)
from yizhengtong.verification.webhooks.models import (
    Delivery,
    DeliveryKind,
    DeliveryState,
    Endpoint,
    EndpointState,
    Secret,
    Subscription,
)
from yizhengtong.verification.webhooks.notices import written_secret
from yizhengtong.verification.webhooks.queries import is_alive_to_party

SEND = "webhooks.send"
"""The task that sends notices."""
_AGREED_FOR_LONG = frozenset({Way.MATCH, Way.BULK, Way.SAME_PERSON})
"""Ways that rest on an agreement, or a statute, that holds for longer than the check.

A code, a wallet, a sign-in is the holder's word for that one time (ADR 0067): whoever was shown a permit so is told of
nothing that comes later.
"""


def service_of(url: str) -> Service:
    """Return the guarded way to an address: the network's own only, whatever the operator's networks are.

    Raises ValueError for an address that is not https; http on this machine is for development alone.
    """
    service = Service(url, timeout_seconds=TIMEOUT_SECONDS, most_bytes=MOST_ANSWER_BYTES)
    if service.is_here and settings.YZT_PRODUCTION:
        raise ValueError("an address on this machine is nobody's to be told at")
    return service


@use_case
def register_endpoint(*, caller: Caller, url: str) -> tuple[Endpoint, str]:
    """Register an address and return it with its secret, which is shown this once. A challenge goes there at once.

    The address must be one that a member of the organisation registered: a key that leaked names no other. Raises
    Invalid `webhooks.url_not_allowed`, Forbidden `webhooks.address_not_registered`, Conflict
    `webhooks.address_taken`, `webhooks.too_many_addresses`.
    """
    try:
        service_of(url)
    except ValueError:
        raise Invalid("webhooks.url_not_allowed") from None
    if not is_registered(caller.party, RelyingPartyAddress.Kind.WEBHOOK, url):
        raise Forbidden("webhooks.address_not_registered")
    living = Endpoint.objects.filter(party=caller.party, is_test=caller.is_test).exclude(state=EndpointState.ENDED)
    if living.count() >= ENDPOINTS_AT_ONCE:
        raise Conflict("webhooks.too_many_addresses", most=ENDPOINTS_AT_ONCE)
    endpoint = Endpoint(party=caller.party, url=url, is_test=caller.is_test)
    try:
        with transaction.atomic():
            endpoint.save(force_insert=True)
    except IntegrityError:
        raise Conflict("webhooks.address_taken") from None
    secret = _draw_secret(endpoint)
    _queue(endpoint, DeliveryKind.CHALLENGE)
    _record("webhooks.register", caller, endpoint)
    return endpoint, secret


@use_case
def rotate_secret(*, caller: Caller, endpoint_id: UUID) -> str:
    """Draw a new secret and return it, this once; the one before signs beside it for a day. Raises NotFound."""
    endpoint = locked_endpoint(caller, endpoint_id)
    Secret.objects.filter(endpoint=endpoint, until=None).update(until=timezone.now() + OVERLAP)
    secret = _draw_secret(endpoint)
    _record("webhooks.rotate", caller, endpoint)
    return secret


def _draw_secret(endpoint: Endpoint) -> str:
    secret = written_secret(token_bytes(SECRET_BYTES))
    Secret(endpoint=endpoint, secret=secret).save(force_insert=True)
    return secret


@use_case
def end_endpoint(*, caller: Caller, endpoint_id: UUID) -> None:
    """End an address with its subscriptions; what waited for it is dropped. Raises NotFound."""
    endpoint = locked_endpoint(caller, endpoint_id)
    close_endpoint(endpoint)
    _record("webhooks.end", caller, endpoint)


def close_endpoint(endpoint: Endpoint) -> None:
    """End an address that is locked, and all that hangs on it."""
    now = timezone.now()
    endpoint.state, endpoint.ended_at = EndpointState.ENDED, now
    endpoint.save(update_fields=["state", "ended_at"])
    told = Subscription.objects.filter(Subscription.ALIVE_TO_PARTY, endpoint=endpoint)
    told.update(ended_at=now, ended_because="party")
    Delivery.objects.filter(endpoint=endpoint, state__in=Delivery.UNSETTLED).update(
        state=DeliveryState.DROPPED, settled_at=now, leased_until=None
    )


@use_case
def try_out(*, caller: Caller, endpoint_id: UUID) -> Delivery:
    """Send a notice of nothing, signed as the others are. Raises NotFound, Conflict `webhooks.not_proven`."""
    endpoint = locked_endpoint(caller, endpoint_id)
    if endpoint.state != EndpointState.ON:
        raise Conflict("webhooks.not_proven")
    _record("webhooks.try_out", caller, endpoint)
    return _queue(endpoint, DeliveryKind.TEST)


@use_case
def send_again(*, caller: Caller, delivery_id: UUID) -> Delivery:
    """Send a notice that was given up once more. Raises NotFound, Conflict `webhooks.not_dead`."""
    found = Delivery.objects.select_for_update(of=("self",)).select_related("endpoint")
    delivery = found.filter(pk=delivery_id, endpoint__party=caller.party, endpoint__is_test=caller.is_test).first()
    if delivery is None or delivery.endpoint.state == EndpointState.ENDED:
        raise NotFound("not_found")
    if delivery.state != DeliveryState.DEAD:
        raise Conflict("webhooks.not_dead")
    now = timezone.now()
    delivery.state, delivery.not_before, delivery.give_up_at = DeliveryState.WAITING, now, now + GIVE_UP
    delivery.settled_at, delivery.failure = None, ""
    delivery.save(update_fields=["state", "not_before", "give_up_at", "settled_at", "failure"])
    _record("webhooks.send_again", caller, delivery.endpoint)
    wake(SEND)
    return delivery


@use_case
def subscribe(*, caller: Caller, check_id: UUID, endpoint_id: UUID) -> Subscription:
    """Be told of the permit of a check that agreed a short while ago, for its purpose; again gives the same one.

    A check that agreed with nothing, another's and an old one are alike: NotFound. What ended for want of a basis goes
    on where the holder has agreed to this check since, and where not it looks as if it went on. Raises Forbidden
    `webhooks.test_key`, `webhooks.shown_once`, `relying_parties.purpose_not_registered`; Conflict
    `webhooks.not_proven`.
    """
    if caller.is_test:
        raise Forbidden("webhooks.test_key")
    endpoint = locked_endpoint(caller, endpoint_id)
    if endpoint.state != EndpointState.ON:
        raise Conflict("webhooks.not_proven")
    check = Check.objects.filter(
        pk=check_id, relying_party=caller.party, is_match=True, at__gte=timezone.now() - CHECK_HOLDS
    ).first()
    if check is not None and check.way not in _AGREED_FOR_LONG:
        raise Forbidden("webhooks.shown_once")
    if check is None or check.person_id is None or check.permit_id is None:
        raise NotFound("not_found")
    caller.require(check.purpose)
    what: dict[str, Any] = {"person_id": check.person_id, "permit_id": check.permit_id, "purpose": check.purpose}
    known = Subscription.objects.filter(Subscription.ALIVE_TO_PARTY, endpoint=endpoint, **what).first()
    if known is not None and (known.ended_at is None or check.at <= known.ended_at):
        return known
    subscription = known or Subscription(party=caller.party, endpoint=endpoint, check_id=check.pk, **what)
    subscription.ended_at, subscription.ended_because = None, ""
    subscription.save(update_fields=["ended_at", "ended_because"] if known else None)
    record_act("webhooks.subscribe", by=caller.by, on=("subscription", subscription.pk),
               person_id=check.person_id, purpose=check.purpose)  # fmt: skip
    return subscription


@use_case
def unsubscribe(*, caller: Caller, subscription_id: UUID) -> None:
    """Be told no more. Raises NotFound."""
    found = Subscription.objects.select_for_update(of=("self",)).filter(pk=subscription_id, party=caller.party)
    subscription = found.filter(endpoint__is_test=caller.is_test).first()
    if subscription is None:
        raise NotFound("not_found")
    if is_alive_to_party(subscription):
        end_subscription(subscription, "party")
        record_act("webhooks.unsubscribe", by=caller.by, on=("subscription", subscription.pk),
                   person_id=subscription.person_id, purpose=subscription.purpose)  # fmt: skip


def end_subscription(subscription: Subscription, because: str) -> None:
    """End a subscription: by the party, also one that looks alive to it alone; with the permit; for want of a basis.

    Notices of the last two are told apart by their caller.
    """
    living = Subscription.ALIVE_TO_PARTY if because == "party" else Q(ended_at=None)
    Subscription.objects.filter(living, pk=subscription.pk).update(ended_at=timezone.now(), ended_because=because)


def locked_endpoint(caller: Caller, endpoint_id: UUID) -> Endpoint:
    """Return a relying party's own address that is not ended, locked. Raises NotFound."""
    own = Endpoint.objects.filter(pk=endpoint_id, party=caller.party, is_test=caller.is_test)
    endpoint = own.exclude(state=EndpointState.ENDED).select_for_update(no_key=True).first()
    if endpoint is None:
        raise NotFound("not_found")
    return endpoint


def _queue(endpoint: Endpoint, kind: DeliveryKind) -> Delivery:
    now = timezone.now()
    delivery = Delivery.objects.create(endpoint=endpoint, kind=kind, happened_at=now, give_up_at=now + GIVE_UP)
    wake(SEND)
    return delivery


def _record(action: str, caller: Caller, endpoint: Endpoint) -> None:
    record_act(action, by=caller.by, on=("endpoint", endpoint.pk), person_id=None)
