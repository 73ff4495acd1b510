"""What sign-in leaves in the database: sessions, second factors and telephones lie sealed, tokens as keyed hashes."""

import asyncio
import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client

from yizhengtong.foundation.accounts.adapter import AccountAdapter
from yizhengtong.foundation.accounts.models import Account, AccountPhone
from yizhengtong.foundation.accounts.phones import account_by_phone, is_personal, keep_phone, phone_of
from yizhengtong.foundation.accounts.sessions import SessionStore
from yizhengtong.foundation.vault.errors import UnknownEnvelope

pytestmark = pytest.mark.django_db
PASSWORD, SECRET = "Longer-than-8", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PHONE = "+852 5550 0100"


@pytest.fixture
def account() -> Account:
    return Account.objects.create_user("resident-wang", PASSWORD)


def raw(table: str, column: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column}::text FROM {table}")  # noqa: S608 names of our own
        return "\n".join(str(row[0]) for row in cursor.fetchall())


def test_a_session_comes_back_and_its_row_holds_neither_token_nor_content() -> None:
    session = SessionStore()
    session["name"] = "王小明"
    session.create()
    token = str(session.session_key)
    assert SessionStore(token)["name"] == "王小明"
    assert token not in raw("django_session", "session_key")
    assert "王" not in raw("django_session", "session_data")
    assert not SessionStore(raw("django_session", "session_key")).load(), "what lies in the table signs nobody in"


def test_a_session_can_be_changed_asked_for_and_ended() -> None:
    session = SessionStore()
    session["n"] = 1
    session.create()
    token = str(session.session_key)
    session["n"] = 2
    session.save()
    assert SessionStore(token)["n"] == 2
    assert session.exists(token)
    session.cycle_key()
    assert not SessionStore().exists(token)
    session.flush()
    assert not Session.objects.exists()


def test_a_session_copied_to_another_row_holds_nothing() -> None:
    mine, other = SessionStore(), SessionStore()
    mine["n"] = 1
    mine.create()
    other.create()
    data = [row.session_data for row in Session.objects.all()]
    Session.objects.update(session_data=max(data, key=len))
    assert SessionStore(other.session_key).load() == {}


def test_the_asynchronous_way_that_would_keep_the_token_is_closed() -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(SessionStore().acreate_model_instance({}))


def test_a_second_factor_works_and_lies_sealed(account: Account) -> None:
    TOTP.activate(account, SECRET)
    RecoveryCodes.activate(account)
    assert SECRET not in raw("mfa_authenticator", "data")
    assert "seed" not in raw("mfa_authenticator", "data")
    assert Authenticator.objects.get(type="totp").data == {"secret": SECRET}
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert len(codes) == 10
    assert codes[0] not in raw("mfa_authenticator", "data")


def test_a_second_factor_saved_again_stays_as_it_was(account: Account) -> None:
    factor = TOTP.activate(account, SECRET).instance
    factor.record_usage()
    factor.save()
    assert factor.data == {"secret": SECRET}
    again = Authenticator.objects.get()
    again.refresh_from_db()
    assert again.data == {"secret": SECRET}
    assert Authenticator.objects.defer("data").get().data == {"secret": SECRET}


def test_the_name_of_a_passkey_lies_sealed_too(account: Account) -> None:
    Authenticator.objects.create(user=account, type="webauthn", data={"name": "王小明的手机", "credential": {}})
    assert "王" not in raw("mfa_authenticator", "data")
    assert "name" not in raw("mfa_authenticator", "data")
    assert Authenticator.objects.get().data["name"] == "王小明的手机"


def test_a_second_factor_moved_to_another_account_does_not_open(account: Account) -> None:
    TOTP.activate(account, SECRET)
    other = Account.objects.create_user("somebody-else", PASSWORD)
    Authenticator.objects.update(user=other)
    with pytest.raises(UnknownEnvelope, match=r"^vault\.damaged$"):
        Authenticator.objects.get()


def test_an_open_second_factor_is_refused_where_none_was_left_open(account: Account) -> None:
    TOTP.activate(account, SECRET)
    Authenticator.objects.update(data={"secret": SECRET})
    with pytest.raises(UnknownEnvelope, match=r"^vault\.key_unknown$"):
        Authenticator.objects.get()


@pytest.mark.parametrize("written", [PHONE, "85255500100", "(852) 5550-0100"])
def test_a_verified_phone_is_found_however_it_is_written_and_lies_sealed(account: Account, written: str) -> None:
    keep_phone(account, PHONE, is_verified=True)
    assert account_by_phone(written) == account
    assert phone_of(account) == (PHONE, True)
    assert b"5550".hex() not in raw("accounts_accountphone", "encode(phone, 'hex')")


def test_a_phone_that_is_not_verified_finds_nobody_and_only_one_account_verifies_it(account: Account) -> None:
    other = Account.objects.create_user("somebody-else", PASSWORD)
    keep_phone(account, PHONE, is_verified=False)
    assert account_by_phone(PHONE) is None
    assert phone_of(other) is None
    keep_phone(other, PHONE, is_verified=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        keep_phone(account, PHONE, is_verified=True)


def test_a_new_phone_takes_the_place_of_the_old_one(account: Account) -> None:
    keep_phone(account, PHONE, is_verified=True)
    keep_phone(account, "+853 6655 0101", is_verified=True)
    assert AccountPhone.objects.count() == 1
    assert account_by_phone(PHONE) is None


@pytest.mark.parametrize("username", ["+852 5550 0100", "13800138000", "H12345678", "810000199408230021", "5550-0100"])
def test_a_user_name_that_is_a_phone_or_document_number_is_refused(username: str) -> None:
    call_command("createcachetable", verbosity=0)
    answer = sign_up(username)
    assert answer.status_code == 400
    assert not Account.objects.exists()
    assert username not in answer.content.decode()


@pytest.mark.parametrize("username", ["resident-wang", "demo-0123456789ab", "h2o", "wang1984", "12345"])
def test_other_user_names_are_taken(username: str) -> None:
    assert not is_personal(username)


def test_no_e_mail_address_is_taken_since_it_would_lie_open() -> None:
    call_command("createcachetable", verbosity=0)
    token = sign_up("resident-wang").json()["meta"]["session_token"]
    for path, content in (("email", {"email": "wang@example.org"}), ("phone", {"phone": "+85255500100"})):
        answer = Client().post(
            f"/_allauth/app/v1/account/{path}", json.dumps(content), content_type="application/json",
            headers={"X-Session-Token": token},
        )  # fmt: skip
        assert answer.status_code >= 400
    assert "example.org" not in raw("account_emailaddress", "email")
    assert not AccountPhone.objects.exists()


def test_the_adapter_refuses_both_whatever_route_asks() -> None:
    with pytest.raises(ValidationError):
        AccountAdapter().clean_email("wang@example.org")
    with pytest.raises(ValidationError):
        AccountAdapter().clean_phone(PHONE)


def sign_up(username: str) -> Any:
    payload = json.dumps({"username": username, "password": PASSWORD})
    return Client().post("/_allauth/app/v1/auth/signup", payload, content_type="application/json")
