"""An account by a telephone: who may, how often, what if they lie."""

import time
from typing import Any

import pytest
from django.test import Client

from yizhengtong.foundation.accounts.models import Account, AccountPhone, Office, StaffMember
from yizhengtong.foundation.accounts.phones import account_by_phone, keep_phone
from yizhengtong.foundation.notifications.models import Delivery
from yizhengtong.foundation.notifications.tasks import send_sign_in_code

pytestmark = pytest.mark.django_db
PHONE = "+8613800000001"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """What was queued to be sent."""
    queued: list[dict[str, str]] = []
    monkeypatch.setattr(send_sign_in_code, "defer", lambda **named: queued.append(named))
    return queued


def asked(client: Client, phone: str = "138 0000 0001", query: str = "") -> Any:
    return client.post(f"/sign-in/phone{query}", {"phone": phone})


def said(client: Client, code: str, query: str = "") -> Any:
    return client.post(f"/sign-in/phone/code{query}", {"phone_code": code})


def test_a_code_makes_an_account_the_first_time_and_enters_it_the_next(sent: list[dict[str, str]]) -> None:
    for _ in range(2):
        client = Client()
        assert asked(client, query="?next=/security")["Location"] == "/sign-in/phone/code?next=%2Fsecurity"
        assert said(client, sent[-1]["code"], "?next=/security")["Location"] == "/security"
        assert "尾号 0001" in client.get("/security").content.decode()
    account = Account.objects.get()
    assert sent[-1]["address"] == PHONE
    assert account_by_phone(PHONE) == account
    assert not account.has_usable_password()
    assert "13800000001" not in account.username


def test_a_known_and_an_unknown_number_are_answered_alike(sent: list[dict[str, str]]) -> None:
    keep_phone(Account.objects.create_user("ming", "x"), PHONE, is_verified=True)
    known, unknown = Client(), Client()
    first, second = asked(known), asked(unknown, "13900000001")
    assert (first.status_code, first["Location"]) == (second.status_code, second["Location"])
    pages = [client.get("/sign-in/phone/code").content.decode() for client in (known, unknown)]
    assert len(sent) == 2
    assert pages[0].count("<") == pages[1].count("<")
    assert said(known, _other(sent[0]["code"])).content.decode().count("<") == (
        said(unknown, _other(sent[1]["code"])).content.decode().count("<")
    )


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_a_code_is_guessed_a_few_times_only_and_then_it_is_over_though_it_be_right(sent: list[dict[str, str]]) -> None:
    client = Client()
    asked(client)
    for _ in range(5):
        assert said(client, _other(sent[0]["code"])).status_code == 422
    answer = said(client, sent[0]["code"])
    assert answer.status_code == 422
    assert "已经失效" in answer.content.decode()
    assert not Account.objects.exists()


def test_a_code_is_good_once_in_the_session_that_asked_and_for_ten_minutes(
    sent: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client()
    asked(client)
    assert said(Client(), sent[0]["code"])["Location"] == "/sign-in/phone"
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 601)
    assert said(client, sent[0]["code"])["Location"] == "/sign-in/phone"
    monkeypatch.undo()


def test_a_code_that_was_used_is_over(sent: list[dict[str, str]]) -> None:
    client = Client()
    asked(client)
    said(client, sent[0]["code"])
    assert said(client, sent[0]["code"])["Location"] == "/sign-in/phone"


def test_a_new_code_voids_the_one_before(sent: list[dict[str, str]]) -> None:
    client = Client()
    asked(client)
    asked(client)
    assert said(client, sent[0]["code"]).status_code == 422 or sent[0]["code"] == sent[1]["code"]


def test_a_telephone_is_not_made_to_ring_all_day_whoever_asks(sent: list[dict[str, str]]) -> None:
    answers = [asked(Client()) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [302] * 5 + [422]
    assert len(sent) == 5


def test_one_address_does_not_ask_for_many_numbers(sent: list[dict[str, str]]) -> None:
    answers = [asked(Client(), f"1390000{number:04}") for number in range(21)]
    assert answers[-1].status_code == 422
    assert len(sent) == 20


@pytest.mark.parametrize("phone", ["", "123", "abc", "+0012345678", "1380000000", "+85291234567 ext 3"])
def test_what_is_no_number_is_told(sent: list[dict[str, str]], phone: str) -> None:
    assert asked(Client(), phone).status_code == 422
    assert not sent


def test_an_officer_does_not_come_in_by_telephone(sent: list[dict[str, str]]) -> None:
    account = Account.objects.create_user("ming", "x")
    office = Office.objects.create(code="d", name="d", region="370102", path="d")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=["clerk"])
    keep_phone(account, PHONE, is_verified=True)
    client = Client()
    asked(client)
    assert said(client, sent[0]["code"]).status_code == 422
    assert client.get("/security").status_code == 302


def test_a_number_that_was_never_confirmed_opens_nothing_of_who_wrote_it(sent: list[dict[str, str]]) -> None:
    other = Account.objects.create_user("ming", "x")
    keep_phone(other, PHONE, is_verified=False)
    client = Client()
    asked(client)
    said(client, sent[0]["code"])
    assert account_by_phone(PHONE) != other
    assert AccountPhone.objects.filter(is_verified=True).count() == 1


def test_in_production_without_a_way_out_nothing_is_promised(settings: Any, sent: list[dict[str, str]]) -> None:
    settings.YZT_PRODUCTION = True
    settings.YZT_SMS = {**settings.YZT_SMS, "gateway": "", "smpp": ""}
    assert "暂时不能发送短信" in asked(Client()).content.decode()
    assert not sent


def test_the_worker_sends_the_code_and_says_to_tell_it_to_nobody() -> None:
    send_sign_in_code(address=PHONE, code="123456", language="zh-Hans")
    delivery = Delivery.objects.get()
    assert "123456" in delivery.text
    assert (delivery.address, delivery.channel) == (PHONE, "sms")
