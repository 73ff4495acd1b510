"""Status lists over HTTP: the newest for anybody, past ones as long as they are kept, from pages of any origin."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cbor2 import loads
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests.support.web_role import requests_as_web
from yizhengtong.credentials.formats import status_list
from yizhengtong.credentials.formats.status_list import INVALID, VALID
from yizhengtong.credentials.keys.queries import Use, checkers
from yizhengtong.credentials.keys.services import declare_lost
from yizhengtong.credentials.status.models import StatusList, Token
from yizhengtong.credentials.status.services import withdraw
from yizhengtong.credentials.status.signing import sign_due
from yizhengtong.credentials.status.tests import conftest as status_conftest
from yizhengtong.credentials.status.tests.ground import Copies, age, newest
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.accounts.principals import SYSTEM

_own_ring, ruian, permit = status_conftest._own_ring, status_conftest.ruian, status_conftest.permit
listed, copies = status_conftest.listed, status_conftest.copies
pytestmark = pytest.mark.django_db
JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"


@pytest.fixture
def path(copies: Copies) -> str:
    """The path of the list, signed."""
    sign_due()
    return copies.references[0].uri.removeprefix("http://127.0.0.1:8000")


@pytest.fixture(autouse=True)
def _address(settings: Any) -> None:
    settings.YZT_ADDRESS = "http://127.0.0.1:8000"


def get(path: str, **headers: str) -> HttpResponse:
    response: Any = Client(headers=headers).get(path)
    return response  # type: ignore[no-any-return]


def value(response: HttpResponse, copies: Copies) -> int:
    """Read an answer as a stranger would who has one of the copies."""
    uri, index = copies.references[0].uri, copies.references[0].index
    at, known = int(timezone.now().timestamp()), checkers(Use.STATUS)
    if response.headers["Content-Type"] == CWT:
        return status_list.read_cwt(response.content, known, uri=uri, at=at).value(index)
    return status_list.read_jwt(response.content.decode("ascii"), known, uri=uri, at=at).value(index)


def revoke(copies: Copies, listed: StatusList) -> None:
    age(listed, timedelta(minutes=10))
    withdraw(copies.permit, copies.references)
    work_in()
    sign_due()


@pytest.mark.parametrize(
    ("accept", "served"),
    [
        ("", JWT), ("*/*", JWT), (JWT, JWT), (CWT, CWT), ("application/*", JWT), (f"{JWT};q=0.1, {CWT}", CWT),
        ("text/html, */*;q=0.1", JWT),
    ],
)  # fmt: skip
def test_anybody_is_served_the_form_they_prefer(path: str, copies: Copies, accept: str, served: str) -> None:
    response = get(path, **({"Accept": accept} if accept else {}))
    assert (response.status_code, response["Content-Type"], response["Vary"]) == (200, served, "Accept")
    assert value(response, copies) == VALID


@pytest.mark.parametrize("accept", ["text/html", "application/json", "nonsense"])
def test_who_takes_neither_form_is_told(path: str, accept: str) -> None:
    assert get(path, Accept=accept).status_code == 406


def test_the_web_s_role_may_read_what_is_public_and_pages_of_any_origin_too(roles: None, path: str) -> None:
    with requests_as_web():
        answers = [get(path, Origin="https://wallet.example"), get("/status-lists", Origin="https://wallet.example")]
    for response in answers:
        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, "*")
        assert "Access-Control-Allow-Credentials" not in response
        assert "Set-Cookie" not in response


def test_other_addresses_are_not_open_to_other_origins() -> None:
    assert "Access-Control-Allow-Origin" not in get("/health", Origin="https://wallet.example")


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_nobody_may_do_anything_but_read(path: str, method: str) -> None:
    for address in (path, "/status-lists"):
        response = getattr(Client(), method)(address)
        assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_a_head_is_told_without_the_list(path: str) -> None:
    response = Client().head(path)
    assert (response.status_code, response.content, response["Content-Type"]) == (200, b"", JWT)


def test_it_may_be_kept_as_long_as_it_says_itself(path: str, settings: Any) -> None:
    settings.YZT_STATUS_TTL = 77
    assert get(path)["Cache-Control"] == "public, max-age=77"


def test_what_has_not_changed_is_not_sent_again(path: str, copies: Copies, listed: StatusList) -> None:
    tag = get(path)["ETag"]
    for known in (tag, f'"x", {tag}', f"W/{tag}"):
        unchanged = get(path, **{"If-None-Match": known})
        assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", tag)
        assert unchanged["Access-Control-Allow-Origin"] == "*"
    assert get(path, Accept=CWT)["ETag"] != tag
    revoke(copies, listed)
    changed = get(path, **{"If-None-Match": tag})
    assert (changed.status_code, value(changed, copies)) == (200, INVALID)


def test_a_past_instant_is_answered_with_what_was_served_then(path: str, copies: Copies, listed: StatusList) -> None:
    revoke(copies, listed)
    at = int(newest(listed).issued_at.timestamp())
    assert [value(get(f"{path}?time={each}"), copies) for each in (at - 1, at)] == [VALID, INVALID]
    assert loads(get(f"{path}?time={at}", Accept=CWT).content).tag == 18


def test_an_instant_before_the_list_after_now_and_of_no_kind_is_refused(path: str) -> None:
    now = int(timezone.now().timestamp())
    for time, status in (
        (now - 3600, 404), (now + 3600, 404), ("", 400), ("now", 400), (-1, 400), ("1e9", 400), ("9" * 12, 400),
        ("9" * 11, 404), ("%00", 400), ("１", 400),
    ):  # fmt: skip
        assert get(f"{path}?time={time}").status_code == status


def test_a_deployment_without_history_says_that_it_has_none(path: str, settings: Any) -> None:
    settings.YZT_STATUS_HISTORY_DAYS = 0
    assert get(f"{path}?time=1").status_code == 501
    assert get(path).status_code == 200


def test_who_asks_for_the_past_again_and_again_waits(path: str, settings: Any) -> None:
    settings.YZT_LIMITS = {**settings.YZT_LIMITS, "past_status_lists": (2, 3600)}
    answers = [get(f"{path}?time=1") for _ in range(3)]
    assert [each.status_code for each in answers] == [404, 404, 429]
    assert int(answers[-1]["Retry-After"]) > 0
    assert get(path).status_code == 200


@pytest.mark.parametrize("name", ["stl_", f"stl_{'0' * 26}", f"stl_{'z' * 26}", "1", "%00", "..%2f", "x" * 2000, "表"])
def test_a_list_that_is_not_ours_is_not_found(path: str, name: str) -> None:
    assert get(f"/status-lists/{name}").status_code == 404


def test_a_list_that_has_expired_is_gone(path: str) -> None:
    StatusList.objects.update(closed_at=timezone.now(), expired_at=timezone.now())
    assert get(path).status_code == 404
    assert json.loads(get("/status-lists").content) == {"status_lists": []}


def test_a_list_not_yet_signed_is_asked_for_again(path: str) -> None:
    Token.objects.all().delete()
    response = get(path)
    assert (response.status_code, response["Retry-After"]) == (503, "1")


def test_what_a_lost_key_signed_is_not_served(path: str, copies: Copies, listed: StatusList) -> None:
    age(listed)
    before = newest(listed)
    declare_lost(key_id=before.key_id, by=SYSTEM)
    sign_due()
    response = get(path)
    assert value(response, copies) == VALID
    assert response.content != bytes(before.jwt)


def test_a_deployment_without_cose_serves_the_other_form(path: str) -> None:
    Token.objects.update(cwt=b"")
    assert get(path, Accept=CWT).status_code == 406
    assert get(path).status_code == 200


def test_the_aggregation_names_every_list_that_a_credential_may_name(path: str, copies: Copies) -> None:
    old = StatusList.objects.create(address="https://old.example")
    response = get("/status-lists")
    assert response["Content-Type"] == "application/json"
    assert set(json.loads(response.content)["status_lists"]) == {copies.references[0].uri, old.uri}


def test_the_list_names_its_aggregation(path: str, copies: Copies) -> None:
    content = get(path).content.decode("ascii")
    at = int(timezone.now().timestamp())
    found = status_list.read_jwt(content, checkers(Use.STATUS), uri=copies.references[0].uri, at=at)
    assert found.aggregation_uri == "http://127.0.0.1:8000/status-lists"
