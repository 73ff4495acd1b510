"""Addresses: proved before they are told anything; nobody makes the platform speak to what is not theirs."""

import re
import socket
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.webhooks.bounds import ENDPOINTS_AT_ONCE, GIVE_UP, OVERLAP
from yizhengtong.verification.webhooks.claiming import claim, settle
from yizhengtong.verification.webhooks.models import Delivery, Endpoint, Secret
from yizhengtong.verification.webhooks.queries import deliveries_of, endpoints_of, subscriptions_of
from yizhengtong.verification.webhooks.sending import send, send_due
from yizhengtong.verification.webhooks.services import (
    end_endpoint,
    register_endpoint,
    rotate_secret,
    send_again,
    service_of,
    subscribe,
    try_out,
    unsubscribe,
)
from yizhengtong.verification.webhooks.tests.parties import (
    a_bank,
    a_check,
    address_of,
    registered,
    subscribed,
    tell,
)
from yizhengtong.verification.webhooks.tests.receivers import Receiver, answering

Held = tuple[Permit, Any]
ELSEWHERE = "https://hooks.bank.example/yzt"


def test_an_address_that_answers_its_challenge_is_on(bank: Caller, receiver: Receiver) -> None:
    endpoint = registered(bank, receiver)
    assert endpoint.state == "on"
    assert receiver.refused == []
    assert endpoints_of(bank) == [endpoint]


@pytest.mark.parametrize("answer", [b"", b'{"proof": "00"}', b"echo"], ids=["nothing", "wrong", "echo"])
def test_an_address_that_does_not_know_the_secret_stays_pending_and_is_told_nothing(
    bank: Caller, receiver: Receiver, held: Held, answer: bytes
) -> None:
    receiver.misbehave = answering(200, answer)
    endpoint = registered(bank, receiver)
    assert (endpoint.state, Delivery.objects.get().failure) == ("pending", "webhooks.proof_wrong")
    with pytest.raises(Conflict, match=r"webhooks\.not_proven"):
        subscribe(caller=bank, check_id=a_check(bank, held[0]).pk, endpoint_id=endpoint.pk)
    with pytest.raises(Conflict, match=r"webhooks\.not_proven"):
        try_out(caller=bank, endpoint_id=endpoint.pk)


def test_a_challenge_that_failed_is_given_up_and_sent_again_on_demand(bank: Caller, receiver: Receiver) -> None:
    receiver.misbehave = answering(404)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        endpoint = registered(bank, receiver)
        clock.shift(GIVE_UP + timedelta(hours=2))
        send_due(seconds=20)
        (challenge,) = deliveries_of(bank, endpoint.pk, "dead")
        assert (challenge.status, challenge.failure) == (404, "webhooks.answered_wrong")
        receiver.misbehave = None
        send_again(caller=bank, delivery_id=challenge.pk)
        send_due(seconds=20)
        endpoint.refresh_from_db()
        assert endpoint.state == "on"
        with pytest.raises(Conflict, match=r"webhooks\.not_dead"):
            send_again(caller=bank, delivery_id=challenge.pk)


def test_an_address_that_no_member_registered_is_refused_to_whoever_has_a_key(bank: Caller) -> None:
    with pytest.raises(Forbidden, match=r"webhooks\.address_not_registered"):
        register_endpoint(caller=bank, url=ELSEWHERE)
    address_of(a_bank("另一家银行"), ELSEWHERE)
    with pytest.raises(Forbidden, match=r"webhooks\.address_not_registered"):
        register_endpoint(caller=bank, url=ELSEWHERE)


@pytest.mark.parametrize(
    "url",
    ["http://hooks.bank.example/", "https://me:it@hooks.bank.example/", "https://hooks.bank.example/?to=1", "ftp://x/",
     "https:///x"],
    ids=["http", "user", "query", "ftp", "no_host"],
)  # fmt: skip
def test_an_address_of_the_wrong_form_is_refused(bank: Caller, url: str) -> None:
    address_of(bank, url)
    with pytest.raises(Invalid, match=r"webhooks\.url_not_allowed"):
        register_endpoint(caller=bank, url=url)


def test_in_production_nobody_is_told_on_this_machine(bank: Caller, receiver: Receiver, settings: Any) -> None:
    endpoint = registered(bank, receiver)
    settings.YZT_PRODUCTION = True
    with pytest.raises(Invalid, match=r"webhooks\.url_not_allowed"):
        register_endpoint(caller=bank, url=receiver.url)
    came = len(receiver.attempts)
    try_out(caller=bank, endpoint_id=endpoint.pk)
    send_due(seconds=20)
    assert len(receiver.attempts) == came


@pytest.mark.parametrize(
    "address", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "192.168.1.1", "::1", "::ffff:10.0.0.5", "fd00::1"]
)
def test_a_name_that_leads_inside_is_never_connected_to_even_to_the_operators_own_networks(
    bank: Caller, settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    settings.YZT_PRIVATE_NETWORKS = ["10.0.0.0/8", "192.168.0.0/16"]
    connected: list[Any] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", (address, 443))])
    monkeypatch.setattr(socket, "create_connection", lambda *asked, **_: connected.append(asked))
    address_of(bank, ELSEWHERE)
    register_endpoint(caller=bank, url=ELSEWHERE)
    send_due(seconds=20)
    assert connected == []
    assert (Delivery.objects.get().status, Delivery.objects.get().failure) == (None, "webhooks.no_answer")


def test_a_name_that_leads_elsewhere_the_second_time_is_asked_for_once_and_that_address_is_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers, connected = [["93.184.215.14"], ["169.254.169.254"]], []

    def look_up(*_: Any, **__: Any) -> list[Any]:
        return [(2, 1, 6, "", (each, 443)) for each in answers.pop(0)]

    def connect(address: tuple[str, int], **_: Any) -> Any:
        connected.append(address)
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(OSError, match="could not be asked"):
        service_of(ELSEWHERE).ask("POST", "", b"{}", {})
    assert connected == [("93.184.215.14", 443)]
    assert len(answers) == 1


def test_with_a_slash_at_its_end_an_address_is_another_one_and_that_one_is_asked(
    bank: Caller, receiver: Receiver
) -> None:
    receiver.url += "/"
    assert registered(bank, receiver).state == "on"
    assert receiver.paths == ["/hook/"]


def test_an_address_is_locked_before_its_notices_as_who_ends_it_locks_them(bank: Caller, receiver: Receiver) -> None:
    endpoint = registered(bank, receiver)
    try_out(caller=bank, endpoint_id=endpoint.pk)
    (notice,) = claim(endpoint, 1)
    with CaptureQueriesContext(connection) as asked:
        settle(notice, Told(500))
    tables = [re.findall(r'(?:FROM|UPDATE) "webhooks_(\w+)"', each["sql"]) for each in asked]
    assert [table for (table,) in filter(None, tables)][:2] == ["endpoint", "delivery"]


def test_a_redirect_leads_nowhere(bank: Caller, receiver: Receiver) -> None:
    endpoint = registered(bank, receiver)
    came = len(receiver.attempts)
    receiver.misbehave = answering(307, Location=receiver.url + "/inside")
    try_out(caller=bank, endpoint_id=endpoint.pk)
    send_due(seconds=20)
    assert len(receiver.attempts) == came + 1
    assert deliveries_of(bank, endpoint.pk)[0].status == 307


def test_an_address_whose_party_took_it_back_is_told_nothing_more(bank: Caller, receiver: Receiver, held: Held) -> None:
    subscribed(bank, registered(bank, receiver), held[0])
    RelyingPartyAddress.objects.all().delete()
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    tell()
    assert receiver.states == []


def test_a_new_secret_signs_beside_the_old_one_for_a_day_and_then_alone(bank: Caller, receiver: Receiver) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        endpoint = registered(bank, receiver)
        old = receiver.secret
        new = rotate_secret(caller=bank, endpoint_id=endpoint.pk)
        for receiver.secret in (old, new):
            try_out(caller=bank, endpoint_id=endpoint.pk)
            send_due(seconds=20)
        assert (len(receiver.told), receiver.refused) == (2, [])
        clock.shift(OVERLAP + timedelta(seconds=1))
        for receiver.secret in (old, new):
            try_out(caller=bank, endpoint_id=endpoint.pk)
            send_due(seconds=20)
        assert (len(receiver.told), receiver.refused) == (3, ["signature"])


def test_secrets_lie_sealed(bank: Caller, receiver: Receiver) -> None:
    registered(bank, receiver)
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM webhooks_secret")
        assert receiver.secret.removeprefix("whsec_").encode() not in bytes(cursor.fetchone()[0])
    assert Secret.objects.get().secret == receiver.secret


def test_an_address_is_registered_once_and_not_without_end(bank: Caller) -> None:
    for n in range(ENDPOINTS_AT_ONCE + 1):
        address_of(bank, f"{ELSEWHERE}/{n}")
    register_endpoint(caller=bank, url=f"{ELSEWHERE}/0")
    with pytest.raises(Conflict, match=r"webhooks\.address_taken"):
        register_endpoint(caller=bank, url=f"{ELSEWHERE}/0")
    for n in range(1, ENDPOINTS_AT_ONCE):
        register_endpoint(caller=bank, url=f"{ELSEWHERE}/{n}")
    with pytest.raises(Conflict, match=r"webhooks\.too_many_addresses"):
        register_endpoint(caller=bank, url=f"{ELSEWHERE}/{ENDPOINTS_AT_ONCE}")


def test_another_party_and_the_own_sandbox_reach_nothing_of_an_address(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    endpoint = registered(bank, receiver)
    notice = Delivery.objects.get()
    for other in (a_bank("另一家银行"), Caller(bank.party, bank.key_id, is_test=True)):
        assert endpoints_of(other) == []
        for act in (rotate_secret, end_endpoint, try_out):
            with pytest.raises(NotFound):
                act(caller=other, endpoint_id=endpoint.pk)
        with pytest.raises(NotFound):
            deliveries_of(other, endpoint.pk)
        with pytest.raises(NotFound):
            send_again(caller=other, delivery_id=notice.pk)


def test_a_key_of_the_sandbox_lists_and_ends_no_subscription_of_production(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    made = subscribed(bank, registered(bank, receiver), held[0])
    sandbox = Caller(bank.party, bank.key_id, is_test=True)
    assert (subscriptions_of(sandbox), subscriptions_of(bank)) == ([], [made])
    with pytest.raises(NotFound):
        unsubscribe(caller=sandbox, subscription_id=made.pk)
    unsubscribe(caller=bank, subscription_id=made.pk)


def test_an_ended_address_is_told_nothing_more_and_may_be_registered_anew(
    bank: Caller, receiver: Receiver, held: Held
) -> None:
    endpoint = registered(bank, receiver)
    subscribed(bank, endpoint, held[0])
    report_loss(permit_id=held[0].pk, by=held[1].principal)
    end_endpoint(caller=bank, endpoint_id=endpoint.pk)
    tell()
    assert receiver.states == []
    assert register_endpoint(caller=bank, url=receiver.url)[0].pk != endpoint.pk


def test_who_answers_gone_is_asked_no_more(bank: Caller, receiver: Receiver, held: Held) -> None:
    endpoint = registered(bank, receiver)
    subscription = subscribed(bank, endpoint, held[0])
    receiver.misbehave = answering(410)
    try_out(caller=bank, endpoint_id=endpoint.pk)
    send_due(seconds=20)
    subscription.refresh_from_db()
    assert Endpoint.objects.get().state == "ended"
    assert subscription.ended_because == "party"


def test_an_address_that_is_not_allowed_any_more_is_no_answer(bank: Caller) -> None:
    endpoint = Endpoint(party=bank.party, url="http://hooks.bank.example/")
    now = timezone.now()
    assert send(Delivery(endpoint=endpoint, kind="test", happened_at=now, give_up_at=now), []).status is None
