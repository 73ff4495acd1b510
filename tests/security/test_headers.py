"""What every kind of answer tells a browser: API, sign-in, page, file, error, at every address there is."""

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from yizhengtong.foundation.web.headers import ALWAYS, HSTS, NOTHING, WORKER, HeadersMiddleware, PagePolicyMiddleware

pytestmark = pytest.mark.django_db
UNKNOWN_ID = "0" * 26
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")


def every_address(patterns: list[Any] | None = None, before: str = "/") -> Iterator[str]:
    """Yield every address that Django resolves, with something in the place of its parameters."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        here = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"<[^>]+>", UNKNOWN_ID, here)


PUBLISHED = ("/.well-known/", "/keys/", "/status-lists", "/openid/.well-known/", "/openid/jwks")
"""What is the same for everybody, and may be kept by caches for as long as it says."""
USES_CAMERA, WORKER_AT = "/check/paper", "/check/worker.js"
"""The page that reads codes by the camera of who checks, and the script that answers for it without a network."""
ADDRESSES = sorted({*every_address(), "/static/pages/page.css", "/static/none.css", "/none", "/api/none", "/api/"})


@pytest.fixture(autouse=True)
def _counting(db: None) -> None:
    call_command("createcachetable", verbosity=0)


@pytest.mark.parametrize("method", METHODS)
def test_every_answer_at_every_address_has_the_headers(method: str) -> None:
    client = Client(raise_request_exception=False)
    missing = []
    for address in ADDRESSES:
        answer = client.generic(method, address, b"")
        assert answer.status_code < 500 or answer.status_code == 503, address  # 503: not ready
        camera = "camera=(self)" if address == USES_CAMERA else "camera=()"
        wrong = [name for name, value in ALWAYS.items() if answer.get(name) != value.replace("camera=()", camera)]
        content, is_page = answer.get("Content-Security-Policy", ""), "text/html" in answer.get("Content-Type", "")
        at_most = WORKER if address == WORKER_AT else NOTHING
        if content not in {NOTHING, at_most} and not (
            is_page and "default-src 'none'" in content and "unsafe" not in content
        ):
            wrong.append("Content-Security-Policy")
        kept = "public" if address.startswith(PUBLISHED) and answer.status_code == 200 else "no-store"
        if not address.startswith("/static/") and kept not in answer.get("Cache-Control", ""):
            wrong.append("Cache-Control")
        missing += [(address, wrong)] if wrong or "X-Powered-By" in answer else []
    assert not missing


def test_there_are_addresses_of_every_kind() -> None:
    starts = ("/api/resident/", "/api/staff/", "/api/partner/", "/_allauth/app/", "/health", "/static/")
    assert all(any(address.startswith(start) for address in ADDRESSES) for start in starts)


def test_a_host_that_is_not_ours_is_refused_with_the_headers() -> None:
    answer = Client().get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == NOTHING


def policy_of(page: str) -> dict[str, list[str]]:
    parts = [part.split() for part in Client().get(page)["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


def test_a_page_may_load_what_is_ours_and_no_inline_script() -> None:
    policy = policy_of("/")
    assert policy["default-src"] == ["'none'"]
    assert policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert all(set(values) <= {"'self'", "'none'"} for values in policy.values())


def test_a_page_that_asks_for_a_nonce_gets_a_fresh_one_in_its_policy() -> None:

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f'<script nonce="{request.csp_nonce}">1</script>')  # type: ignore[attr-defined]

    def answer() -> tuple[str, str]:
        response = HeadersMiddleware(cast(Any, PagePolicyMiddleware(page)))(RequestFactory().get("/"))
        found = re.search(rb'nonce="([^"]+)"', response.content)
        assert found is not None
        return found[1].decode(), response["Content-Security-Policy"]

    (first, policy), (second, _) = answer(), answer()
    assert f"script-src 'self' 'nonce-{first}'" in policy
    assert "unsafe" not in policy
    assert first != second
    assert len(first) >= 22  # 128 bits in base64


@pytest.mark.parametrize("production", [True, False])
def test_browsers_are_told_to_stay_with_https_in_production_only(settings: Any, production: bool) -> None:
    settings.YZT_PRODUCTION = production
    for address in ("/", "/none", "/api/resident/person", "/static/pages/page.css"):
        assert Client().get(address).get("Strict-Transport-Security") == (HSTS if production else None)


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for each in resolver.url_patterns:
        if isinstance(each, URLResolver):
            yield from _patterns(each)
        else:
            yield each


def test_a_defect_too_has_the_headers_and_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError("H12345674")

    pattern = next(each for each in _patterns(get_resolver()) if each.name == "front-page")
    monkeypatch.setattr(pattern, "callback", broken)
    answer = Client(raise_request_exception=False).get("/")
    assert answer.status_code == 500
    assert answer["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert b"H12345674" not in answer.content
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize("flow", ["account/email", "account/phone", "auth/password/request", "tokens/refresh"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_flows_of_the_sign_in_that_nothing_serves_are_closed(flow: str, method: str) -> None:
    answer = Client().generic(method, f"/_allauth/app/v1/{flow}", b"{}", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
