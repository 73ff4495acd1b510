"""A token is all that a session is: what ends it, what cannot be done with a stolen one, what no cookie opens."""

import json
import time
from importlib import import_module
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.contract.routes import routes
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import principal_of_session
from yizhengtong.foundation.accounts.tests import test_sessions
from yizhengtong.foundation.accounts.tests.test_sessions import PASSWORD, SECRET, code_of_now
from yizhengtong.foundation.web.tests.callers import PERSON, WANG, a_resident

pytestmark = pytest.mark.django_db
APP = "/_allauth/app/v1"
stopped_clock = test_sessions.stopped_clock
LOGIN, SECOND, SESSION = f"{APP}/auth/login", f"{APP}/auth/2fa/authenticate", f"{APP}/auth/session"
CHANGE, AUTHENTICATORS = f"{APP}/account/password/change", f"{APP}/account/authenticators"
NEW = "Another-long-one-2"


@pytest.fixture(autouse=True)
def _table(db: None) -> None:
    call_command("createcachetable", verbosity=0)


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("resident-wang", PASSWORD)


@pytest.fixture
def officer(stopped_clock: None) -> Account:
    account = Account.objects.create_user("officer-li", PASSWORD)
    office = Office.objects.create(code="370102", name="历下分局", region="370102", path="370102")
    StaffMember.objects.create(account=account, office=office, name="李受理", roles=["clerk"])
    TOTP.activate(account, SECRET)
    return account


def ask(method: str, path: str, token: str = "", **fields: Any) -> Any:
    client = Client(raise_request_exception=False)
    headers = {"X-Session-Token": token} if token else {}
    return client.generic(method, path, json.dumps(fields), content_type="application/json", headers=headers)


def signed_in(username: str = "resident-wang", token: str = "") -> str:
    answer = ask("POST", LOGIN, token, username=username, password=PASSWORD)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["meta"]["session_token"])


def test_signing_out_ends_the_session_for_whoever_holds_its_token(account: Account) -> None:
    token = signed_in()
    assert principal_of_session(token) is not None
    ask("DELETE", SESSION, token)
    assert principal_of_session(token) is None
    assert ask("GET", SESSION, token).status_code in {401, 410}


def test_signing_out_ends_that_session_only(account: Account) -> None:
    first, second = signed_in(), signed_in()
    assert first != second
    ask("DELETE", SESSION, first)
    assert principal_of_session(second) is not None


def test_a_changed_password_ends_the_thiefs_session_and_not_ones_own(account: Account) -> None:
    own, stolen = signed_in(), signed_in()
    answer = ask("POST", CHANGE, own, current_password=PASSWORD, new_password=NEW)
    assert answer.status_code == 200, answer.content
    assert principal_of_session(stolen) is None
    own = answer.json().get("meta", {}).get("session_token", own)
    assert principal_of_session(own) is not None


def test_a_thief_cannot_change_the_password_without_knowing_it(account: Account) -> None:
    stolen = signed_in()
    assert ask("POST", CHANGE, stolen, new_password=NEW).status_code == 400
    assert ask("POST", CHANGE, stolen, current_password="guess", new_password=NEW).status_code == 400
    account.refresh_from_db()
    assert account.check_password(PASSWORD)


def test_the_token_is_new_after_signing_in_so_nobody_can_plant_one(officer: Account) -> None:
    planted = ask("POST", LOGIN, username="officer-li", password=PASSWORD).json()["meta"]["session_token"]
    answer = ask("POST", SECOND, planted, code=code_of_now())
    own = answer.json()["meta"]["session_token"]
    assert own != planted
    assert principal_of_session(planted) is None
    assert principal_of_session(own) is not None


@pytest.mark.parametrize("planted", ["a" * 32, "0123456789abcdef0123456789abcdef"])
def test_a_token_chosen_by_somebody_else_is_never_taken_up(account: Account, planted: str) -> None:
    answer = ask("POST", LOGIN, planted, username="resident-wang", password=PASSWORD)
    assert answer.status_code in {401, 410}
    assert principal_of_session(planted) is None


def test_a_half_signed_in_officer_reaches_nothing(officer: Account) -> None:
    token = ask("POST", LOGIN, username="officer-li", password=PASSWORD).json()["meta"]["session_token"]
    assert Client(headers={"X-Session-Token": token}).get("/api/staff/queue").status_code == 401
    assert ask("GET", AUTHENTICATORS, token).status_code == 401
    assert ask("POST", CHANGE, token, current_password=PASSWORD, new_password=NEW).status_code == 401


def test_a_code_is_taken_once(officer: Account) -> None:
    code = code_of_now()
    first, second = (
        ask("POST", LOGIN, username="officer-li", password=PASSWORD).json()["meta"]["session_token"] for _ in range(2)
    )
    assert ask("POST", SECOND, first, code=code).status_code == 200
    assert ask("POST", SECOND, second, code=code).status_code == 400


def test_a_stolen_session_cannot_take_the_second_factor_away(officer: Account) -> None:
    """Changing what signs one in asks for it again when the last time is more than five minutes ago."""
    stolen = old_session(officer)
    for method, path in (
        ("DELETE", f"{AUTHENTICATORS}/totp"),
        ("POST", f"{AUTHENTICATORS}/recovery-codes"),
        ("GET", f"{AUTHENTICATORS}/webauthn"),
    ):
        answer = ask(method, path, stolen)
        assert answer.status_code == 401, (path, answer.content)
        assert {flow["id"] for flow in answer.json()["data"]["flows"]} <= {"reauthenticate", "mfa_reauthenticate"}
    assert officer.authenticator_set.filter(type="totp").exists()  # type: ignore[attr-defined]


def old_session(account: Account) -> str:
    token = session(account, has_second_factor=True)
    store = import_module(settings.SESSION_ENGINE).SessionStore(token)
    store["account_authentication_methods"] = [
        {**method, "at": time.time() - 3600} for method in store["account_authentication_methods"]
    ]
    store.save()
    return token


def test_setting_up_a_factor_later_does_not_raise_a_session_begun_without(officer: Account) -> None:
    officer.authenticator_set.all().delete()  # type: ignore[attr-defined]
    token = signed_in("officer-li")
    principal = principal_of_session(token)
    assert principal is not None
    assert not principal.has_second_factor


COOKIES = ("sessionid", "session", "X-Session-Token", "csrftoken")


def test_no_cookie_opens_any_address_of_the_api(account: Account) -> None:
    """So a page of somebody else has nothing to send along: forging requests across sites needs a cookie."""
    token = signed_in()
    assert Client(headers={"X-Session-Token": token}).get("/api/resident/items").status_code != 401
    browser = Client()
    for name in COOKIES:
        browser.cookies[name] = token
    for route in routes():
        answer = browser.generic(route.method.upper(), route.path, b"", headers={"Idempotency-Key": "key-00000001"})
        assert answer.status_code in {401, 404}, str(route)


def test_the_sign_in_ignores_cookies_and_sets_none(account: Account) -> None:
    token = signed_in()
    browser = Client()
    for name in COOKIES:
        browser.cookies[name] = token
    assert browser.get(SESSION).status_code == 401
    answer = browser.post(LOGIN, {"username": "resident-wang", "password": PASSWORD}, content_type="application/json")
    assert answer.status_code == 200
    assert not answer.cookies


def test_no_answer_of_the_api_sets_a_cookie() -> None:
    client = Client(headers={"X-Session-Token": a_resident()})
    for path in ("/api/resident/items", PERSON, "/", "/api/resident/openapi.json", "/none"):
        assert not client.get(path).cookies
    answer = client.post(PERSON, WANG, content_type="application/json", headers={"Idempotency-Key": "key-00000001"})
    assert not answer.cookies


def test_the_sign_in_for_browsers_is_off() -> None:
    assert Client().get("/_allauth/browser/v1/auth/session").status_code == 404


def test_a_token_is_long_and_random(account: Account) -> None:
    tokens = {signed_in() for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(token) >= 32 for token in tokens)


def test_no_token_stands_in_an_address(account: Account) -> None:
    token = signed_in()
    for name in ("token", "session_token", "X-Session-Token", "sessionid"):
        assert Client().get("/api/resident/person", {name: token}).status_code == 401
