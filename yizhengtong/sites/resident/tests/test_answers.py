"""What stands around the answers of pages: who may keep, frame or load what, and where nobody is sent to."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from yizhengtong.foundation.accounts.models import Account

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery 7"
OPEN = ("/", "/guide", "/when", "/sign-in", "/sign-in/phone", "/desk/sign-in", "/check-paper", "/nothing-here")
OWN = ("/home", "/security", "/me/register", "/messages", "/cases")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


@pytest.fixture
def resident() -> Client:
    Account.objects.create_user("ming", PASSWORD)
    client = Client(headers={"Accept-Language": "zh-CN"})
    assert client.post("/sign-in", {"username": "ming", "password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize("address", OPEN + OWN)
def test_no_page_is_kept_framed_or_given_to_others_and_none_loads_from_elsewhere(
    law_in_force: None, resident: Client, address: str
) -> None:
    headers = resident.get(address).headers
    assert "no-store" in headers["Cache-Control"]
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Referrer-Policy"] == "same-origin"
    if headers["Content-Type"].startswith("text/html"):
        said = dict(each.strip().split(" ", 1) for each in headers["Content-Security-Policy"].split(";"))
        assert said == POLICY


def test_words_that_scripts_send_along_change_nothing_of_what_a_page_answers(
    law_in_force: None, resident: Client
) -> None:
    sent = {
        "HX-Request": "true", "HX-Target": "viewer", "HX-Boosted": "true", "HX-Current-URL": "https://evil.example",
        "HX-Prompt": "<script>", "HX-History-Restore-Request": "true", "X-Requested-With": "XMLHttpRequest",
    }  # fmt: skip
    for address in ("/", "/guide", "/home", "/security"):
        plain, half = resident.get(address), resident.get(address, headers=sent)
        assert (half.status_code, half.get("Location")) == (plain.status_code, plain.get("Location")), address
        assert _without_tokens(half) == _without_tokens(plain), address
        assert not [name for name in half.headers if name.lower().startswith("hx-")], address


def _without_tokens(answer: Any) -> list[str]:
    return [line for line in answer.content.decode().splitlines() if "csrfmiddlewaretoken" not in line]


def test_after_signing_out_the_button_back_finds_nothing(law_in_force: None, resident: Client) -> None:
    token = resident.cookies["sessionid"].value
    assert resident.get("/sign-out").status_code == 302
    assert resident.get("/security").status_code == 200  # a link of somebody else's signs nobody out
    resident.post("/sign-out")
    assert resident.get("/security").status_code == 302
    stolen = Client()
    stolen.cookies["sessionid"] = token
    assert stolen.get("/security")["Location"] == "/sign-in?next=%2Fsecurity"


ELSEWHERE = (
    "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\/evil.example",
    "/\t/evil.example",
    "javascript:alert(1)", "http:evil.example", " //evil.example", "/%0d%0aSet-Cookie:a=b", "https:/\\evil.example",
    "//testserver@evil.example", "/\n//evil.example",
)  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_sent_elsewhere_after_signing_in_or_choosing_whom_to_act_for(law_in_force: None, wanted: str) -> None:
    Account.objects.create_user("ming", PASSWORD)
    client = Client()
    answer = client.post("/sign-in", {"username": "ming", "password": PASSWORD}, query_params={"next": wanted})
    assert answer["Location"] in {"/home", "/%0d%0aSet-Cookie:a=b"}
    answer = client.post("/family/act-for", {"person": ""}, query_params={"next": wanted})
    assert answer["Location"] in {"/home", "/%0d%0aSet-Cookie:a=b"}
    assert "a" not in client.cookies


def test_in_production_cookies_are_of_this_host_name_alone_and_of_tls_alone(tmp_path: Path) -> None:
    asked = (
        "from yizhengtong.project import settings as s;"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE,"
        " s.SESSION_COOKIE_HTTPONLY)"
    )
    environment = {"YZT_PRODUCTION": "true", "YZT_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    told = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout.split() == ["__Host-sessionid", "__Host-csrftoken", "True", "True", "True"]
