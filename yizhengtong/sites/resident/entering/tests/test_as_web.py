"""Every way in works with the rights that the web's database role has, and no more."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from tests.identity.stand_ins import TicketHouse
from tests.support.people import a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.notifications.tasks import send_sign_in_code
from yizhengtong.sites.resident.entering.tests.test_real_names import house, on_file, there_and_back

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
__all__ = ["house"]


@pytest.fixture(autouse=True)
def _web(db: None) -> Iterator[None]:
    with requests_as_web():
        yield


def test_by_telephone(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str]] = []
    monkeypatch.setattr(send_sign_in_code, "defer", lambda **named: sent.append(named))
    for _ in range(2):
        client = Client()
        client.post("/sign-in/phone", {"phone": "13800000001"})
        assert client.post("/sign-in/phone/code", {"phone_code": sent[-1]["code"]})["Location"] == "/home"
        assert "尾号 0001" in client.get("/security").content.decode()
    assert Account.objects.count() == 1


def test_a_code_is_queued_for_the_worker() -> None:
    assert Client().post("/sign-in/phone", {"phone": "13800000001"})["Location"] == "/sign-in/phone/code"


def test_by_password_and_app(settings: Any) -> None:
    settings.MFA_TOTP_TOLERANCE = 1
    TOTP.activate(Account.objects.create_user("ming", "a phrase 7 of mine"), SECRET)
    client = Client()
    client.post("/sign-in", {"username": "ming", "password": "a phrase 7 of mine"})
    code = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))
    assert client.post("/sign-in/second-factor", {"code": code})["Location"] == "/home"
    assert client.get("/security").status_code == 200


def test_by_real_name_when_new_and_again(house: TicketHouse) -> None:
    before = Account.objects.count()
    for _ in range(2):
        assert there_and_back(Client())["Location"] == "/home"
    assert Account.objects.count() == before + 1


def test_by_real_name_a_person_on_file_is_taken_over(house: TicketHouse) -> None:
    person = on_file()
    client = Client()
    assert there_and_back(client)["Location"] == "/home"
    assert "H12345678" in client.get("/me/documents").content.decode()
    person.refresh_from_db()
    assert person.account_id is not None


def test_by_a_slip_made_at_the_window(law_in_force: None) -> None:
    resident = a_resident()
    account = Account.objects.create_user("officer", "x")
    office = Office.objects.create(code="d", name="d", region="370102", path="d")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=["clerk"])
    officer = Client()
    officer.cookies["sessionid"] = session(account, has_second_factor=True)
    form = {"kind": "hrp", "number": resident.number, "language": "zh-Hans", "seen": "on"}
    assert officer.post("/desk/accounts/new", form).status_code == 302
    made = Account.objects.get(one_time_until__isnull=False)
    made.set_password("a phrase 7 of mine")
    made.save()
    client = Client()
    client.post("/sign-in", {"username": made.username, "password": "a phrase 7 of mine"})
    own = {"new_password": "a phrase 9 of mine", "new_password_again": "a phrase 9 of mine"}
    assert client.post("/sign-in/new-password", own)["Location"] == "/home"


def test_registering_oneself_and_a_child(law_in_force: None) -> None:
    client = Client()
    client.force_login(Account.objects.create_user("ming", "x"))
    for whom, born, number in (("me/register", "1990-05-01", "H12345678"), ("family/new", "2020-05-01", "H22345678")):
        client.post(f"/{whom}/relation", {"relation": "guardian"})
        client.post(f"/{whom}/region", {"region": "HK"})
        client.post(f"/{whom}/details", {"name": "王小明", "birth_date": born, "sex": "M"})
        client.post(f"/{whom}/document", {"kind": "hrp", "number": number, "valid_until": "2099-01-01"})
        assert client.post(f"/{whom}/check").status_code == 302
    assert client.get("/family").content.decode().count("王小明") >= 2
