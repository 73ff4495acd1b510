"""The page that checks codes on paper: the same for everybody, told the published keys; and the check by the server."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.keys.models import IssuerKey
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.showing.code_fields import (
    ALGORITHM,
    DAYS,
    ES256_IN_COSE,
    EXPIRES,
    ISSUED,
    KEY_ID,
    KEY_ID_BYTES,
    LABELS,
    MOST_BYTES,
    OURS,
    PURPOSE,
    STATUS,
)
from yizhengtong.credentials.showing.models import PaperCode
from yizhengtong.credentials.showing.paper import code_for, code_for_paper
from yizhengtong.credentials.status.models import PATH, PREFIX
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.sharing import handed

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def permit(town: City) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED)[0])


@pytest.fixture
def code(permit: Permit) -> str:
    return code_for(permit, "identity", legal_day(timezone.now()))


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City) -> Iterator[None]:
    with requests_as_web():
        yield


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def check(text: str) -> str:
    return words(Client().post("/check/paper/online", {"code": text}))


def test_the_page_is_the_same_for_everybody_and_has_nothing_inline(town: City) -> None:
    answer = Client().get("/check/paper")
    html = words(answer)
    assert html == words(Client().get("/check/paper", headers={"Referer": "https://elsewhere.example/#x"}))
    assert "csrf" not in html
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert not answer.cookies
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert all(f'data-code="showing.claim_{name}"' in html for name in LABELS)


def script(name: str) -> str:
    found = finders.find(f"checker/{name}")
    assert isinstance(found, str)
    return Path(found).read_text("utf-8")


def test_every_outcome_the_scripts_know_has_its_words_and_its_look() -> None:
    html, scripts = words(Client().get("/check/paper")), script("page.js") + script("reading.js")
    shown = set(re.findall(r'data-outcome="([a-z_]+)"', html))
    thrown = set(re.findall(r'(?:Refused|show)\("([a-z_]+)"', scripts))
    assert thrown | {"good", "ended", "suspended", "unknown_state", "early", "over", "paper"} == shown


def test_the_browser_knows_the_same_labels_days_and_algorithm() -> None:
    """Two readers of one format: what one of them learns the other must learn."""
    reading = script("reading.js")
    labels = {name: int(label) for label, name in re.findall(r'\[(\d+), "([a-z_0-9]+)"\]', reading)}
    days = re.search(r"DAYS = new Set\(\[(.*?)\]\)", reading)
    assert labels == dict(LABELS)
    assert days
    assert set(re.findall(r'"([a-z_]+)"', days[1])) == set(DAYS)
    constants = dict(re.findall(r"\b([A-Z][A-Z0-9_]*) = (-?\d+)", reading))
    named = {"ALGORITHM": ALGORITHM, "KEY_ID": KEY_ID, "EXPIRES": EXPIRES, "ISSUED": ISSUED, "OURS": OURS,
             "PURPOSE": PURPOSE, "STATUS": STATUS, "ES256": ES256_IN_COSE, "KEY_ID_BYTES": KEY_ID_BYTES,
             "MOST_LETTERS": MOST_BYTES}  # fmt: skip
    assert {name: int(constants[name]) for name in named} == named
    assert f"/{PATH}/{PREFIX}_" in reading


def test_the_published_keys_are_those_of_codes_and_lists_and_hold_no_private_part(code: str) -> None:
    answer = Client().get("/check/paper/known").json()
    assert [key["kid"] for key in answer["keys"]] == [signer(Use.CODE).key_id]
    assert [key["kid"] for key in answer["status_keys"]] == [signer(Use.STATUS).key_id]
    assert not any("d" in key for key in (*answer["keys"], *answer["status_keys"]))
    listed = PaperCode.objects.get().list_uri
    assert answer["lists"] == [listed.removeprefix(settings.YZT_ADDRESS)]


def test_the_worker_may_ask_this_site_alone(town: City) -> None:
    answer = Client().get("/check/worker.js")
    assert answer["Content-Type"] == "text/javascript"
    assert answer["Content-Security-Policy"] == "default-src 'none'; connect-src 'self'"


def test_the_server_checks_what_a_browser_cannot(permit: Permit, code: str) -> None:
    for text in (code, code.partition("#")[2], f"  {code}\n"):
        html = check(text)
        assert "二维码真实，居住证有效" in html
        assert permit.number in html
    assert not Entry.objects.filter(action="showing.read").exists()  # nothing of ours was opened


def test_the_server_says_forged_unknown_and_unreadable(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    head, _, signed = code.partition("#")
    middle = len(signed) // 2
    other = "A" if signed[middle] != "A" else "B"
    assert "二维码不真实" in check(f"{head}#{signed[:middle]}{other}{signed[middle + 1 :]}")
    assert "读不懂这个二维码" in check("x" * 90)
    monkeypatch.setattr(handed, "checkers", lambda _use: {})
    assert "不认识签名的密钥" in check(code)


@pytest.mark.parametrize(("value", "told"), [(0, "居住证有效"), (1, "居住证已经作废"), (2, "居住证使用功能已中止")])
def test_the_server_says_what_the_list_says(code: str, monkeypatch: pytest.MonkeyPatch, value: int, told: str) -> None:
    monkeypatch.setattr(handed, "value_of", lambda _uri, _index: value)
    assert told in check(code)


def test_a_code_is_over_after_its_last_day_and_early_before_its_first(permit: Permit) -> None:
    on = legal_day(timezone.now())
    Permit.objects.filter(pk=permit.pk).update(valid_from=on - timedelta(days=400))
    permit.refresh_from_db()
    days = {on - timedelta(days=30): "二维码已过期", on - timedelta(days=29): "居住证有效", on: "居住证有效"}
    for day, told in days.items():
        assert told in check(code_for(permit, "identity", day)), day
    assert "二维码的日期在今天之后" in check(code_for(permit, "identity", on + timedelta(days=1)))


def test_the_code_of_a_paper_says_what_the_paper_is(town: City) -> None:
    text = code_for_paper(
        kind="受理回执", reference="0123-4567-89ab-cdef", dated=legal_day(timezone.now()), office="济南市公安局"
    )
    html = check(text)
    for told in ("文书真实", "受理回执", "0123-4567-89ab-cdef", "济南市公安局"):
        assert told in html


def test_a_code_signed_by_a_key_that_was_lost_is_printed_anew(permit: Permit, code: str) -> None:
    on = legal_day(timezone.now())
    PaperCode.objects.update(key_id="a key that is not believed any more")
    assert code_for(permit, "identity", on) != code
    assert IssuerKey.objects.filter(key_id=PaperCode.objects.get().key_id).exists()


def test_checking_is_bounded(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "code_checks": (2, 3600)})
    statuses = [Client().post("/check/paper/online", {"code": code}).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert Client().get("/check/paper").status_code == 200
