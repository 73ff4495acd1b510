"""The inbox, preferences and contacts through the resident's API, under the web's own database role."""

import json
import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.people import a_resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account, AccountPhone
from yizhengtong.foundation.notifications.models import Delivery
from yizhengtong.foundation.notifications.services import About, tell
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.ids import public_id
from yizhengtong.registry.consents.recipients import recipient_of
from yizhengtong.registry.people.models import Person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
ROOT = "/api/resident/messages"


@pytest.fixture
def wang(db: None) -> Person:
    account = Account.objects.create_user("wang")
    person = a_resident(since=None).person
    person.account = account
    person.save()
    return person


@pytest.fixture(autouse=True)
def _as_web() -> Iterator[None]:
    with requests_as_web():
        yield


def send(person: Person, method: str, path: str, payload: Any = None, **headers: str) -> Any:
    assert person.account is not None
    given = {"X-Session-Token": session_of(person.account), "Idempotency-Key": uuid4().hex, **headers}
    body = json.dumps(payload) if payload is not None else ""
    return Client().generic(method, f"{ROOT}{path}", body, content_type="application/json", headers=given)


def test_a_message_is_listed_and_read(wang: Person) -> None:
    message = tell(kind="received", to=recipient_of(wang), about=About("case", uuid4()), facts={})
    assert message is not None
    (listed,) = send(wang, "GET", "").json()["items"]
    assert (listed["kind"], listed["read_at"]) == ("received", None)
    assert send(wang, "POST", f"/{listed['id']}/reading").json()["read_at"] is not None
    assert send(wang, "GET", "?unread=true").json()["items"] == []


def test_somebody_elses_message_is_not_there(wang: Person) -> None:
    other = a_resident(since=None).person
    message = tell(kind="received", to=recipient_of(other), about=About("case", uuid4()), facts={})
    assert message is not None
    answer = send(wang, "POST", f"/{public_id('msg', message.pk)}/reading")
    unknown = send(wang, "POST", f"/{public_id('msg', uuid4())}/reading")
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert send(wang, "GET", "").json()["items"] == []


@pytest.mark.row("S4-16")
def test_a_person_chooses_and_what_is_wrong_is_told_at_once(wang: Person) -> None:
    first = send(wang, "GET", "/preferences")
    assert (first.json()["version"], first["ETag"]) == (0, '"0"')
    choice = {"language": "en", "quiet_from": "22:00", "quiet_until": "07:00", "channels": {"approved": ["email"]}}
    saved = send(wang, "PUT", "/preferences", choice, **{"If-Match": '"0"'})
    assert (saved.status_code, saved.json()["language"], saved.json()["version"]) == (200, "en", 1)
    assert send(wang, "PUT", "/preferences", choice, **{"If-Match": '"0"'}).status_code == 412
    wrong = {**choice, "quiet_until": "21:00", "channels": {"refused": [], "unknown": ["sms"]}}
    refused = send(wang, "PUT", "/preferences", wrong, **{"If-Match": '"1"'})
    assert sorted(each["field"] for each in refused.json()["errors"]) == ["channels", "channels.refused", "quiet_until"]


def test_a_number_is_confirmed_by_its_code_and_wrong_tries_count(wang: Person) -> None:
    assert send(wang, "POST", "/contacts", {"channel": "sms", "address": "13800000001"}).status_code == 202
    code = re.search(r"\d{6}", Delivery.objects.get().text)
    assert code is not None
    wrong = f"{(int(code.group()) + 1) % 1_000_000:06}"
    for _ in range(4):
        assert send(wang, "PUT", "/contacts", {"channel": "sms", "code": wrong}).status_code == 409
    said = send(wang, "PUT", "/contacts", {"channel": "sms", "code": code.group()})
    assert (said.status_code, said.json()["address"]) == (200, "+86138****0001")
    assert AccountPhone.objects.get().is_verified
    assert [each["channel"] for each in send(wang, "GET", "/contacts").json()] == ["sms"]
    assert send(wang, "DELETE", "/contacts?channel=sms").status_code == 204
    assert send(wang, "GET", "/contacts").json() == []
