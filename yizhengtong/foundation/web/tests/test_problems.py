"""Errors as problem+json: one shape, a stable code, words in the caller's language, and no personal data."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.observability.formatter import JsonLines
from yizhengtong.foundation.texts import LANGUAGES, say
from yizhengtong.foundation.web.problems import STATUSES, ProblemDocument, problem_response
from yizhengtong.foundation.web.tests.callers import PERSON, WANG, a_resident, post
from yizhengtong.kernel import errors

pytestmark = pytest.mark.django_db
NUMBER, NAME, ADDRESS = "H12345674", "王小明", "演示路1号"
REGISTER = "yizhengtong.sites.api.resident.people.register_person"


def problem_of(response: Any, status: int) -> dict[str, Any]:
    """Return the problem document of an answer whose every part must hold together."""
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    ProblemDocument.model_validate(document, strict=True)
    assert document["status"] == status
    assert document["type"] == f"urn:yizhengtong:problem:{document['code']}"
    assert document["request_id"] == response["X-Request-Id"]
    return document


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_problem_has_the_same_code_and_other_words_in_every_language(language: str) -> None:
    document = problem_of(post(PERSON, WANG, **{"Accept-Language": language}), 401)
    assert document["code"] == "web.sign_in_first"
    assert document["detail"] == say("web.sign_in_first", language)
    assert document["title"] == say("web.kind.forbidden", language)


def test_every_kind_of_problem_has_a_status_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.Problem)]
    assert {kind.kind for kind in kinds} == set(STATUSES)
    assert len(set(STATUSES.values())) == len(STATUSES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_wrong_field_is_told_at_once_with_its_path(language: str) -> None:
    wrong = {
        "name": "", "sex": "X", "region": "HK", "nickname": "x",
        "travel_document": {"kind": "passport", "number": NUMBER, "colour": "blue"},
    }  # fmt: skip
    document = problem_of(post(PERSON, wrong, token=a_resident(), **{"Accept-Language": language}), 422)
    found = {error["field"]: error["code"] for error in document["errors"]}
    assert found == {
        "name": "web.field_wrong",
        "birth_date": "web.field_missing",
        "sex": "web.field_wrong",
        "nickname": "web.field_unknown",
        "travel_document.kind": "web.field_wrong",
        "travel_document.colour": "web.field_unknown",
    }
    assert {error["detail"] for error in document["errors"]} == {say(code, language) for code in found.values()}


@pytest.mark.parametrize(
    "extra", ["id", "version", "account", "is_staff", "person_id", "name_bigrams", "phone_verified", "__class__"]
)
def test_nothing_is_set_that_no_field_names(extra: str) -> None:
    document = problem_of(post(PERSON, {**WANG, extra: 1}, token=a_resident()), 422)
    assert [(error["field"], error["code"]) for error in document["errors"]] == [(extra, "web.field_unknown")]
    assert not Entry.objects.filter(action="people.register_person").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"sex": NAME},
        {"region": NUMBER},
        {"birth_date": ADDRESS},
        {"birth_date": "1994-02-30"},
        {"travel_document": {"kind": "hrp", "number": "X" + NUMBER}},
        {"travel_document": {"kind": NAME, "number": NUMBER}},
        {"travel_document": {"kind": "hrp", "number": NUMBER, "nickname": ADDRESS}},
        {"nickname": NUMBER},
    ],
)
def test_a_problem_never_repeats_what_was_sent(change: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answer = post(PERSON, {**WANG, **change}, token=a_resident())
    said = answer.content.decode() + caplog.text
    problem_of(answer, 422)
    for sent in (NUMBER, ADDRESS, "王小明", "1994-08-23"):
        assert sent not in said, sent


@pytest.mark.parametrize("letter", ["\0", "\n", "\u202e", "\x1b"])
def test_a_name_holds_nothing_that_cannot_be_printed(letter: str) -> None:
    problem_of(post(PERSON, {**WANG, "name": f"王{letter}小明"}, token=a_resident()), 422)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"null", b"[]", b'"x"', b"1", b"{}", b'{"name": NaN}', b"[" * 50_000]
)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    answer = post(PERSON, body, token=a_resident())
    assert problem_of(answer, answer.status_code)["code"] in {"web.body_unreadable", "web.fields_wrong"}
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""]
)
def test_a_form_where_json_is_asked_for_is_refused_or_read_as_json(content_type: str) -> None:
    answer = post(PERSON, b"name=x", token=a_resident(), **{"Content-Type": content_type})
    problem_of(answer, answer.status_code)
    assert answer.status_code in {400, 415, 422}


def test_a_body_too_large_is_a_problem() -> None:
    problem_of(post(PERSON, b"x" * (1024 * 1024 + 1), token=a_resident()), 413)


def test_a_body_too_large_is_refused_before_it_has_an_effect() -> None:
    padded = json.dumps({**WANG, "latin_name": "x" * (1024 * 1024)}).encode()
    assert post(PERSON, padded, token=a_resident()).status_code in {400, 413}
    assert not Entry.objects.filter(action="people.register_person").exists()


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff"]
)
def test_a_malformed_form_is_a_problem(content_type: str) -> None:
    answer = post(
        "/api/resident/applications/apl_x/evidence", b"--x", token=a_resident(), **{"Content-Type": content_type}
    )
    problem_of(answer, answer.status_code)


@pytest.mark.parametrize("path", ["/api/resident/nothing", "/api/nothing", "/api/staff/cases//x"])
def test_an_unknown_address_of_the_api_is_a_problem(path: str) -> None:
    problem_of(Client().get(path), 404)


def test_a_method_that_an_address_does_not_have_is_a_problem() -> None:
    problem_of(Client().put(PERSON), 405)


@pytest.fixture
def console() -> Iterator[io.StringIO]:
    """What the log writes as it does in operation."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def broken(**_facts: Any) -> None:
    raise RuntimeError(f"{NAME} with {NUMBER} of {ADDRESS}")


def test_a_defect_is_a_problem_that_says_nothing_about_itself(
    monkeypatch: pytest.MonkeyPatch, console: io.StringIO
) -> None:
    monkeypatch.setattr(REGISTER, broken)
    answer = post(PERSON, WANG, token=a_resident())
    assert problem_of(answer, 500)["code"] == "web.defect"
    assert "RuntimeError" not in answer.content.decode()
    assert NAME not in answer.content.decode()


def test_the_log_of_a_defect_has_its_type_and_place_but_not_its_message(
    monkeypatch: pytest.MonkeyPatch, console: io.StringIO
) -> None:
    monkeypatch.setattr(REGISTER, broken)
    post(PERSON, WANG, token=a_resident())
    log = console.getvalue()
    assert "web.defect" in log
    assert "in broken" in log, "the place"
    for sent in (NAME, NUMBER, ADDRESS):
        assert sent not in log


def test_a_line_of_json_tells_the_kind_and_the_place_of_a_defect(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(REGISTER, broken)
    post(PERSON, WANG, token=a_resident())
    record = next(each for each in caplog.records if each.getMessage() == "web.defect")
    line = json.loads(JsonLines().format(record))
    assert line["error"] == ["RuntimeError"]
    assert line["trace"][-1].endswith(" broken")
    assert NAME not in str(line)


def test_a_defect_behind_another_defect_is_not_quoted_either(
    monkeypatch: pytest.MonkeyPatch, console: io.StringIO
) -> None:
    def chained(**_facts: Any) -> None:
        try:
            broken()
        except RuntimeError as error:
            raise ValueError(f"because of {NUMBER}") from error

    monkeypatch.setattr(REGISTER, chained)
    post(PERSON, WANG, token=a_resident())
    assert NUMBER not in console.getvalue()


@pytest.mark.parametrize("given", ["A" * 32, "0" * 32, "01a1fc92-4f4f-7feb-9a8a-b5beba972327"])
def test_a_well_formed_request_id_comes_back_and_stands_in_the_trail(given: str) -> None:
    answer = post(PERSON, WANG, token=a_resident(), **{"X-Request-Id": given})
    assert answer["X-Request-Id"] == given
    assert Entry.objects.get(action="people.register_person").request_id == given


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short-7",
        "H01234567",
        "370102199001011234",
        "A" * 37,
        "has space1",
        "semi;colon",
        "<script>",
        "王小明王小明王小明",
        "0192abcd\n",
    ],
)
def test_a_malformed_request_id_is_replaced(given: str) -> None:
    answer = post(PERSON, WANG, token=a_resident(), **{"X-Request-Id": given})
    assert answer["X-Request-Id"] != given
    assert len(answer["X-Request-Id"]) == 36
    assert Entry.objects.get(action="people.register_person").request_id == answer["X-Request-Id"]


def test_two_requests_have_two_ids() -> None:
    assert Client().get("/")["X-Request-Id"] != Client().get("/")["X-Request-Id"]


def test_a_problem_raised_outside_any_api_has_the_same_shape() -> None:
    request = Client().get("/").wsgi_request
    assert resolve("/").url_name == "front-page"
    response = problem_response(request, errors.Conflict("web.idempotency_key_used"))
    ProblemDocument.model_validate_json(response.content)
    assert response.status_code == 409
