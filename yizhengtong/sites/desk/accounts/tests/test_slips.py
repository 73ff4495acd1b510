"""Accounts made at the window."""

import re
import time
from typing import Any
from unittest import mock

import pytest
from django.test import Client

from tests.support.people import a_resident
from tests.support.sessions import session
from yizhengtong.credentials.papers.tests.reading import text_of
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.sites.desk.accounts.slips import SLIP_SECONDS

pytestmark = pytest.mark.django_db
NUMBER = "H12345678"
SLIP, PRINT = "/desk/accounts/slip", "/desk/accounts/slip/account_slip.pdf"


def officer(role: str = "clerk", *, has_second_factor: bool = True) -> Client:
    account = Account.objects.create_user(f"officer-{role}", "x")
    office = Office.objects.create(code=role, name="d", region="370102", path=role)
    StaffMember.objects.create(account=account, office=office, name="演示", roles=[role])
    client = Client()
    client.cookies["sessionid"] = session(account, has_second_factor=has_second_factor)
    return client


def made(client: Client, number: str = NUMBER, **more: str) -> Any:
    form = {"kind": "hrp", "number": number, "language": "zh-Hant", "seen": "on", **more}
    return client.post("/desk/accounts/new", form)


def printed(client: Client, answer: Any) -> tuple[str, str]:
    """Print the slip that was made; return its user name and password."""
    assert answer["Location"] == SLIP
    slip = client.post(PRINT)
    assert slip["Content-Type"] == "application/pdf"
    assert "no-store" in slip["Cache-Control"]
    told = text_of(slip.content)
    name, password = re.search(r"yzt-[a-z2-9]{8}", told), re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", told)
    assert name is not None
    assert password is not None
    return name[0], password[0]


def test_a_slip_opens_the_account_of_the_person_on_file_once_a_password_is_chosen() -> None:
    resident = a_resident()
    clerk = officer()
    name, password = printed(clerk, made(clerk, resident.number))
    client = Client()
    own = {"new_password": "a phrase of mine 9", "new_password_again": "a phrase of mine 9"}
    assert client.post("/sign-in", {"username": name, "password": password})["Location"] == "/sign-in/new-password"
    assert client.post("/sign-in/new-password", own)["Location"] == "/home"
    resident.person.refresh_from_db()
    assert resident.person.account is not None
    assert resident.person.account.username == name
    assert resident.person.account.language == "zh-Hant"


def test_who_is_not_on_file_registers_at_the_first_sign_in() -> None:
    clerk = officer()
    answer = made(clerk)
    assert "没有这个证件的档案" in clerk.get(SLIP).content.decode()
    assert NUMBER not in printed(clerk, answer)[0]


def test_a_person_with_an_account_gets_no_second_one() -> None:
    resident = a_resident(account=Account.objects.create_user("ming", "x"))
    before = Account.objects.count()
    answer = made(officer(), resident.number)
    assert answer.status_code == 422
    assert Account.objects.count() == before + 1  # the officer's own
    assert "已经有账户" in answer.content.decode()


@pytest.mark.parametrize("role", ["reviewer", "approver", "supervisor", "auditor", "administrator", "registrar"])
def test_nobody_but_a_clerk_makes_one(role: str) -> None:
    client = officer(role)
    assert client.get("/desk/accounts/new").status_code == 403
    assert made(client).status_code == 403


def test_a_clerk_without_a_second_factor_makes_none() -> None:
    assert made(officer(has_second_factor=False)).status_code == 403


def test_the_document_must_have_been_seen_and_have_a_number() -> None:
    client = officer()
    assert made(client, seen="").status_code == 422
    assert made(client, number="X1").status_code == 422


def test_who_made_it_is_on_record_and_the_password_nowhere() -> None:
    clerk = officer()
    name, password = printed(clerk, made(clerk))
    assert Entry.objects.filter(action="accounts.make_at_window").exists()
    assert Entry.objects.filter(action="papers.print", fields=["account_slip"]).exists()
    account = Account.objects.get(username=name)
    assert password not in account.password
    assert account.one_time_until is not None


def test_two_slips_have_nothing_in_common() -> None:
    client = officer()
    assert not set(printed(client, made(client))) & set(printed(client, made(client)))


def test_the_password_stands_on_the_paper_alone_and_is_printed_once() -> None:
    clerk = officer()
    answer = made(clerk)
    page = clerk.get(SLIP)
    password = printed(clerk, answer)[1]
    assert password not in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    for again in (clerk.get(SLIP), clerk.post(PRINT)):
        assert again["Location"] == "/desk/accounts/new?slip=gone"
    assert "没有等待打印的告知单" in clerk.get("/desk/accounts/new?slip=gone").content.decode()


def test_a_slip_that_nobody_printed_in_time_is_gone() -> None:
    clerk = officer()
    made(clerk)
    with mock.patch("yizhengtong.sites.desk.accounts.slips.time.time", return_value=time.time() + SLIP_SECONDS + 1):
        assert clerk.post(PRINT)["Location"] == "/desk/accounts/new?slip=gone"
    assert clerk.post(PRINT)["Location"] == "/desk/accounts/new?slip=gone"


def test_another_officer_prints_no_slip_of_a_clerk() -> None:
    made(officer())
    other = officer("supervisor")
    assert other.get(SLIP)["Location"] == "/desk/accounts/new?slip=gone"
    assert other.post(PRINT)["Location"] == "/desk/accounts/new?slip=gone"


def test_a_slip_says_where_to_sign_in_in_both_languages() -> None:
    clerk = officer()
    made(clerk, language="en")
    told = text_of(clerk.post(PRINT).content)
    assert "http://testserver/sign-in" in told
    assert "One-timepassword" in told.replace(" ", "")
