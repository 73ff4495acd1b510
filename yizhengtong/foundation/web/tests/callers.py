"""Callers of the API in tests: a resident's session without the sign-in, and requests as a client sends them."""

import json
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.sessions import SessionStore

PERSON = "/api/resident/person"
WANG = {
    "name": "王小明",
    "birth_date": "1994-08-23",
    "sex": "M",
    "region": "HK",
    "travel_document": {"kind": "hrp", "number": "H12345674", "valid_until": "2030-01-01"},
}
"""王小明 of Hong Kong, as he types himself in."""


def session_of(account: Account) -> str:
    """Return a session token such as sign-in leaves."""
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "password", "at": timezone.now().timestamp()}]
    session.create()
    return str(session.session_key)


def a_resident(username: str = "resident-wang") -> str:
    """Make an account that has registered nobody yet, and return its session token."""
    return session_of(Account.objects.create(username=username))


def post(path: str, payload: Any = None, *, token: str = "", key: str | None = "key-00000001", **headers: str) -> Any:
    """Post JSON, or bytes as they are, and return Django's test response."""
    sent = {"X-Session-Token": token, **({} if key is None else {"Idempotency-Key": key}), **headers}
    content_type = sent.pop("Content-Type", "application/json")
    body = payload if isinstance(payload, bytes) else json.dumps(payload)
    client = Client(raise_request_exception=False)
    return client.generic("POST", path, body, content_type=content_type, headers=sent)


def multipart(boundary: str, fields: dict[str, str], file: bytes) -> bytes:
    """Return a form with one file under the given boundary."""
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    return "".join([*parts, head]).encode() + file + f"\r\n--{boundary}--\r\n".encode()
