"""Whoever checks: a code opens once, says no more than a word when it does not, and cannot be found by trying."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.city import POINTS, City, a_city
from tests.support.law import LIXIA, SHIZHONG
from tests.support.people import a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.showing.codes import LASTS
from yizhengtong.credentials.showing.models import Showing
from yizhengtong.credentials.showing.services import begin_showing, draw_code
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
UNKNOWN = "0000-0000-0000"


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def permit(town: City) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED)[0])


@pytest.fixture
def showing(permit: Permit) -> Showing:
    by = Principal(PrincipalKind.RESIDENT, uuid4())
    return begin_showing(permit=permit, purpose="identity", at=timezone.now(), by=by)


@pytest.fixture
def code(showing: Showing) -> str:
    return draw_code(showing=showing, at=timezone.now())


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City) -> Iterator[None]:
    with requests_as_web():
        yield


def an_officer(town: City, county: str, *, has_second_factor: bool = True) -> tuple[Client, UUID]:
    """Return the browser of a clerk at the service point of a county, and the account."""
    member = appoint_officer(
        username=f"checker-{county}", password="Aa1-2345-xyz!", name="李受理", office=town.offices[POINTS[county]],
        roles=[Role.CLERK], by=SYSTEM,
    )  # fmt: skip
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = session(member.account, has_second_factor=has_second_factor)
    return browser, member.account_id


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def read(code: str, reader: Client | None = None, **named: Any) -> Any:
    return (reader or Client()).post("/check/code", {"code": code}, **named)


def test_a_server_whose_clock_is_an_hour_behind_opens_no_code_of_an_hour_ago(
    permit: Permit, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = timezone.now() - timedelta(hours=1)
    showing = begin_showing(permit=permit, purpose="age", at=before, by=Principal(PrincipalKind.RESIDENT, uuid4()))
    code = draw_code(showing=showing, at=before)
    monkeypatch.setattr(timezone, "now", lambda: before)
    words(read(code), 404)
    assert not Entry.objects.filter(action="showing.read").exists()


def test_the_address_of_a_code_opens_nothing_by_itself(permit: Permit, code: str) -> None:
    for _ in range(3):
        html = words(Client().get(f"/check/code/{code}"))
        assert f'value="{code}"' in html
        assert permit.number not in html
    assert not Entry.objects.filter(action="showing.read").exists()
    assert permit.number in words(read(code))


def test_the_page_before_says_the_same_of_codes_that_are_and_are_not(code: str) -> None:
    """Else it would say for nothing which codes live."""
    told = [words(Client().get(f"/check/code/{each}")).replace(each, "") for each in (code, UNKNOWN)]
    assert told[0].split("</form>")[-1] == told[1].split("</form>")[-1]


def test_a_second_press_says_that_it_was_used_and_nothing_else(permit: Permit, code: str) -> None:
    words(read(code))
    again = words(read(code), 404)
    assert "这个二维码已经用过" in again
    for hidden in (permit.number, permit.person.name, permit.authority, "data:image", "在窗口证明身份"):
        assert hidden not in again


def test_a_picture_taken_a_minute_ago_says_that_it_is_too_old(permit: Permit, showing: Showing) -> None:
    old = draw_code(showing=showing, at=timezone.now() - timedelta(seconds=60))
    html = words(read(old), 404)
    assert "这个二维码已经过时" in html
    assert permit.number not in html


def test_a_code_of_a_showing_that_ended_by_itself_is_too_old(permit: Permit) -> None:
    long_ago = timezone.now() - LASTS - timedelta(seconds=1)
    by = Principal(PrincipalKind.RESIDENT, uuid4())
    showing = begin_showing(permit=permit, purpose="age", at=long_ago, by=by)
    assert "这个二维码已经过时" in words(read(draw_code(showing=showing, at=long_ago)), 404)


def test_an_unknown_code_is_unknown_and_half_a_code_is_asked_for_again(town: City) -> None:
    assert "没有这个二维码" in words(read(UNKNOWN), 404)
    for half in ("", "7k2m", "i" * 12, "字" * 12, "0" * 41):
        assert "请" in words(read(half), 422)


@pytest.mark.parametrize("odd", ["x", "%2e%2e", "a" * 300, "'--", "%F0%A0%AE%B7", "<script>"])
def test_an_odd_address_is_no_defect(town: City, odd: str) -> None:
    assert "<script>" not in words(Client().get(f"/check/code/{odd}")).partition("<main")[2].partition("</main")[0]


def test_codes_cannot_be_found_by_trying(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "code_checks": (2, 3600)})
    statuses = [read(UNKNOWN).status_code for _ in range(3)]
    assert statuses == [404, 404, 429]
    assert read(UNKNOWN, REMOTE_ADDR="203.0.113.9").status_code == 404


def test_a_good_code_is_not_used_up_by_who_has_tried_too_often(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "code_checks": (1, 3600)})
    read(UNKNOWN)
    assert read(code).status_code == 429
    assert read(code, REMOTE_ADDR="203.0.113.9").status_code == 200


def test_an_officer_reads_as_an_officer_and_finds_the_forms_of_permits_of_the_area(
    town: City, showing: Showing, permit: Permit
) -> None:
    link = f'href="/desk/permits/{public_id("pmt", permit.pk)}"'
    here, there = an_officer(town, LIXIA), an_officer(town, SHIZHONG)
    told = [words(read(draw_code(showing=showing, at=timezone.now()), browser)) for browser, _ in (here, there)]
    assert [link in each for each in told] == [True, False]
    readers = Entry.objects.filter(action="showing.read").order_by("at").values_list("actor_kind", "actor_id")
    assert list(readers) == [("staff", here[1]), ("staff", there[1])]


def test_an_officer_without_a_second_factor_reads_as_anybody(town: City, code: str) -> None:
    browser, _ = an_officer(town, LIXIA, has_second_factor=False)
    assert "/desk/" not in words(read(code, browser)).partition("<main")[2]
    assert Entry.objects.get(action="showing.read").actor_kind == "checker"


def test_a_resident_who_is_signed_in_reads_as_anybody(code: str, permit: Permit) -> None:
    person = a_resident(name="李四").person
    person.account = Account.objects.create(username="resident-li")
    person.save()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session(person.account)
    assert "/desk/" not in words(read(code, client))
    assert Entry.objects.get(action="showing.read").actor_kind == "checker"


def test_the_first_page_leads_to_every_way_of_checking(town: City) -> None:
    assert 'href="/check"' in words(Client().get("/"))
    html = words(Client().get("/check"))
    assert all(f'href="{address}"' in html for address in ("/check/code", "/check/paper", "/check-paper"))


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_every_page_has_all_its_words_in_every_language(code: str, language: str) -> None:
    raw = re.compile(r">[^<]*\b(?:checker|showing|pages)\.[a-z_]+\b|\{[a-z_]+\}")
    answers = [
        Client().get(each, {"lang": language})
        for each in ("/check", "/check/code", "/check/paper", "/check/paper/online")
    ]
    reader = Client()
    reader.cookies["yzt_language"] = language
    for answer in [*answers, read(code, reader), read(code, reader), read(UNKNOWN, reader)]:
        html = answer.content.decode()
        assert f'<html lang="{language}"' in html
        assert not raw.search(html), raw.findall(html)
