"""Who a session token stands for: the account that signed in, as long as the sign-in still holds."""

import base64
import hmac
import struct
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yizhengtong.foundation.accounts.bearers import _remembered
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import PrincipalKind, principal_of_session
from yizhengtong.foundation.accounts.sessions import SessionStore, stored_key

pytestmark = pytest.mark.django_db
PASSWORD = "Longer-than-8"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN, SECOND = "/_allauth/app/v1/auth/login", "/_allauth/app/v1/auth/2fa/authenticate"


@pytest.fixture(params=["new to this process", "seen before"], autouse=True)
def was_seen(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "seen before")


@pytest.fixture
def account(was_seen: bool) -> Iterator[Account]:
    """Its sessions, where `signed_in` begins them, were looked at before: what holds must hold then as well."""
    _look.append(was_seen)
    yield Account.objects.create_user("resident-wang", PASSWORD)
    _look.clear()


_look: list[bool] = []


def signed_in(account: Account, **more: Any) -> str:
    """Return the token of a session such as sign-in leaves; looked at already where the test asks for it."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.update(more)
    session.create()
    token = str(session.session_key)
    if any(_look):
        principal_of_session(token)
        assert (stored_key(token) in _remembered) == (SESSION_KEY in session)
    return token


def test_a_token_stands_for_the_account_that_signed_in(account: Account) -> None:
    principal = principal_of_session(signed_in(account))
    assert principal is not None
    assert (principal.kind, principal.id) == (PrincipalKind.RESIDENT, account.pk)
    assert not principal.has_second_factor


@pytest.mark.parametrize("token", ["x", "0" * 32, "", "a" * 400, "' OR 1=1 --", "\u4e00" * 32])
def test_a_token_that_nobody_was_given_stands_for_nobody(token: str) -> None:
    assert principal_of_session(token) is None


def test_a_session_of_somebody_not_signed_in_stands_for_nobody() -> None:
    session = SessionStore()
    session["anything"] = 1
    session.create()
    assert principal_of_session(str(session.session_key)) is None


@pytest.mark.parametrize(("left", "holds"), [(timedelta(seconds=30), True), (timedelta(seconds=-1), False)])
def test_a_session_ends_when_its_time_is_over(account: Account, left: timedelta, holds: bool) -> None:
    token = signed_in(account)
    Session.objects.filter(pk=stored_key(token)).update(expire_date=timezone.now() + left)
    assert (principal_of_session(token) is not None) == holds


def test_a_session_whose_content_was_tampered_with_stands_for_nobody(account: Account) -> None:
    token = signed_in(account)
    session = Session.objects.get(pk=stored_key(token))
    session.session_data = (
        session.session_data[:40] + ("A" if session.session_data[40] != "A" else "B") + session.session_data[41:]
    )
    session.save()
    assert principal_of_session(token) is None


def test_a_deactivated_account_is_nobody_at_once(account: Account) -> None:
    token = signed_in(account)
    account.is_active = False
    account.save()
    assert principal_of_session(token) is None


def test_a_session_that_was_ended_stands_for_nobody(account: Account) -> None:
    token = signed_in(account)
    Session.objects.filter(pk=stored_key(token)).delete()
    assert principal_of_session(token) is None


def test_a_session_that_was_written_anew_is_read_anew(account: Account) -> None:
    other = Account.objects.create_user("resident-li", PASSWORD)
    token = signed_in(account)
    session = SessionStore(token)
    session.update({SESSION_KEY: str(other.pk), HASH_SESSION_KEY: other.get_session_auth_hash()})
    session.save()
    principal = principal_of_session(token)
    assert principal is not None
    assert principal.id == other.pk


def test_one_that_was_seen_costs_one_statement(account: Account, was_seen: bool) -> None:
    token = signed_in(account)
    with CaptureQueriesContext(connection) as sent:
        assert principal_of_session(token) is not None
    assert len(sent) == (1 if was_seen else 2)


def test_the_connection_reads_as_whom_the_session_stands_for(account: Account) -> None:
    token = signed_in(account)
    principal_of_session(token)
    assert _told() == ["resident", str(account.pk), ""]
    Account.objects.filter(pk=account.pk).update(is_active=False)
    principal_of_session(token)
    assert _told() == ["nobody", "", ""]


def _told() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('yzt.reader'), current_setting('yzt.actor'), current_setting('yzt.office')"
        )
        return list(cursor.fetchone())


def test_only_so_many_sessions_are_remembered(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhengtong.foundation.accounts.bearers._REMEMBERED", 2)
    _remembered.clear()
    tokens = [signed_in(account) for _ in range(3)]
    assert all(principal_of_session(token) for token in tokens)
    assert stored_key(tokens[0]) not in _remembered
    assert len(_remembered) == 2


def test_a_deleted_account_is_nobody(account: Account) -> None:
    token = signed_in(account)
    account.delete()
    assert principal_of_session(token) is None


def test_a_changed_password_ends_every_session(account: Account) -> None:
    tokens = [signed_in(account), signed_in(account)]
    account.set_password("Another-long-one")
    account.save()
    assert [principal_of_session(token) for token in tokens] == [None, None]


def test_a_session_of_one_account_cannot_be_turned_to_another(account: Account) -> None:
    other = Account.objects.create_user("resident-li", "Something-else")
    token = signed_in(account, **{SESSION_KEY: str(other.pk)})
    assert principal_of_session(token) is None


def test_a_password_alone_is_no_second_factor(account: Account) -> None:
    principal = principal_of_session(signed_in(account, account_authentication_methods=[{"method": "password"}]))
    assert principal is not None
    assert not principal.has_second_factor


def code_of_now() -> str:
    digest = hmac.digest(base64.b32decode(SECRET), struct.pack(">Q", int(time.time()) // 30), "sha1")
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """A code lasts half a minute: none ends between being made and being looked at."""
    with time_machine.travel(time.time(), tick=False):
        yield


@pytest.fixture
def officer(stopped_clock: None) -> Account:
    """An officer with an authenticator; the rate limits have their table."""
    call_command("createcachetable", verbosity=0)
    account = Account.objects.create_user("officer-li", PASSWORD)
    office = Office.objects.create(code="370102", name="历下分局", region="370102", path="370102")
    StaffMember.objects.create(account=account, office=office, name="李受理", roles=["clerk"])
    TOTP.activate(account, SECRET)
    return account


def sign_in(client: Client, path: str, token: str = "", **fields: str) -> Any:
    return client.post(path, fields, content_type="application/json", headers={"X-Session-Token": token})


def test_after_password_and_authenticator_allauth_notes_the_second_factor(officer: Account) -> None:
    client = Client()
    pending = sign_in(client, LOGIN, username="officer-li", password=PASSWORD)
    assert pending.status_code == 401
    token = pending.json()["meta"]["session_token"]
    assert principal_of_session(token) is None, "half signed in is not signed in"
    answer = sign_in(client, SECOND, token, code=code_of_now())
    assert answer.status_code == 200
    principal = principal_of_session(answer.json()["meta"].get("session_token", token))
    assert principal is not None
    assert (principal.kind, principal.id, principal.has_second_factor) == (PrincipalKind.STAFF, officer.pk, True)


def test_a_wrong_code_signs_nobody_in(officer: Account) -> None:
    client = Client()
    token = sign_in(client, LOGIN, username="officer-li", password=PASSWORD).json()["meta"]["session_token"]
    wrong = f"{(int(code_of_now()) + 500_000) % 1_000_000:06}"
    assert sign_in(client, SECOND, token, code=wrong).status_code == 400
    assert principal_of_session(token) is None


@pytest.fixture
def demonstration(account: Account) -> Account:
    call_command("createcachetable", verbosity=0)
    Account.objects.filter(pk=account.pk).update(is_demonstration=True)
    return account


def test_a_demonstration_account_signs_in_only_outside_production(demonstration: Account, settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    client = Client(raise_request_exception=False)
    refused = sign_in(client, LOGIN, username="resident-wang", password=PASSWORD)
    assert refused.status_code >= 400
    assert b"session_token" not in refused.content
    settings.YZT_PRODUCTION = False
    assert sign_in(Client(), LOGIN, username="resident-wang", password=PASSWORD).status_code == 200


def test_a_refused_demonstration_account_is_told_why(demonstration: Account, settings: Any) -> None:
    settings.YZT_PRODUCTION = True
    client = Client(raise_request_exception=False)
    refused = sign_in(client, LOGIN, username="resident-wang", password=PASSWORD)
    assert refused.status_code == 400
    assert "演示账号" in refused.content.decode("unicode-escape")


def test_a_demonstration_officer_gets_no_half_session_in_production(officer: Account, settings: Any) -> None:
    Account.objects.filter(pk=officer.pk).update(is_demonstration=True)
    settings.YZT_PRODUCTION = True
    client = Client(raise_request_exception=False)
    answer = sign_in(client, LOGIN, username="officer-li", password=PASSWORD)
    assert answer.status_code >= 400
    assert b"session_token" not in answer.content


def test_a_demonstration_session_from_before_counts_for_nothing_in_production(account: Account, settings: Any) -> None:
    Account.objects.filter(pk=account.pk).update(is_demonstration=True)
    token = signed_in(account)
    assert principal_of_session(token) is not None
    settings.YZT_PRODUCTION = True
    assert principal_of_session(token) is None


def test_others_sign_in_in_production(account: Account, settings: Any) -> None:
    call_command("createcachetable", verbosity=0)
    settings.YZT_PRODUCTION = True
    assert sign_in(Client(), LOGIN, username="resident-wang", password=PASSWORD).status_code == 200


def kept_in(client: Client, at: datetime, **more: Any) -> datetime:
    """Keep something in a browser's session, and return when it ends then."""
    with time_machine.travel(at):
        store = SessionStore(client.cookies["sessionid"].value)
        store["desk_search"] = "1"
        for name, value in more.items():
            store[name] = value
        store.save()
    return Session.objects.get(pk=stored_key(str(store.session_key))).expire_date


def test_a_session_ends_twelve_hours_after_the_last_proof_however_often_it_is_used() -> None:
    """Else a token that was taken lives for as long as its thief keeps something in it."""
    Account.objects.create_user("hua", PASSWORD)
    client, began = Client(), timezone.now()
    client.post("/sign-in", {"username": "hua", "password": PASSWORD})
    ends = kept_in(client, began + timedelta(hours=11))
    assert abs(ends - began - timedelta(hours=12)) < timedelta(minutes=5)
    with time_machine.travel(began + timedelta(hours=12, minutes=10)):
        assert principal_of_session(client.cookies["sessionid"].value) is None


def test_who_shows_again_who_they_are_goes_on_from_then() -> None:
    Account.objects.create_user("hua", PASSWORD)
    client, later = Client(), timezone.now() + timedelta(hours=11)
    client.post("/sign-in", {"username": "hua", "password": PASSWORD})
    methods = [{"method": "password", "at": later.timestamp()}]
    ends = kept_in(client, later, account_authentication_methods=methods)
    assert abs(ends - later - timedelta(hours=12)) < timedelta(minutes=5)
