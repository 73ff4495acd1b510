"""Notices: what they say, on which basis, in which order, how often, and that nobody waits for somebody else."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tests.support.events import deliver_everything
from tests.support.law import TODAY
from tests.support.people import Resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.exchange.claiming import LEASE
from yizhengtong.foundation.exchange.rules import FAILURES_TO_OPEN
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_found, report_loss
from yizhengtong.registry.consents.models import Consent
from yizhengtong.verification.checks.blocks import block
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.webhooks import sending
from yizhengtong.verification.webhooks.bounds import CHECK_HOLDS, GIVE_UP
from yizhengtong.verification.webhooks.following import drop_all_unfounded
from yizhengtong.verification.webhooks.forgetting import forget
from yizhengtong.verification.webhooks.models import Delivery, Endpoint, Subscription
from yizhengtong.verification.webhooks.queries import is_alive_to_party, subscriptions_about, subscriptions_of
from yizhengtong.verification.webhooks.sending import send_due
from yizhengtong.verification.webhooks.services import send_again, subscribe, try_out, unsubscribe
from yizhengtong.verification.webhooks.tests.parties import a_bank, a_check, hear, registered, subscribed, tell
from yizhengtong.verification.webhooks.tests.receivers import Receiver, answering, receiving, waiting_for

Held = tuple[Permit, Resident]


def lose(held: Held) -> None:
    report_loss(permit_id=held[0].pk, by=held[1].principal)


def find(held: Held) -> None:
    report_found(permit_id=held[0].pk, by=held[1].principal, on=TODAY)


def happens(held: Held, step: str) -> None:
    """Publish a step of a permit as its room does."""
    publish(f"permits.{step}", on=("permit", held[0].pk), person_id=held[0].person_id)


@pytest.mark.django_db(transaction=True)
def test_a_notice_says_which_subscription_which_class_and_when_and_nothing_else(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    subscription = subscribed(bank, registered(bank, receiver), held[0])
    lose(held)
    deliver_everything("webhooks")
    send_due(seconds=20)
    (notice,) = receiver.told
    assert notice == {
        "type": "permit.state_changed",
        "timestamp": Delivery.objects.get(kind="state").happened_at.isoformat(),
        "data": {"subscription": public_id("sub", subscription.pk), "state": "suspended"},
    }
    for secret in (str(held[0].pk), str(held[0].person_id), held[0].number, "葉"):
        assert secret not in json.dumps(notice, ensure_ascii=False)
    entry = Entry.objects.get(action="webhooks.tell")
    assert (entry.person_id, entry.actor_id, entry.purpose) == (held[0].person_id, bank.pk, "bank")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("suspend", "suspended"), ("restore", "restored"), ("void", "ended"), ("end_functions", "ended"),
        ("replace", "replaced"), ("convert", "replaced"),
    ],
)  # fmt: skip
def test_each_step_is_told_by_its_class_and_the_last_one_ends_the_subscription(
    bank: Caller, receiver: Receiver, held: Held, step: str, told: str
) -> None:
    subscription = subscribed(bank, registered(bank, receiver), held[0])
    happens(held, step)
    happens(held, "suspend")
    tell()
    subscription.refresh_from_db()
    is_last = told in {"ended", "replaced"}
    assert receiver.states == ([told] if is_last else [told, "suspended"])
    assert subscription.ended_because == ("permit" if is_last else "")
    assert is_alive_to_party(subscription) is not is_last


def test_who_did_not_subscribe_is_told_nothing(bank: Caller, receiver: Receiver, held: Held) -> None:
    registered(bank, receiver)
    a_check(bank, held[0])
    lose(held)
    tell()
    assert receiver.told == []


@pytest.mark.parametrize("when", ["before it happens", "before it is sent"])
@pytest.mark.parametrize("why", ["withdrawn", "shut_out", "purpose", "suspended"])
def test_without_its_basis_nothing_is_told_and_the_party_does_not_learn_that_its_holder_shut_it_out(
    bank: Caller, receiver: Receiver, held: Held, why: str, when: str
) -> None:
    subscription = subscribed(bank, registered(bank, receiver), held[0])
    if when == "before it is sent":
        lose(held)
        hear()
    if why == "withdrawn":
        Consent.objects.create(
            person=held[1].person, use="check_bank", answer="withdrawn", account_id=new_id(), law_hash=""
        )
    elif why == "shut_out":
        block(person=held[1].person, party_id=bank.pk, by=held[1].principal)
    elif why == "purpose":
        RelyingParty.objects.update(purposes=["work"])
    else:
        RelyingParty.objects.update(is_active=False, state="suspended")
    if when == "before it happens":
        lose(held)
    tell()
    assert receiver.told == []
    assert not Entry.objects.filter(action="webhooks.tell").exists()
    drop_all_unfounded()
    subscription.refresh_from_db()
    is_by_the_holder = why in {"withdrawn", "shut_out"}
    assert subscription.ended_because == ("basis" if is_by_the_holder else "party")
    assert is_alive_to_party(subscription) is is_by_the_holder
    assert not Delivery.objects.filter(kind="state").exclude(state="dropped").exists()


def test_a_withdrawn_consent_ends_what_rested_on_it_and_not_what_others_agreed_to(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    subscription = subscribed(bank, registered(bank, receiver), held[0])
    publish("consents.withdraw", on=("consent", new_id()), person_id=held[0].person_id, facts={"use": "check_work"})
    tell()
    subscription.refresh_from_db()
    assert subscription.ended_at is None
    Consent.objects.create(
        person=held[1].person, use="check_bank", answer="withdrawn", account_id=new_id(), law_hash=""
    )
    publish("consents.withdraw", on=("consent", new_id()), person_id=held[0].person_id, facts={"use": "check_bank"})
    tell()
    subscription.refresh_from_db()
    assert subscription.ended_because == "basis"


@pytest.mark.parametrize("what", ["no_match", "refused", "anothers", "old", "nobodys", "none"])
def test_only_a_check_of_ones_own_that_agreed_of_late_is_subscribed_to(
    bank: Caller, receiver: Receiver, held: Held, what: str
) -> None:
    endpoint = registered(bank, receiver)
    check = a_check(bank, held[0], outcome=what if what in {"no_match", "refused"} else "match")
    changes: dict[str, dict[str, Any]] = {
        "anothers": {"relying_party": a_bank("另一家银行").party},
        "old": {"at": timezone.now() - CHECK_HOLDS - timedelta(seconds=1)},
        "nobodys": {"person_id": None, "permit_id": None},
    }
    Check.objects.filter(pk=check.pk).update(**changes.get(what, {"claims": []}))
    with pytest.raises(NotFound):
        subscribe(caller=bank, check_id=new_id() if what == "none" else check.pk, endpoint_id=endpoint.pk)
    assert not Subscription.objects.exists()


def test_subscribing_again_gives_the_same_and_the_holder_sees_it(bank: Caller, receiver: Receiver, held: Held) -> None:
    endpoint = registered(bank, receiver)
    assert subscribed(bank, endpoint, held[0]) == subscribed(bank, endpoint, held[0])
    assert [each.party for each in subscriptions_about(held[0].person_id)] == [bank.party]
    assert Entry.objects.filter(action="webhooks.subscribe", person_id=held[0].person_id).count() == 1


def test_a_test_key_subscribes_to_nobody(town: object, receiver: Receiver, held: Held) -> None:
    sandbox = a_bank(environment="test")
    endpoint = registered(sandbox, receiver)
    with pytest.raises(Forbidden, match=r"webhooks\.test_key"):
        subscribe(caller=sandbox, check_id=a_check(sandbox, held[0]).pk, endpoint_id=endpoint.pk)
    try_out(caller=sandbox, endpoint_id=endpoint.pk)
    send_due(seconds=20)
    assert [each["type"] for each in receiver.told] == ["webhook.test"]


def test_who_ends_a_subscription_is_told_no_more_and_ends_nobody_elses(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    subscription = subscribed(bank, registered(bank, receiver), held[0])
    with pytest.raises(NotFound):
        unsubscribe(caller=a_bank("另一家银行"), subscription_id=subscription.pk)
    unsubscribe(caller=bank, subscription_id=subscription.pk)
    lose(held)
    tell()
    assert receiver.told == []
    assert [is_alive_to_party(each) for each in subscriptions_of(bank)] == [False]


def test_states_arrive_in_order_also_when_the_first_was_refused_for_now(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        subscribed(bank, registered(bank, receiver), held[0])
        receiver.misbehave = answering(503)
        lose(held)
        tell()
        receiver.misbehave = None
        find(held)
        tell()
        assert receiver.states == []
        clock.shift(timedelta(minutes=2))
        tell()
        assert receiver.states == ["suspended", "restored"]


def test_every_attempt_is_signed_anew_with_the_same_id_and_body_and_an_old_one_is_refused(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        subscribed(bank, registered(bank, receiver), held[0])
        receiver.misbehave = answering(500)
        lose(held)
        tell()
        first = receiver.attempts[-1]
        receiver.misbehave = None
        clock.shift(timedelta(minutes=10))
        tell()
        last = receiver.attempts[-1]
        assert (first[0], first[2]) == (last[0], last[2])
        assert last[1] - first[1] == 600
        assert receiver.problem(first[0], str(first[1]), "v1,", first[2]) == "stale"
        assert receiver.states == ["suspended"]


def test_a_notice_is_given_up_after_days_and_sent_again_on_demand(bank: Caller, receiver: Receiver, held: Held) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        subscribed(bank, registered(bank, receiver), held[0])
        receiver.misbehave = answering(500)
        lose(held)
        tell()
        clock.shift(GIVE_UP + timedelta(hours=2))
        tell()
        notice = Delivery.objects.get(kind="state")
        assert (notice.state, notice.status, notice.attempts) == ("dead", 500, 2)
        receiver.misbehave = None
        send_again(caller=bank, delivery_id=notice.pk)
        tell()
        assert receiver.states == ["suspended"]


def test_one_that_does_not_answer_holds_up_nobody_else(bank: Caller, receiver: Receiver, held: Held) -> None:
    other = a_bank("另一家银行")
    with receiving() as slow:
        subscribed(other, registered(other, slow), held[0])
        subscribed(bank, registered(bank, receiver), held[0])
        slow.misbehave = waiting_for(receiver)
        lose(held)
        tell()
    assert receiver.states == ["suspended"]
    assert set(Delivery.objects.filter(kind="state").values_list("state", flat=True)) == {"acknowledged"}


def test_an_address_that_fails_in_a_row_rests_and_is_tried_with_one(bank: Caller, receiver: Receiver) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        endpoint = registered(bank, receiver)
        receiver.misbehave = answering(500)
        for _ in range(FAILURES_TO_OPEN + 3):
            try_out(caller=bank, endpoint_id=endpoint.pk)
        before = len(receiver.attempts)
        send_due(seconds=20)
        tried = len(receiver.attempts) - before
        assert FAILURES_TO_OPEN <= tried < FAILURES_TO_OPEN + 3
        send_due(seconds=20)
        assert len(receiver.attempts) == before + tried
        endpoint.refresh_from_db()
        assert endpoint.rests_until is not None
        clock.shift(endpoint.rests_until - timezone.now() + timedelta(seconds=1))
        send_due(seconds=20)
        assert len(receiver.attempts) == before + tried + 1
        receiver.misbehave = None
        clock.shift(timedelta(hours=2))
        send_due(seconds=20)
        endpoint.refresh_from_db()
        assert not endpoint.failures
        assert Endpoint.objects.get().rests_until is None
        assert len(receiver.told) == FAILURES_TO_OPEN + 3


class Killed(BaseException):
    """A worker dies: nothing of what it held is settled."""


def test_a_worker_that_dies_after_sending_loses_nothing_and_the_receiver_knows_it_again(
    bank: Caller, receiver: Receiver, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        subscribed(bank, registered(bank, receiver), held[0])
        lose(held)
        hear()
        right = sending.send

        def dies(*sent: Any) -> Any:
            right(*sent)
            raise Killed

        with monkeypatch.context() as patched:
            patched.setattr(sending, "send", dies)
            with pytest.raises(Killed):
                send_due(seconds=20)
        came = len(receiver.attempts)
        send_due(seconds=20)
        assert len(receiver.attempts) == came  # leased
        clock.shift(LEASE + timedelta(seconds=1))
        send_due(seconds=20)
        assert len(receiver.attempts) == came + 1
        assert receiver.states == ["suspended"]
        assert Delivery.objects.get(kind="state").state == "acknowledged"
        assert Entry.objects.filter(action="webhooks.tell").count() == 1


def test_an_event_that_is_delivered_twice_is_told_once(bank: Caller, receiver: Receiver, held: Held) -> None:
    from yizhengtong.foundation.events.models import Event
    from yizhengtong.verification.webhooks.following import note

    subscribed(bank, registered(bank, receiver), held[0])
    lose(held)
    event = Event.objects.get(kind="permits.report_loss")
    note(event)
    note(event)
    send_due(seconds=20)
    assert receiver.states == ["suspended"]


def test_with_a_deleted_person_goes_every_subscription_and_what_ended_long_ago_goes_too(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    endpoint = registered(bank, receiver)
    subscribed(bank, endpoint, held[0])
    lose(held)
    publish("privacy.deleted", on=("deletion", new_id()), person_id=held[0].person_id)
    tell()
    assert not Subscription.objects.exists()
    assert not Delivery.objects.filter(kind="state").exists()
    later = timezone.now() + timedelta(days=1)
    assert forget(before=later) == 1
    assert Endpoint.objects.exists()
    Endpoint.objects.update(state="ended", ended_at=timezone.now())
    forget(before=later)
    assert not Endpoint.objects.exists()
