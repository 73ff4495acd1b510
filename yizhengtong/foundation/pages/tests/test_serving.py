"""Who sees a page, what is undone, what is on record, and what is kept when a session has ended."""

from typing import Any

import pytest
from django.test import Client

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.pages.tests.conftest import Browser
from yizhengtong.foundation.web.models import Bucket

pytestmark = pytest.mark.django_db


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_comes_back(db: None) -> None:
    answer = Client().get("/mine?page=2")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=%2Fmine%3Fpage%3D2")


def test_whoever_is_signed_in_sees_the_page(account: Account, browser: Browser) -> None:
    assert browser(account).get("/mine").content.decode() == f"mine {account.pk}"


def test_an_officer_does_not_see_a_residents_page_and_that_is_on_record(account: Account, browser: Browser) -> None:
    office = Office.objects.create(code="kit", name="kit", region="370102", path="kit")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=["clerk"])
    before = Entry.objects.count()
    answer = browser(account).get("/mine")
    assert answer.status_code == 403
    assert "H12345674" not in answer.content.decode()
    assert Entry.objects.count() == before + 1


@pytest.mark.parametrize("how", ["http404", "denied", "forbidden", "not_found", "conflict", "invalid"])
def test_what_a_page_refuses_is_told_in_a_page_and_403_and_404_are_on_record(
    account: Account, browser: Browser, how: str
) -> None:
    before = Entry.objects.count()
    answer = browser(account).get(f"/refuses/{how}")
    status = {"http404": 404, "denied": 403, "forbidden": 403, "not_found": 404, "conflict": 409, "invalid": 422}[how]
    assert answer.status_code == status
    assert "<h1>" in answer.content.decode()
    assert "H12345674" not in answer.content.decode()
    assert Entry.objects.count() - before == (status in {403, 404})


@pytest.mark.parametrize(
    ("how", "is_kept"),
    [("200", True), ("302", True), ("399", True), ("400", False), ("422", False), ("500", False)]
    + [(name, False) for name in ("forbidden", "conflict", "invalid", "elsewhere")],
)
def test_a_sent_form_is_one_transaction_undone_from_400_on(account: Account, how: str, is_kept: bool) -> None:
    before = Account.objects.count()
    Client(raise_request_exception=False).post(f"/writes/{how}")
    assert (Account.objects.count() > before) is is_kept


def test_a_form_that_is_undone_has_still_counted_against_its_limit(account: Account) -> None:
    Client().post("/writes/422")
    assert Bucket.objects.exists()


def test_a_page_that_is_asked_too_often_says_when_to_try_again(account: Account) -> None:
    client = Client(raise_request_exception=False)
    for _ in range(200):
        answer = client.post("/writes/422")
        if answer.status_code == 429:
            break
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert answer["Retry-After"] in answer.content.decode()


def test_a_form_of_another_site_is_refused_in_a_page(account: Account) -> None:
    answer: Any = Client(enforce_csrf_checks=True).post("/form", {"username": "a"})
    assert answer.status_code == 403
    assert "没有提交" in answer.content.decode()


@pytest.mark.parametrize("address", ["/form", "/form?fails=%00", "/refuses/a%00b", "/form?%00=1"])
def test_a_letter_that_no_keyboard_writes_reaches_no_statement(
    account: Account, browser: Browser, address: str
) -> None:
    client = browser(account)
    answers = [client.post(address, {"username": "a\x00b"})]
    if "%00" in address:
        answers += [client.get(address), Client(raise_request_exception=False).post(address, {})]
    for answer in answers:
        assert answer.status_code == (404 if "a%00b" in address else 422)
        assert "<h1>" in answer.content.decode()
