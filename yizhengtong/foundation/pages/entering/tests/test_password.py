"""Signing in by password on a page: who may, how often, what if they lie."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery 7"


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("ming", PASSWORD)


def entered(client: Client, name: str = "ming", password: str = PASSWORD, query: str = "", site: str = "") -> Any:
    return client.post(f"{site}/sign-in{query}", {"username": name, "password": password})


def test_who_has_the_password_comes_in_and_goes_home(account: Account) -> None:
    client = Client()
    answer = entered(client)
    assert (answer.status_code, answer["Location"]) == (302, "/home")
    assert client.get("/security").status_code == 200


@pytest.mark.parametrize("name", ["ming", "nobody-here"])
def test_a_wrong_password_and_an_unknown_name_are_told_alike(account: Account, name: str) -> None:
    answer = entered(Client(), name, "wrong")
    assert answer.status_code == 422
    assert "用户名或密码不对" in answer.content.decode()
    assert "wrong" not in answer.content.decode().replace('class="field wrong"', "")


def test_failures_of_a_name_are_counted_though_the_page_fails(account: Account) -> None:
    client = Client()
    for _ in range(10):
        answer = entered(client, password="wrong")
    assert "尝试次数太多" in answer.content.decode()
    assert "尝试次数太多" in entered(client).content.decode()  # the right one too, from now on


@pytest.mark.parametrize(
    "wanted", ["//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(account: Account, wanted: str) -> None:
    client = Client()
    answer = client.post(f"/sign-in?next={wanted}", {"username": "ming", "password": PASSWORD})
    assert answer["Location"] == "/home"


def test_after_signing_in_one_comes_to_the_page_one_wanted(account: Account) -> None:
    assert entered(Client(), query="?next=/security%3Fa%3D1")["Location"] == "/security?a=1"


def test_a_session_that_somebody_laid_out_before_is_not_the_one_that_opens(account: Account) -> None:
    client = Client()
    client.get("/sign-in")
    session = client.session
    session["planted"] = "1"
    session.save()
    planted = client.cookies["sessionid"].value
    entered(client)
    assert client.cookies["sessionid"].value != planted
    stranger = Client()
    stranger.cookies["sessionid"] = planted
    assert stranger.get("/security").status_code == 302


def test_an_officer_does_not_come_in_by_the_residents_door_nor_a_resident_by_the_desks(account: Account) -> None:
    assert entered(Client(), site="/desk").status_code == 422
    office = Office.objects.create(code="d", name="d", region="370102", path="d")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=["clerk"])
    assert entered(Client()).status_code == 422
    assert entered(Client(), site="/desk")["Location"] == "/desk/"


def test_a_telephone_number_in_the_place_of_a_name_is_pointed_to_the_code(account: Account) -> None:
    assert "手机验证码" in entered(Client(), "13800000001", "x").content.decode()


def test_signing_out_ends_the_session_and_only_a_sent_form_does_it(account: Account) -> None:
    client = Client()
    entered(client)
    client.get("/sign-out")
    assert client.get("/security").status_code == 200
    client.post("/sign-out")
    assert "ended" not in client.get("/security")["Location"]  # left on purpose


def test_the_end_of_a_session_is_said(account: Account) -> None:
    client = Client()
    entered(client)
    del client.cookies["sessionid"]
    answer = client.get("/security")
    assert answer["Location"] == "/sign-in?next=%2Fsecurity&ended=yes"
    assert "您离开太久" in client.get(answer["Location"]).content.decode()


def test_a_slip_opens_nothing_before_a_password_of_ones_own_is_chosen(account: Account) -> None:
    account.one_time_until = timezone.now() + timedelta(days=1)
    account.save()
    client = Client()
    assert entered(client)["Location"] == "/sign-in/new-password"
    assert client.get("/security").status_code == 302
    short = client.post("/sign-in/new-password", {"new_password": "short", "new_password_again": "short"})
    assert "密码太短" in short.content.decode()
    own = {"new_password": "a wholly other 9 phrase", "new_password_again": "a wholly other 9 phrase"}
    assert client.post("/sign-in/new-password", own)["Location"] == "/home"
    assert entered(Client()).status_code == 422  # the slip's is used up
    assert entered(Client(), password="a wholly other 9 phrase")["Location"] == "/home"


def test_a_slip_that_is_over_opens_nothing(account: Account) -> None:
    account.one_time_until = timezone.now()
    account.save()
    assert "一次性密码已经过期" in entered(Client()).content.decode()


def test_a_slip_does_not_open_the_api(account: Account) -> None:
    account.one_time_until = timezone.now() + timedelta(days=1)
    account.save()
    body = {"username": "ming", "password": PASSWORD}
    answer = Client().post("/_allauth/app/v1/auth/login", body, content_type="application/json")
    assert answer.status_code == 403
