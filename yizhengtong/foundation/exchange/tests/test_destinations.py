"""Destinations: safe addresses, a legal basis, paused, resumed, ended; keys are changed in between."""

import json
from typing import Any

import pytest

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.exchange.claiming import Told
from yizhengtong.foundation.exchange.keys import SigningKey
from yizhengtong.foundation.exchange.models import Destination, Push, SendingKey
from yizhengtong.foundation.exchange.pushing import next_due, push_due
from yizhengtong.foundation.exchange.services import (
    add_destination,
    end,
    pause,
    resume,
    rotate_sending_key,
)
from yizhengtong.foundation.exchange.tests.platforms import (
    ALICE,
    BOB,
    KIND,
    Ledger,
    collect_all,
    happen,
    platform,
    states,
)
from yizhengtong.kernel.errors import Conflict, Invalid

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("followed")]


def test_the_pseudonym_of_a_person_is_another_for_each_destination() -> None:
    platform("one"), platform("two")
    happen(ALICE, 1), happen(ALICE, 2), happen(BOB, 3)
    collect_all()
    keys = [
        (push.destination.code, push.person_id, json.loads(str(push.body))["partitionkey"])
        for push in Push.objects.select_related("destination")
    ]
    assert len(set(keys)) == 4
    assert len({key for _, _, key in keys}) == 4


def test_a_paused_destination_collects_and_gets_everything_in_order_when_it_resumes() -> None:
    destination, ledger = platform(), Ledger()
    pause(code="province", by=SYSTEM)
    happen(ALICE, 1), happen(ALICE, 2)
    collect_all()
    push_due(seconds=5, send=ledger.take)
    assert states(destination) == ["waiting", "waiting"]
    assert next_due() is None
    resume(code="province", by=SYSTEM)
    push_due(seconds=5, send=ledger.take)
    assert list(ledger.numbers.values()) == [[1, 2]]


def test_an_ended_destination_forgets_what_waited_and_is_told_nothing_more() -> None:
    destination = platform()
    happen(ALICE, 1)
    collect_all()
    with pytest.raises(Invalid):
        end(code="province", reason="", by=SYSTEM)
    end(code="province", reason="依据已废止", by=SYSTEM)
    happen(ALICE, 2)
    collect_all()
    assert states(destination) == ["skipped"]
    assert Push.objects.get().body is None
    with pytest.raises(Conflict, match=r"exchange.has_ended"):
        resume(code="province", by=SYSTEM)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("url", "http://platform.example/events", "exchange.url_not_allowed"),
        ("url", "https://user@platform.example/", "exchange.url_not_allowed"),
        ("url", "https://platform.example/?a=1", "exchange.url_not_allowed"),
        ("url", "https://platform.example/数据", "exchange.url_not_allowed"),
        ("url", "ftp://platform.example/", "exchange.url_not_allowed"),
        ("code", "a b", "exchange.code_wrong"),
        ("name", " ", "exchange.name_missing"),
        ("legal_basis", "  ", "exchange.legal_basis_missing"),
        ("content", "everything", "exchange.content_unknown"),
        ("kinds", ["people.person_registered"], "exchange.kind_unknown"),
        ("algorithm", "rsa", "exchange.algorithm_unknown"),
    ],
)
def test_a_destination_without_safe_address_basis_or_known_content_is_refused(
    field: str, value: Any, code: str
) -> None:
    told = {
        "code": "x",
        "name": "甲",
        "url": "https://platform.example/events",
        "legal_basis": "国令716",
        "kinds": [KIND],
    }
    with pytest.raises(Invalid) as refusal:
        add_destination(**{**told, field: value}, by=SYSTEM)
    assert [(error.field, error.code) for error in refusal.value.errors] == [(field, code)]
    assert Destination.objects.count() == 0


def test_a_code_names_one_destination() -> None:
    platform()
    with pytest.raises(Conflict, match=r"exchange.code_taken"):
        platform()


@pytest.mark.parametrize("url", ["https://169.254.169.254/events", "https://10.0.0.1/x", "https://[::1]:9/x"])
def test_an_address_inside_the_network_is_never_connected_to(url: str) -> None:
    destination = platform(url=url)
    happen(ALICE, 1)
    collect_all()
    push_due(seconds=5)
    push = Push.objects.get()
    assert (push.state, push.status, push.failure) == ("waiting", None, "exchange.no_answer")
    destination.refresh_from_db()
    assert destination.failures == 1


def test_a_key_is_changed_while_nothing_is_sent_and_the_old_one_signs_nothing_more() -> None:
    destination = platform()
    with pytest.raises(Conflict, match=r"exchange.pause_first"):
        rotate_sending_key(code="province", by=SYSTEM)
    pause(code="province", by=SYSTEM)
    made = rotate_sending_key(code="province", by=SYSTEM)
    resume(code="province", by=SYSTEM)
    used = []

    def send(_push: Push, key: SigningKey) -> Told:
        used.append(key.id)
        return Told(201)

    happen(ALICE, 1)
    collect_all()
    push_due(seconds=5, send=send)
    assert used == [made.pk]
    assert SendingKey.objects.filter(destination=destination).count() == 2
