"""One Idempotency-Key, one effect, one answer."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pkgutil import resolve_name
from typing import Any
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.vault.envelope import key_of
from yizhengtong.foundation.vault.keyring import keyring
from yizhengtong.foundation.web.idempotency import IdempotencyMiddleware
from yizhengtong.foundation.web.models import IdempotentAnswer
from yizhengtong.foundation.web.tests.callers import PERSON, WANG, a_resident, multipart, post

database = pytest.mark.django_db
REGISTER = "yizhengtong.sites.api.resident.people.register_person"
ADD_NUMBER = "yizhengtong.sites.api.resident.people.add_number"
OTHER = {**WANG, "latin_name": "WONG, SIU-MING"}


def registrations() -> int:
    return Entry.objects.filter(action="people.register_person").count()


@database
def test_the_same_request_again_has_one_effect_and_the_same_answer() -> None:
    token = a_resident()
    first, again = post(PERSON, WANG, token=token), post(PERSON, WANG, token=token)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Content-Type"] == first["Content-Type"]
    assert "Idempotent-Replay" not in first
    assert again["Idempotent-Replay"] == "true"
    assert registrations() == 1


def test_the_answer_given_again_tells_the_version_that_the_next_step_asks_for(law_in_force: None) -> None:
    token = a_resident()
    post(PERSON, WANG, token=token)
    wanted = {"item": "hmt.first_issue", "place": "370102"}
    first, again = (post("/api/resident/applications", wanted, token=token, key="key-00000002") for _ in range(2))
    assert (first.status_code, first["ETag"]) == (201, again["ETag"]), first.content
    assert again["Idempotent-Replay"] == "true"


@database
def test_the_same_key_with_another_body_is_a_conflict() -> None:
    token = a_resident()
    post(PERSON, WANG, token=token)
    refused = post(PERSON, OTHER, token=token)
    assert (refused.status_code, refused.json()["code"]) == (409, "web.idempotency_key_used")
    assert registrations() == 1


@database
def test_the_same_key_on_another_address_is_a_conflict() -> None:
    token = a_resident()
    post(PERSON, WANG, token=token)
    for path in (f"{PERSON}?a=1", "/api/resident/wards"):
        assert post(path, WANG, token=token).json()["code"] == "web.idempotency_key_used"


@database
def test_a_request_that_failed_leaves_its_key_free() -> None:
    token = a_resident()
    assert post(PERSON, {**WANG, "sex": "X"}, token=token).status_code == 422
    assert not IdempotentAnswer.objects.exists()
    assert post(PERSON, WANG, token=token).status_code == 201


@database
def test_a_request_that_failed_halfway_leaves_nothing_behind() -> None:
    token = a_resident()
    wrong = {**WANG, "travel_document": {"kind": "hrp", "number": "H1", "valid_until": None}}
    assert post(PERSON, wrong, token=token).status_code == 422
    assert registrations() == 0


@database
def test_a_defect_leaves_the_key_free(monkeypatch: pytest.MonkeyPatch) -> None:
    token = a_resident()
    with monkeypatch.context() as broken:
        broken.setattr(REGISTER, lambda **_: 1 / 0)
        assert post(PERSON, WANG, token=token).status_code == 500
    assert post(PERSON, WANG, token=token).status_code == 201
    assert registrations() == 1


@database
def test_two_callers_may_choose_the_same_key() -> None:
    li = {**WANG, "name": "李小明", "travel_document": {**WANG["travel_document"], "number": "H87654321"}}  # type: ignore[dict-item]
    assert post(PERSON, WANG, token=a_resident("wang")).status_code == 201
    assert post(PERSON, li, token=a_resident("li")).json()["name"] == "李小明"
    assert registrations() == 2


@database
def test_nobody_is_handed_the_answer_to_anothers_key() -> None:
    post(PERSON, WANG, token=a_resident("wang"))
    stranger = post(PERSON, WANG, token=a_resident("li"))
    assert "Idempotent-Replay" not in stranger
    unknown = post(PERSON, WANG)
    assert (unknown.status_code, "王小明" in unknown.content.decode()) == (401, False)


@database
def test_an_answer_is_not_given_again_to_a_caller_whose_session_ended() -> None:
    token = a_resident()
    post(PERSON, WANG, token=token)
    Session.objects.all().delete()
    assert post(PERSON, WANG, token=token).status_code == 401


@database
@pytest.mark.parametrize(
    "key", [None, "", "short-7", "a" * 65, "has space", "键键键键键键键键", "semi;colon", "a" * 8 + "\n"]
)
def test_a_missing_or_malformed_key_is_told(key: str | None) -> None:
    token = a_resident()
    refused = post(PERSON, WANG, token=token, key=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "web.idempotency_key_needed")
    assert registrations() == 0


@database
@pytest.mark.parametrize("key", ["a" * 8, "a" * 64, "0192:ab_c.d-e"])
def test_keys_of_8_to_64_characters_are_taken(key: str) -> None:
    assert post(PERSON, WANG, token=a_resident(), key=key).status_code == 201


@database
def test_a_kept_answer_lies_behind_an_envelope() -> None:
    post(PERSON, WANG, token=a_resident())
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM web_idempotentanswer")
        body = bytes(cursor.fetchone()[0])
    assert key_of(body) == keyring().sealing.id
    assert body[5:6] != b"{"


class Counter:
    """Stands for the view behind the middleware."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, _request: HttpRequest) -> HttpResponse:
        self.calls += 1
        return HttpResponse(f"answer {self.calls}", status=201)


def send_form(counter: Counter, boundary: str, *, file: bytes = b"content", **fields: str) -> HttpResponse:
    request = RequestFactory().generic(
        "POST",
        "/api/resident/x",
        multipart(boundary, fields or {"kind": "lease"}, file),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Idempotency-Key": "key-00000001"},
    )
    return through(counter, request)


def through(counter: Counter, request: HttpRequest) -> HttpResponse:
    """Send a request of a known caller through the middleware."""
    with mock.patch("yizhengtong.foundation.web.idempotency.caller_of", return_value="resident:wang"):
        return IdempotencyMiddleware(counter)(request)


@database
def test_a_request_of_nobody_is_passed_on_unread_and_leaves_no_row(django_assert_num_queries: Any) -> None:
    counter = Counter()
    request = RequestFactory().post("/api/x", headers={"Idempotency-Key": "key-00000001"})
    request._stream = None  # type: ignore[assignment]  # reading it would break
    with django_assert_num_queries(0):
        IdempotencyMiddleware(counter)(request)
    assert counter.calls == 1


@database
def test_a_form_sent_again_under_another_boundary_is_the_same_form() -> None:
    counter = Counter()
    first, again = send_form(counter, "first"), send_form(counter, "second")
    assert again.content == first.content == b"answer 1"
    assert counter.calls == 1


@database
@pytest.mark.parametrize("other", [{"file": b"Content"}, {"kind": "deed"}, {"kind": "lease", "more": "1"}])
def test_a_form_with_another_file_or_field_is_another_request(other: dict[str, Any]) -> None:
    counter = Counter()
    send_form(counter, "first")
    assert send_form(counter, "second", **other).status_code == 409
    assert counter.calls == 1


@database
def test_a_field_repeated_with_other_values_is_another_request() -> None:
    counter = Counter()

    def send(*kinds: str) -> HttpResponse:
        parts = "".join(f'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\n{kind}\r\n' for kind in kinds)
        request = RequestFactory().generic(
            "POST", "/api/x", f"{parts}--b--\r\n", content_type="multipart/form-data; boundary=b",
            headers={"Idempotency-Key": "key-00000001"},
        )  # fmt: skip
        return through(counter, request)

    send("deed", "lease")
    assert send("will", "lease").status_code == 409


@database
def test_only_posts_to_the_api_are_guarded() -> None:
    counter = Counter()
    factory = RequestFactory()
    for request in (
        factory.get("/api/x"),
        factory.patch("/api/x"),
        factory.delete("/api/x"),
        factory.post("/_allauth/x"),
    ):
        assert IdempotencyMiddleware(counter)(request).status_code == 201
    assert counter.calls == 4
    assert not IdempotentAnswer.objects.exists()


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The first registration stops inside its transaction until the event is set; a second would not."""
    register, entered, go_on = resolve_name(REGISTER), threading.Event(), threading.Event()

    def stopping(**facts: Any) -> Any:
        if not entered.is_set():
            entered.set()
            assert go_on.wait(20)
        return register(**facts)

    monkeypatch.setattr(REGISTER, stopping)
    go_on.entered = entered  # type: ignore[attr-defined]
    yield go_on
    go_on.set()


def is_somebody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("wins", ["commits", "rolls back"])
def test_the_same_request_twice_at_once_has_one_effect_and_both_get_the_answer(
    meeting: threading.Event, wins: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = a_resident()

    def send(payload: Any = WANG) -> Any:
        try:
            return post(PERSON, payload, token=token)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send)
        assert meeting.entered.wait(20)  # type: ignore[attr-defined]
        second = pool.submit(send)
        tries = threading.Event()
        while not is_somebody_waiting() and not second.done():
            tries.wait(0.005)
        assert not second.done(), "the second must wait for the first"
        if wins == "rolls back":
            monkeypatch.setattr(ADD_NUMBER, fail_once())
        meeting.set()
        answers = [first.result(20), second.result(20)]
    statuses = [answer.status_code for answer in answers]
    assert registrations() == 1
    if wins == "commits":
        assert statuses == [201, 201]
        assert answers[0].content == answers[1].content
    else:
        assert statuses == [500, 201], "the key of the one that failed is free for the one that waited"


def fail_once() -> Any:
    add_number, failed = resolve_name(ADD_NUMBER), threading.Event()

    def add(**facts: Any) -> Any:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("broken once")
        return add_number(**facts)

    return add
