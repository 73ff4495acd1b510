"""Whoever was given a share code: what the pages show, what stands in no address, and what trying yields."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.showing.paper import code_for
from yizhengtong.credentials.showing.services import begin_showing, draw_code
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.checker.share import COOKIE
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.sharing.bounds import WRONG_BIRTH_DATES
from yizhengtong.verification.sharing.models import Miss, ShareCode, Use
from yizhengtong.verification.sharing.services import make_share_code

pytestmark = pytest.mark.django_db
BORN, NOBODYS = date(1994, 8, 23), "00000-00000"
HERE, RESULT = "/check/share", "/check/share/result"
_RAW = re.compile(r">[^<]*\b(?:checker|sharing|relying_parties|showing|pages)\.[a-z_]+\b|\{[a-z_]+\}")


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def wang(town: City) -> Resident:
    who = a_resident(name="葉小明")
    who.person.account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
    who.person.save()
    return Resident(who.person, a_principal(who.person.account.pk), who.number)


@pytest.fixture
def permit(town: City, wang: Resident) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED, resident=wang)[0])


@pytest.fixture
def code(permit: Permit, wang: Resident) -> str:
    return make_share_code(
        permit=permit, purpose="rent", days=7, uses=2, at=timezone.now(), by=wang.principal
    )[1]  # fmt: skip


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City) -> Iterator[None]:
    with requests_as_web():
        yield


def send(code: str, birth_date: object = BORN, need: str = "", reader: Client | None = None, **named: Any) -> Any:
    sent = {"code": code, "birth_date": str(birth_date), "need": need}
    return (reader or Client()).post(HERE, sent, **named)


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def opened(code: str) -> tuple[Client, str]:
    """Return a browser that was told something, and the page."""
    reader = Client()
    answer = send(code, reader=reader)
    assert (answer.status_code, answer["Location"]) == (302, RESULT)
    return reader, words(reader.get(RESULT))


def test_code_and_birth_date_show_what_the_holder_saw_and_no_more(code: str, permit: Permit) -> None:
    _, html = opened(code)
    assert "葉小明" in html
    assert permit.number[-4:] in html
    for hidden in (permit.number, "1994", permit.authority, code):
        assert hidden not in html


def test_no_address_and_no_cookie_holds_code_or_person(code: str) -> None:
    reader = Client()
    answer = send(code, reader=reader)
    cookie = answer.cookies[COOKIE]
    assert "?" not in answer["Location"]
    assert code not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", HERE)


def test_a_page_that_is_loaded_again_uses_no_second_use_up(code: str) -> None:
    reader, _ = opened(code)
    for _ in range(3):
        assert "葉小明" in words(reader.get(RESULT))
    assert (ShareCode.objects.get().uses, Check.objects.count()) == (1, 1)


def test_another_browser_sees_nothing_of_it(code: str) -> None:
    opened(code)
    stranger = Client()
    assert stranger.get(RESULT)["Location"] == HERE
    stranger.cookies[COOKIE] = "guessed"
    assert stranger.get(RESULT)["Location"] == HERE


def test_when_done_nothing_is_left_in_the_browser_or_with_us(code: str) -> None:
    reader, _ = opened(code)
    secret = reader.cookies[COOKIE].value
    assert reader.post(RESULT)["Location"] == HERE
    reader.cookies[COOKIE] = secret
    assert reader.get(RESULT)["Location"] == HERE
    assert Use.objects.get().shown is None


def test_no_answer_may_be_kept_by_anything_between(code: str) -> None:
    reader = Client()
    for answer in (reader.get(HERE), send(code, reader=reader), reader.get(RESULT), send(NOBODYS)):
        assert answer["Cache-Control"] == "no-store"
    policy = reader.get(RESULT)["Content-Security-Policy"]
    assert "data:" in policy
    assert "unsafe" not in policy


def test_the_record_names_its_time_and_a_reference_that_the_holder_finds(code: str) -> None:
    _, html = opened(code)
    found = re.search(r"chk_[0-9a-z]{26}", html)
    assert found
    assert "data-prints" in html


def said(answer: Any) -> str:
    """Return an answer without what was typed and what is drawn anew for every page."""
    html = words(answer, 404)
    return re.sub(r'value="[^"]*"|nonce="[^"]*"', "", html)


def test_every_reason_for_which_nothing_opens_looks_alike(code: str, permit: Permit, wang: Resident) -> None:
    spent = make_share_code(permit=permit, purpose="work", days=1, uses=1, at=timezone.now(), by=wang.principal)[1]
    send(spent)
    ended, ends = make_share_code(permit=permit, purpose="work", days=1, uses=1, at=timezone.now(), by=wang.principal)
    ShareCode.objects.filter(pk=ended.pk).update(ended_at=timezone.now(), end_reason="holder")
    answers = {said(send(each)) for each in (NOBODYS, spent, ends)} | {said(send(code, date(1994, 8, 24)))}
    assert len(answers) == 1


def test_five_wrong_birth_dates_end_it_from_whatever_addresses(code: str) -> None:
    for number in range(WRONG_BIRTH_DATES):
        words(send(code, date(1980, 1, 1 + number), REMOTE_ADDR=f"203.0.113.{number + 1}"), 404)
    words(send(code, REMOTE_ADDR="203.0.113.99"), 404)
    assert ShareCode.objects.get().end_reason == "wrong_birth_dates"


def test_wrong_tries_stay_counted_although_nothing_was_answered(code: str) -> None:
    send(code, date(1980, 1, 1))
    send(NOBODYS)
    assert Miss.objects.count() == 2


def test_an_address_may_try_so_often(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "share_checks": (2, 3600)})
    assert [send(f"00000-0000{number}").status_code for number in range(3)] == [404, 404, 429]
    assert send(code).status_code == 429
    assert send(code, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_a_code_for_something_else_says_what_to_ask_for(code: str) -> None:
    html = words(send(code, need="work"))
    assert "求职用工" in html
    assert "葉小明" not in html
    assert ShareCode.objects.get().uses == 0
    assert code not in html.partition("<form")[0]


def test_a_purpose_nobody_knows_and_half_a_code_are_asked_for_again(code: str) -> None:
    for sent in ({"code": "7K2"}, {"birth_date": "gestern"}, {"need": "everything"}, {"birth_date": ""}):
        whole = {"code": code, "birth_date": str(BORN), "need": "", **sent}
        words(Client().post(HERE, whole), 422)
    assert ShareCode.objects.get().uses == 0


def test_a_permit_that_is_not_good_says_only_that(code: str, permit: Permit) -> None:
    Permit.objects.filter(pk=permit.pk).update(last_valid_day=legal_day(timezone.now()) - timedelta(days=1))
    _, html = opened(code)
    for hidden in ("葉小明", permit.number[-4:] + "<", "data:image"):
        assert hidden not in html


def test_the_first_page_of_checks_leads_here(town: City) -> None:
    assert f'href="{HERE}"' in words(Client().get("/check"))


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_every_page_has_all_its_words_in_every_language(code: str, language: str) -> None:
    reader = Client()
    reader.cookies["yzt_language"] = language
    pages = [words(reader.get(HERE)), words(send(NOBODYS, reader=reader), 404)]
    pages.append(words(send(code, need="work", reader=reader)))
    send(code, reader=reader)
    for html in [*pages, words(reader.get(RESULT))]:
        assert f'<html lang="{language}"' in html
        assert not _RAW.search(html), _RAW.findall(html)
        assert html.count("<h1>") == 1


def test_a_code_on_a_phone_read_by_the_page_stands_in_the_holders_history(permit: Permit, wang: Resident) -> None:
    showing = begin_showing(permit=permit, purpose="age", at=timezone.now(), by=wang.principal)
    words(Client().post("/check/code", {"code": draw_code(showing=showing, at=timezone.now())}))
    words(Client().post("/check/code", {"code": "0000-0000-0000"}), 404)
    check = Check.objects.get()
    assert (check.way, check.purpose, check.outcome, check.person_id, check.relying_party_id) == (
        "phone_code", "age", "told", permit.person_id, None,
    )  # fmt: skip
    assert "over_18" in (check.claims or [])


def test_a_code_on_paper_checked_online_stands_in_the_holders_history(permit: Permit) -> None:
    printed = code_for(permit, "age", legal_day(timezone.now()))
    words(Client().post("/check/paper/online", {"code": printed}))
    words(Client().post("/check/paper/online", {"code": printed[:-8] + "AAAAAAAA"}))
    check = Check.objects.get()
    assert (check.way, check.outcome, check.person_id, check.permit_id) == (
        "paper_code", "told", permit.person_id, permit.pk,
    )  # fmt: skip
