"""Failures told as pages: in words, with a way on, nothing of the inside, and without asking the database."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yizhengtong.foundation.texts import PAGE_LANGUAGES, say


def client() -> Client:
    browser = Client(raise_request_exception=False)
    browser.cookies["sessionid"] = "of-somebody"  # pages ask the database who that is; these must not
    return browser


@pytest.mark.parametrize("language", PAGE_LANGUAGES)
@pytest.mark.parametrize(("path", "status", "kind"), [("/broken", 500, "defect"), ("/nowhere", 404, "not_found")])
def test_a_failure_is_a_page_in_the_readers_language_without_asking_the_database(
    language: str, path: str, status: int, kind: str
) -> None:
    answer = client().get(f"{path}?lang={language}&size=large")
    shown = answer.content.decode()
    assert answer.status_code == status
    assert f'<html lang="{language}" data-size="large">' in shown
    assert f"<h1>{say(f'pages.failed_{kind}', language)}</h1>" in shown
    assert say(f"pages.failed_{kind}_next", language) in shown
    assert 'href="/"' in shown
    assert answer["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "style-src" in answer["Content-Security-Policy"]
    assert "H12345674" not in shown
    assert "Traceback" not in shown


def test_a_defect_tells_the_number_by_which_it_is_found() -> None:
    answer = client().get("/broken")
    assert answer["X-Request-Id"] in answer.content.decode()


def test_an_officers_way_on_leads_to_the_desk() -> None:
    assert 'class="button second" href="/desk/"' in client().get("/desk/broken").content.decode()


def test_an_api_has_no_pages() -> None:
    answer = client().get("/api/broken")
    assert answer.status_code == 500
    assert "html" not in answer["Content-Type"]


def test_a_file_that_is_too_large_is_refused_in_a_page() -> None:
    big = SimpleUploadedFile("paper", b"x" * (13 * 1024 * 1024))
    answer = client().post("/form", {"file": big})
    assert answer.status_code == 413
    assert say("web.body_too_large", "zh-Hans") in answer.content.decode()


@pytest.mark.django_db
def test_a_file_of_ten_megabytes_comes_through_to_a_page() -> None:
    file = SimpleUploadedFile("paper", b"x" * (10 * 1024 * 1024))
    assert Client().post("/form", {"username": "a", "file": file}).status_code == 302


def test_a_form_without_files_is_smaller() -> None:
    body = b"username=" + b"a" * (2 * 1024 * 1024)
    answer = client().generic("POST", "/form", body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413


def test_another_hosts_request_is_refused() -> None:
    assert client().get("/anybody", headers={"Host": "evil.example"}).status_code == 400
