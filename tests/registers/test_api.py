"""Having registers asked through the resident's API, under the web's own database role."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client
from django.utils import timezone

from tests.support.law import lay_down_law
from tests.support.mainland import Mainlander, a_mainlander
from tests.support.registers import ALIVE, answering_source, put, registers_in
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.exchange.registers.contract import Kind, SocialInsurance
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.foundation.web.tests.callers import session_of
from yizhengtong.kernel.dates import legal_day
from yizhengtong.permitting.applications.models import Confirmation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
ROOT, QINGYUAN = "/api/resident/applications", "331126"


@pytest.fixture(autouse=True)
def _here(settings: Any, tmp_path: Path) -> Iterator[None]:
    lay_down_law()
    registers_in(settings, tmp_path / "registers")
    with requests_as_web(), answering_source():
        yield


@pytest.fixture
def yao(db: None) -> Mainlander:
    return a_mainlander(account=Account.objects.create_user("yao"))


def today() -> date:
    return legal_day(timezone.now())


def send(who: Mainlander, method: str, path: str = "", payload: Any = None, **headers: str) -> Any:
    account = who.person.account
    assert account is not None
    given = {"X-Session-Token": session_of(account), "Idempotency-Key": uuid4().hex, "Accept-Language": "en", **headers}
    body = json.dumps(payload) if payload is not None else ""
    return Client().generic(method, f"{ROOT}{path}", body, content_type="application/json", headers=given)


def a_draft(who: Mainlander, *claims: str) -> str:
    made = send(who, "POST", payload={"item": "floating.conversion_registrations", "place": QINGYUAN})
    assert made.status_code == 201, made.content
    saved = send(who, "PATCH", f"/{made.json()['id']}", {"claims": list(claims)}, **{"If-Match": made["ETag"]})
    assert saved.status_code == 200, saved.content
    return str(made.json()["id"])


@pytest.mark.row("S4-12", "S4-21")
def test_what_a_register_confirms_is_told_in_words_and_need_not_be_handed_in(yao: Mainlander, settings: Any) -> None:
    as_of = today() - timedelta(days=1)
    before = (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)
    put(settings, Kind.SOCIAL_INSURANCE, yao.number, SocialInsurance(3, before), as_of=as_of)
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=as_of)
    draft = a_draft(yao, "employment")
    missing = {each["code"] for each in send(yao, "GET", f"/{draft}/look-ahead").json()["findings"] if not each["met"]}
    told = send(yao, "POST", f"/{draft}/confirmations", {})
    assert told.status_code == 200, told.content
    assert {each["kind"]: each["result"] for each in told.json()} == {
        "identity_card": "confirmed", "social_insurance": "confirmed",
    }  # fmt: skip
    insurance = told.json()[1]
    assert insurance["words"] == f"Confirmed by the social insurance register as of {as_of}; no paper is needed."
    assert (insurance["basis"], insurance["source"]) == ("statutory_duty", "国务院令第716号 art. 7")
    assert yao.number not in told.content.decode()
    after = {each["code"] for each in send(yao, "GET", f"/{draft}/look-ahead").json()["findings"] if not each["met"]}
    assert missing - after
    assert send(yao, "GET", f"/{draft}/confirmations").json() == told.json()[::-1]


@pytest.mark.parametrize(
    ("days", "result", "words"), [(1, "not_found", "Nothing was found"), (99, "unavailable", "too old to be used")]
)
def test_what_no_register_knows_is_handed_in(
    yao: Mainlander, settings: Any, days: int, result: str, words: str
) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, a_mainlander().number, ALIVE, as_of=today() - timedelta(days=days))
    (told,) = send(yao, "POST", f"/{a_draft(yao)}/confirmations", {"kinds": ["identity_card"]}).json()
    assert told["result"] == result
    assert words in told["words"]


def test_a_stranger_has_nothing_asked_and_sees_nothing(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=today())
    draft = a_draft(yao)
    stranger = a_mainlander(account=Account.objects.create_user("stranger"))
    assert send(stranger, "POST", f"/{draft}/confirmations", {}).status_code == 404
    assert send(stranger, "GET", f"/{draft}/confirmations").status_code == 404
    assert not Confirmation.objects.exists()


def test_the_web_sees_a_persons_confirmations_and_changes_or_deletes_none(yao: Mainlander, settings: Any) -> None:
    put(settings, Kind.HOUSEHOLD_REGISTER, yao.number, ALIVE, as_of=today())
    send(yao, "POST", f"/{a_draft(yao)}/confirmations", {})
    stranger = a_mainlander(account=Account.objects.create_user("stranger"))
    for who, seen in ((yao, 1), (stranger, 0)):
        with as_web(Reader("resident", str(who.person.account_id))):
            assert Confirmation.objects.count() == seen
            for statement in (
                lambda: Confirmation.objects.all().delete(),
                lambda: Confirmation.objects.update(result="x"),
            ):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    statement()
