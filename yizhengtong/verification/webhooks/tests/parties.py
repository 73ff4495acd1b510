"""Parties that are told: a bank, its address, its check, its subscription."""

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.events.models import Subscription as Position
from yizhengtong.foundation.scope import request_scope
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress, RelyingPartyKey
from yizhengtong.verification.relying_parties.services import register_relying_party
from yizhengtong.verification.webhooks.following import FOLLOWED, note
from yizhengtong.verification.webhooks.models import Endpoint, Subscription
from yizhengtong.verification.webhooks.sending import send_due
from yizhengtong.verification.webhooks.services import register_endpoint, subscribe
from yizhengtong.verification.webhooks.tests.receivers import Receiver


def a_bank(name: str = "泉城演示银行", *, environment: str = "production") -> Caller:
    """Return a relying party and the key it calls by."""
    party, _ = register_relying_party(
        name=name, legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM, environment=environment
    )
    return Caller(party, RelyingPartyKey.objects.get(relying_party=party).pk, environment == "test")


def address_of(caller: Caller, url: str) -> None:
    """Let a member have registered an address."""
    RelyingPartyAddress.objects.create(relying_party=caller.party, kind="webhook", uri=url)


def registered(caller: Caller, receiver: Receiver) -> Endpoint:
    """Register a receiver, and let it prove itself if it will."""
    address_of(caller, receiver.url)
    endpoint, receiver.secret = register_endpoint(caller=caller, url=receiver.url)
    send_due(seconds=20)
    endpoint.refresh_from_db()
    receiver.came.clear()
    return endpoint


def a_check(caller: Caller, permit: Permit, *, outcome: str = "match", way: str = "match") -> Check:
    """Return a check that a party made of a permit just now."""
    return record_check(
        party=caller.party, way=way, purpose="bank", person_id=permit.person_id, permit_id=permit.pk,
        outcome=outcome, claims=["number", "name"],
    )  # fmt: skip


def subscribed(caller: Caller, endpoint: Endpoint, permit: Permit) -> Subscription:
    """Subscribe to a permit that was checked."""
    return subscribe(caller=caller, check_id=a_check(caller, permit).pk, endpoint_id=endpoint.pk)


def hear() -> None:
    """Hand over what is new in the journal, within a test's transaction: the journal itself waits for its end."""
    position, _ = Position.objects.get_or_create(name="webhooks")
    with request_scope():
        for event in Event.objects.filter(sequence__gt=position.sequence).order_by("sequence"):
            if event.kind in FOLLOWED:
                note(event)
            position.sequence = event.sequence
    position.save()


def tell() -> None:
    """Bring the notices up to date with the journal, and send them."""
    hear()
    send_due(seconds=20)
