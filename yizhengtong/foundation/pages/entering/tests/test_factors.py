"""Second factors and passkeys in pages: who may, how often, what if they lie."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.pages.entering.tests.devices import Device

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery 7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("ming", PASSWORD)


@pytest.fixture(autouse=True)
def _patient(settings: Any) -> None:
    """A code is taken in the next half minute too: the clock runs on between making and sending it."""
    settings.MFA_TOTP_TOLERANCE = 1


def code(secret: str = SECRET) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def signed_in(site: str = "", wanted: str = "") -> Client:
    client = Client()
    client.post(f"{site}/sign-in{wanted}", {"username": "ming", "password": PASSWORD})
    return client


def is_in(client: Client, site: str = "") -> bool:
    return client.get(f"{site}/security").status_code == 200


def has_second_factor(client: Client) -> bool:
    return any(each["method"] == "mfa" for each in client.session["account_authentication_methods"])


def with_passkey(client: Client, device: Device, name: str = "我的手机") -> Any:
    options = client.post("/security/passkeys/options", secure=True).json()
    sent = {"passkey_name": name, "credential": device.create(options)}
    return client.post("/security/passkeys/new", sent, secure=True)


def shown(client: Client, device: Device, query: str = "") -> Any:
    options = client.post("/sign-in/passkey-options", secure=True).json()
    return client.post(f"/sign-in/passkey{query}", {"credential": device.get(options)}, secure=True)


def test_an_account_with_an_app_opens_with_password_and_code_only(account: Account) -> None:
    TOTP.activate(account, SECRET)
    client = signed_in(wanted="?next=/security")
    assert not is_in(client)
    answer = client.post("/sign-in/second-factor?next=/security", {"code": code()})
    assert answer["Location"] == "/security"
    assert has_second_factor(client)


def test_a_code_is_good_once(account: Account) -> None:
    TOTP.activate(account, SECRET)
    said = code()
    assert signed_in().post("/sign-in/second-factor", {"code": said}).status_code == 302
    assert signed_in().post("/sign-in/second-factor", {"code": said}).status_code == 422


def test_guessing_codes_ends_after_a_few_and_counts_for_the_account_whoever_guesses(account: Account) -> None:
    TOTP.activate(account, SECRET)
    mine, theirs = signed_in(), signed_in()
    for _ in range(6):
        answer = mine.post("/sign-in/second-factor", {"code": "000000"})
    assert "尝试次数太多" in answer.content.decode()
    assert "尝试次数太多" in theirs.post("/sign-in/second-factor", {"code": code()}).content.decode()


def test_the_second_page_is_nothing_without_the_first(account: Account) -> None:
    TOTP.activate(account, SECRET)
    assert Client().get("/sign-in/second-factor")["Location"] == "/sign-in"
    assert Client().post("/sign-in/second-factor", {"code": code()})["Location"] == "/sign-in"


def test_a_password_proved_at_one_door_does_not_open_the_other(account: Account) -> None:
    TOTP.activate(account, SECRET)
    client = signed_in()
    assert client.post("/desk/sign-in/second-factor", {"code": code()})["Location"] == "/desk/sign-in"


def test_a_password_that_was_changed_meanwhile_has_proved_nothing(account: Account) -> None:
    TOTP.activate(account, SECRET)
    client = signed_in()
    account.set_password("quite another 9 phrase")
    account.save()
    assert client.post("/sign-in/second-factor", {"code": code()})["Location"] == "/sign-in"


def test_an_app_is_linked_by_its_code_and_gives_recovery_codes_each_good_once(account: Account) -> None:
    client = signed_in()
    page = client.get("/security/app/new").content.decode()
    found = re.search(r'<code class="number">([A-Z2-7 ]+)</code>', page)
    assert found is not None
    secret = found.group(1).replace(" ", "")
    assert client.post("/security/app/new", {"code": "000000"}).status_code == 422
    assert client.post("/security/app/new", {"code": code(secret)})["Location"] == "/security/recovery-codes"
    assert has_second_factor(client)
    codes = re.findall(r'<code class="number">(\w+)</code>', client.get("/security/recovery-codes").content.decode())
    assert len(codes) == 10
    assert signed_in().post("/sign-in/second-factor", {"code": codes[0]}).status_code == 302
    assert signed_in().post("/sign-in/second-factor", {"code": codes[0]}).status_code == 422


def test_an_officer_without_a_second_factor_is_told_to_set_one_up(account: Account) -> None:
    office = Office.objects.create(code="d", name="d", region="370102", path="d")
    StaffMember.objects.create(account=account, office=office, name="演示", roles=["clerk"])
    client = signed_in("/desk")
    assert "第二验证因素" in client.get("/desk/security").content.decode()
    TOTP.activate(account, SECRET)
    client = signed_in("/desk")
    assert not is_in(client, "/desk")
    client.post("/desk/sign-in/second-factor", {"code": code()})
    assert "第二验证因素" not in client.get("/desk/security").content.decode()


def test_a_passkey_is_made_named_and_signs_in_with_both_factors_at_once(account: Account) -> None:
    device = Device()
    assert with_passkey(signed_in(), device).status_code == 302
    client = Client()
    assert shown(client, device, "?next=/security")["Location"] == "/security"
    assert has_second_factor(client)
    assert "我的手机" in client.get("/security").content.decode()


def test_a_page_of_another_site_cannot_pass_a_passkey_on(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    device.origin = "https://testserver.evil.example"
    assert shown(Client(), device).status_code == 403
    device.origin, device.site = "https://testserver", "evil.example"
    assert shown(Client(), device).status_code == 403


def test_a_passkey_without_a_persons_finger_is_not_enough(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    device.checks_who = False
    assert shown(Client(), device).status_code == 403


def test_an_answer_of_before_or_of_another_session_opens_nothing(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    client = Client()
    answer = device.get(client.post("/sign-in/passkey-options", secure=True).json())
    assert Client().post("/sign-in/passkey", {"credential": answer}, secure=True).status_code == 403
    client.post("/sign-in/passkey-options", secure=True)
    assert client.post("/sign-in/passkey", {"credential": answer}, secure=True).status_code == 403


def test_a_key_of_somebody_else_does_not_open_the_account_it_names(account: Account) -> None:
    device, other = Device(), Device()
    with_passkey(signed_in(), device)
    other.user, other.id = device.user, device.id
    assert shown(Client(), other).status_code == 403


@pytest.mark.parametrize(
    "sent", ["", "{", "[]", "null", '{"response": 1}', '{"response": {"userHandle": 7}}', "[" * 30_000]
)
def test_what_is_no_passkeys_answer_is_refused_and_breaks_nothing(account: Account, sent: str) -> None:
    client = Client()
    client.post("/sign-in/passkey-options", secure=True)
    assert client.post("/sign-in/passkey", {"credential": sent}, secure=True).status_code == 403


def test_a_passkey_is_a_second_factor_too(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    client = signed_in()
    options = client.post("/sign-in/second-factor/passkey-options", secure=True).json()
    answer = client.post("/sign-in/second-factor", {"credential": device.get(options)}, secure=True)
    assert answer["Location"] == "/home"
    assert has_second_factor(client)


def test_what_guards_the_account_asks_anew_after_a_while(account: Account) -> None:
    client = signed_in()
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
    session.save()
    for address in ("passkeys/new", "app/new", "password", "recovery-codes"):
        assert "again=1" in client.get(f"/security/{address}")["Location"]
    assert "again=1" in client.post("/security/passkeys/options")["Location"]
    assert is_in(client)


def test_nobody_takes_away_anothers_passkey_nor_their_own_last_way_in(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    factor = Authenticator.objects.get(user=account)
    Account.objects.create_user("hua", PASSWORD)
    stranger = Client()
    stranger.post("/sign-in", {"username": "hua", "password": PASSWORD})
    assert stranger.post(f"/security/factors/{factor.pk}/remove").status_code == 404
    client = Client()
    shown(client, device)
    assert client.get(f"/security/factors/{factor.pk}/remove").status_code == 200
    assert client.post(f"/security/factors/{factor.pk}/remove").status_code == 302
    assert not Authenticator.objects.exists()


def test_the_last_way_in_is_kept(account: Account) -> None:
    device = Device()
    with_passkey(signed_in(), device)
    account.set_unusable_password()
    account.save()
    client = Client()
    shown(client, device)
    factor = Authenticator.objects.get(user=account)
    assert client.post(f"/security/factors/{factor.pk}/remove").status_code == 409
    assert Authenticator.objects.filter(pk=factor.pk).exists()


def test_a_changed_password_ends_the_other_sessions_and_not_this_one(account: Account) -> None:
    here, there = signed_in(), signed_in()
    new = {"new_password": "quite another 9 phrase", "new_password_again": "quite another 9 phrase"}
    assert here.post("/security/password", new)["Location"] == "/security"
    assert (is_in(here), is_in(there)) == (True, False)


def test_who_adds_a_factor_goes_on_under_a_new_token_and_the_old_one_opens_nothing(account: Account) -> None:
    """Else a token that was seen before is worth more afterwards."""
    client = signed_in()
    before = client.cookies["sessionid"].value
    assert with_passkey(client, Device()).status_code == 302
    assert client.cookies["sessionid"].value != before
    assert is_in(client)
    stale = Client()
    stale.cookies["sessionid"] = before
    assert not is_in(stale)
