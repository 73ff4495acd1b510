"""What subscriptions rest on: what a party learns when it falls away, and what not; how a permit's end is told."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from tests.support.people import Resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_found, report_loss
from yizhengtong.verification.checks.blocks import block, unblock
from yizhengtong.verification.checks.models import Way
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.webhooks import following
from yizhengtong.verification.webhooks.following import drop_all_unfounded, note_expired
from yizhengtong.verification.webhooks.forgetting import forget
from yizhengtong.verification.webhooks.models import Delivery, Endpoint, Subscription
from yizhengtong.verification.webhooks.queries import deliveries_of, is_alive_to_party, subscriptions_of
from yizhengtong.verification.webhooks.services import end_endpoint, subscribe, unsubscribe
from yizhengtong.verification.webhooks.tests.parties import a_bank, a_check, hear, registered, subscribed, tell
from yizhengtong.verification.webhooks.tests.receivers import Receiver, receiving

Held = tuple[Permit, Resident]


@pytest.fixture
def endpoint(bank: Caller, receiver: Receiver) -> Endpoint:
    return registered(bank, receiver)


@pytest.fixture
def shut_out(bank: Caller, endpoint: Endpoint, held: Held) -> Subscription:
    """A subscription whose holder shut the bank out while a notice waited."""
    subscription = subscribed(bank, endpoint, held[0])
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    hear()
    block(person=held[1].person, party_id=bank.pk, by=held[1].principal)
    drop_all_unfounded()
    return _again(subscription)


def _again(subscription: Subscription) -> Subscription:
    subscription.refresh_from_db()
    return subscription


def test_what_a_holder_shut_out_ends_by_the_partys_hand_as_a_living_one_does(
    bank: Caller, shut_out: Subscription
) -> None:
    assert (shut_out.ended_because, is_alive_to_party(shut_out)) == ("basis", True)
    unsubscribe(caller=bank, subscription_id=shut_out.pk)
    assert (_again(shut_out).ended_because, is_alive_to_party(shut_out)) == ("party", False)
    assert Entry.objects.filter(action="webhooks.unsubscribe").count() == 1


def test_with_its_address_ends_what_a_holder_shut_out_too(bank: Caller, shut_out: Subscription) -> None:
    end_endpoint(caller=bank, endpoint_id=shut_out.endpoint_id)
    assert not is_alive_to_party(_again(shut_out))


def test_a_party_that_is_shut_out_subscribes_again_and_gets_the_same_one(bank: Caller, shut_out: Subscription) -> None:
    again = subscribe(caller=bank, check_id=shut_out.check_id, endpoint_id=shut_out.endpoint_id)
    assert again == shut_out
    assert (again.made_at, _again(shut_out).ended_because) == (shut_out.made_at, "basis")


def test_notices_that_were_dropped_are_not_listed(bank: Caller, shut_out: Subscription) -> None:
    assert Delivery.objects.get(kind="state").state == "dropped"
    assert [each.kind for each in deliveries_of(bank, shut_out.endpoint_id)] == ["challenge"]
    assert deliveries_of(bank, shut_out.endpoint_id, "dropped") == []


@pytest.mark.parametrize("ended", ["not", "of late", "long ago"])
def test_what_looks_alive_is_kept_until_its_permit_ended_as_long_ago(
    bank: Caller, shut_out: Subscription, ended: str
) -> None:
    before = timezone.now() + timedelta(days=1)
    day = {"not": None, "of late": before.date() + timedelta(days=1)}.get(ended, before.date() - timedelta(days=2))
    if day is not None:
        Permit.objects.update(state="ended", ended_on=day)
    forget(before=before)
    assert subscriptions_of(bank) == ([] if ended == "long ago" else [shut_out])


def test_whoever_agrees_again_is_followed_again_under_the_same_id(
    bank: Caller, receiver: Receiver, held: Held, shut_out: Subscription
) -> None:
    unblock(person=held[1].person, party_id=bank.pk, by=held[1].principal)
    assert subscribed(bank, shut_out.endpoint, held[0]) == shut_out
    assert _again(shut_out).ended_at is None
    report_found(permit_id=held[0].pk, by=held[1].principal)
    tell()
    assert receiver.states == ["restored"]


def test_a_party_that_may_not_check_any_more_sees_all_of_a_purpose_end_at_once(
    bank: Caller, shut_out: Subscription
) -> None:
    RelyingParty.objects.update(is_active=False, state="suspended")
    drop_all_unfounded()
    RelyingParty.objects.update(is_active=True, state="approved")
    assert (_again(shut_out).ended_because, is_alive_to_party(shut_out)) == ("party", False)


def test_what_happens_while_a_party_is_suspended_ends_the_others_of_its_subscriptions_too(
    bank: Caller, endpoint: Endpoint, held: Held
) -> None:
    told = subscribed(bank, endpoint, held[0])
    other = Subscription.objects.create(
        party=bank.party, endpoint=endpoint, person_id=told.person_id, permit_id=told.pk, purpose="bank",
        check_id=told.check_id, ended_at=timezone.now(), ended_because="basis",
    )  # fmt: skip
    RelyingParty.objects.update(is_active=False, state="suspended")
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    hear()
    assert _again(told).ended_at == _again(other).ended_at
    assert (told.ended_because, other.ended_because) == ("party", "party")


@pytest.mark.parametrize("way", [*Way])
def test_what_was_shown_once_is_no_consent_to_be_told_of_later(
    bank: Caller, endpoint: Endpoint, held: Held, way: str
) -> None:
    check = a_check(bank, held[0], outcome="match" if way in {"match", "bulk", "same_person"} else "told", way=way)
    if check.outcome == "match":
        assert subscribe(caller=bank, check_id=check.pk, endpoint_id=endpoint.pk).ended_at is None
        return
    with pytest.raises(Forbidden, match=r"webhooks\.shown_once"):
        subscribe(caller=bank, check_id=check.pk, endpoint_id=endpoint.pk)
    assert not Subscription.objects.exists()


def test_a_permit_that_is_found_after_its_last_day_is_told_as_ended(
    bank: Caller, endpoint: Endpoint, receiver: Receiver, held: Held
) -> None:
    subscription = subscribed(bank, endpoint, held[0])
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    hear()
    today = timezone.now().date()
    Permit.objects.update(valid_from=today - timedelta(days=9), last_valid_day=today - timedelta(days=3))
    report_found(permit_id=held[0].pk, by=held[1].principal)
    tell()
    assert receiver.states == ["suspended", "ended"]
    assert _again(subscription).ended_because == "permit"


def test_that_a_permit_expired_is_told_once_to_each_who_is_told_of_it(
    bank: Caller, endpoint: Endpoint, receiver: Receiver, held: Held
) -> None:
    other = a_bank("另一家银行")
    with receiving() as another:
        subscribed(bank, endpoint, held[0])
        subscribed(other, registered(other, another), held[0])
        note_expired(held[0].last_valid_day)
        tell()
        assert (receiver.states, another.states) == ([], [])
        for _ in range(2):
            note_expired(held[0].last_valid_day + timedelta(days=1))
            tell()
        assert (receiver.states, another.states) == (["ended"], ["ended"])
    assert Event.objects.filter(kind="webhooks.expired").count() == 1
    assert set(Subscription.objects.values_list("ended_because", flat=True)) == {"permit"}


def test_every_permit_is_looked_at_however_many_there_are(
    bank: Caller, endpoint: Endpoint, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_LIVING_AT_ONCE", 1)
    told = subscribed(bank, endpoint, held[0])
    Subscription.objects.create(
        party=bank.party, endpoint=endpoint, person_id=told.person_id, permit_id=UUID(int=1),
        purpose="bank", check_id=told.check_id,
    )  # fmt: skip
    note_expired(held[0].last_valid_day + timedelta(days=1))
    assert Event.objects.get(kind="webhooks.expired").object_id == held[0].pk
