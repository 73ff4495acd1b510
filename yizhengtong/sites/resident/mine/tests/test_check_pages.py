"""Who checked my permit, by pages and API, under the web's role: own checks alone, doubts, alerts, who is shut out."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.people import Resident, a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.sites.resident.mine.tests.test_pages import words_of
from yizhengtong.verification.checks.models import Block, Check
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.holders.models import AlertChoice, Ticket
from yizhengtong.verification.openid.models import Consent
from yizhengtong.verification.openid.queries import CONSENT
from yizhengtong.verification.relying_parties.authenticating import PARTY
from yizhengtong.verification.relying_parties.models import RelyingParty
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = [pytest.mark.row("S1-097"), pytest.mark.usefixtures("roles")]


@pytest.fixture
def wang(holder: tuple[Case, Resident]) -> Person:
    return holder[1].person


@pytest.fixture
def bank(wang: Person) -> RelyingParty:
    return register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)[0]


@pytest.fixture
def check(bank: RelyingParty, wang: Person) -> Check:
    return made(bank, wang)


@pytest.fixture
def browser(browse: Browse, wang: Person, check: Check) -> Iterator[Client]:
    asking = browse(wang)
    with requests_as_web():
        yield asking


@pytest.fixture
def api(browser: Client, wang: Person) -> dict[str, str]:
    assert wang.account is not None
    return {"X-Session-Token": session(wang.account)}


def made(bank: RelyingParty | None, person: Person, **changes: Any) -> Check:
    given: dict[str, Any] = {
        "way": "match", "purpose": "bank", "outcome": "no_match", "claims": ["number", "name"], **changes,
    }  # fmt: skip
    return record_check(party=bank, person_id=person.pk, **given)


def at(check: Check) -> str:
    return f"/data-use/checks/{public_id('chk', check.pk)}"


@pytest.mark.parametrize(
    "path", ["/data-use/checks", "/data-use/checks/alerts", "check", "doubt", "/data-use/consents"]
)
def test_every_page_has_its_words_in_every_language(
    browser: Client, check: Check, bank: RelyingParty, wang: Person, path: str, language: str
) -> None:
    Block.objects.create(person_id=wang.pk, relying_party=bank)
    where = {"check": at(check), "doubt": f"{at(check)}/doubt"}.get(path, path)
    browser.cookies["yzt_language"] = language
    html = words_of(browser.get(where))
    assert "resident_checks." not in html
    assert "holders." not in html
    assert "relying_parties." not in html
    assert "<script" not in html.split("<main")[1].split("</main>")[0]


def test_the_list_tells_who_when_how_for_what_and_which_items_and_narrows(
    browser: Client, check: Check, wang: Person
) -> None:
    made(None, wang, way="share_code", purpose="rent", outcome="told", claims=["name", "photo"])
    html = words_of(browser.get("/data-use/checks"))
    for words in ("泉城演示银行", "银行开户", "比对", "不一致", "证件号码", "没有登记的核验人", "授权码", "已提供"):
        assert words in html
    lines = html.split('class="timeline"')[1].split("</ol>")[0]
    assert lines.count("<li>") == 2
    narrowed = words_of(browser.get("/data-use/checks?way=share_code")).split('class="timeline"')[1].split("</ol>")[0]
    assert "泉城演示银行" not in narrowed
    assert narrowed.count("<li>") == 1
    for wrong in ("?way=magic&purpose=x", "?party=rpa_x"):
        assert words_of(browser.get(f"/data-use/checks{wrong}")).count('class="small"') >= 2
    assert Entry.objects.filter(action="privacy.read_history", person_id=wang.pk).count() == 4


def test_pages_of_the_list_keep_the_questions(browser: Client, bank: RelyingParty, wang: Person) -> None:
    for _ in range(31):
        made(bank, wang, outcome="match")
    html = words_of(browser.get("/data-use/checks?outcome=match"))
    following = html.split('class="pages-of"')[1].split('href="?')[1].split('"')[0].replace("&amp;", "&")
    assert "outcome=match" in following
    rest = words_of(browser.get(f"/data-use/checks?{following}")).split('class="timeline"')[1].split("</ol>")[0]
    assert rest.count("<li>") == 1


def test_anothers_check_is_nobodys_business(browse: Browse, browser: Client, check: Check) -> None:
    stranger = browse(a_resident(name="李四").person)
    assert "泉城演示银行" not in words_of(stranger.get("/data-use/checks"))
    for path in ("", "/doubt", "/block"):
        assert stranger.get(f"{at(check)}{path}").status_code == 404
        assert stranger.post(f"{at(check)}{path}", {"text": "x"}).status_code == 404
    assert not Ticket.objects.exists()
    assert not Block.objects.exists()


def test_a_check_is_doubted_once_and_the_answers_day_is_told(browser: Client, check: Check, wang: Person) -> None:
    assert browser.post(f"{at(check)}/doubt", {"text": ""}).status_code == 422
    assert browser.post(f"{at(check)}/doubt", {"text": "我没有去过"}).status_code == 302
    assert Ticket.objects.get().words == "我没有去过"
    html = words_of(browser.get(at(check)))
    assert "我没有去过" in html
    assert "前答复" in html
    assert browser.post(f"{at(check)}/doubt", {"text": "我没有去过"}).status_code == 422
    assert "我没有去过" in words_of(browser.get("/data-use/checks"))


def test_who_is_shut_out_is_let_in_again_and_a_link_does_neither(
    browser: Client, check: Check, bank: RelyingParty, wang: Person
) -> None:
    browser.get(f"{at(check)}/block")
    assert not Block.objects.exists()
    browser.post(f"{at(check)}/block")
    assert Block.objects.get().person_id == wang.pk
    assert "泉城演示银行" in words_of(browser.get("/data-use/consents")).split('id="blocks"')[-1]
    end = f"/data-use/blocks/{public_id(PARTY, bank.pk)}/end"
    browser.get(end)
    assert Block.objects.exists()
    browser.post(end)
    assert not Block.objects.exists()
    assert browser.post(end).status_code == 404


def test_the_choice_of_alerts_is_kept(browser: Client, wang: Person) -> None:
    assert browser.post("/data-use/checks/alerts", {"about": "all"}).status_code == 422
    assert browser.post("/data-use/checks/alerts", {"about": "each"}).status_code == 302
    assert AlertChoice.objects.get(pk=wang.pk).about == "each"
    assert "每次核验都告诉我" in words_of(browser.get("/data-use/checks"))


def test_the_history_leads_from_a_check_to_its_page(browser: Client, check: Check) -> None:
    assert at(check) in words_of(browser.get("/data-use"))


def test_the_api_tells_narrows_and_reads_on(
    browser: Client, api: dict[str, str], bank: RelyingParty, wang: Person
) -> None:
    made(bank, wang, outcome="match")
    found = Client().get("/api/resident/checks?limit=1", headers=api).json()
    assert [each["outcome"] for each in found["items"]] == ["match"]
    rest = Client().get(f"/api/resident/checks?limit=1&cursor={found['next']}", headers=api).json()
    assert ([each["outcome"] for each in rest["items"]], rest["next"]) == (["no_match"], None)
    assert rest["items"][0]["claims"] == ["number", "name"]
    assert len(Client().get("/api/resident/checks?outcome=match", headers=api).json()["items"]) == 1
    assert Client().get("/api/resident/checks?way=magic", headers=api).status_code == 422
    assert Client().get("/api/resident/checks?cursor=x", headers=api).status_code == 422
    assert Client().get("/api/resident/checks").status_code == 401


def test_the_api_takes_doubts_blocks_and_choices_of_ones_own(
    browser: Client, api: dict[str, str], bank: RelyingParty, check: Check, wang: Person
) -> None:
    client, party = Client(), public_id(PARTY, bank.pk)
    key = public_id("chk", check.pk)
    said = client.post(
        f"/api/resident/checks/{key}/ticket", {"words": "不是我"}, content_type="application/json",
        headers={**api, "Idempotency-Key": str(new_id())},
    )  # fmt: skip
    assert said.status_code == 201, said.content
    assert [each["id"] for each in client.get("/api/resident/checks/tickets", headers=api).json()] == [
        said.json()["id"]
    ]
    put: dict[str, Any] = {"content_type": "application/json", "headers": api}
    assert client.put("/api/resident/checks/alerts", {"about": "none"}, **put).json() == {"about": "none"}
    assert client.get("/api/resident/checks/alerts", headers=api).json() == {"about": "none"}
    assert client.put(f"/api/resident/checks/blocks/{party}", **put).json()[0]["relying_party_id"] == party
    assert len(client.get("/api/resident/checks/blocks", headers=api).json()) == 1
    assert client.delete(f"/api/resident/checks/blocks/{party}", headers=api).status_code == 204
    assert client.get("/api/resident/checks/given", headers=api).json() == []
    stranger = a_resident(name="李四").person
    stranger.account = Account.objects.create(username="stranger")
    stranger.save()
    other = {"X-Session-Token": session(stranger.account)}
    assert client.get(f"/api/resident/checks?person_id={public_id('per', wang.pk)}", headers=other).status_code == 404


@pytest.fixture
def sign_in(bank: RelyingParty, wang: Person) -> Consent:
    return Consent.objects.create(
        person_id=wang.pk, account_id=new_id(), relying_party=bank, purpose="bank", asked=["kind", "name"],
        claims=["kind"], expires_at=timezone.now() + timedelta(days=1),
    )  # fmt: skip


def test_a_consent_to_sign_in_is_in_the_list_tells_what_is_told_and_is_taken_back_there(
    sign_in: Consent, browser: Client
) -> None:
    path = f"/data-use/sign-ins/{public_id(CONSENT, sign_in.pk)}"
    assert path in browser.get("/data-use/consents").content.decode()
    html = words_of(browser.get(path))
    assert "证件种类" in html
    assert "姓名" not in html
    sign_in.refresh_from_db()
    assert sign_in.ended_at is None, "looking ends nothing"
    assert browser.post(path)["Location"] == "/data-use/consents"
    sign_in.refresh_from_db()
    assert sign_in.end == Consent.End.HOLDER
    assert path not in browser.get("/data-use/consents").content.decode()
    assert browser.get(path).status_code == 404


def test_nobody_sees_or_ends_a_strangers_consent_to_sign_in(sign_in: Consent, browse: Browse, browser: Client) -> None:
    stranger = browse(a_resident(name="赵六").person)
    path = f"/data-use/sign-ins/{public_id(CONSENT, sign_in.pk)}"
    for answer in (stranger.get(path), stranger.post(path)):
        assert answer.status_code == 404
    sign_in.refresh_from_db()
    assert sign_in.ended_at is None


def test_what_told_nothing_says_why_and_a_share_code_leads_to_its_end(
    bank: RelyingParty, wang: Person, browser: Client
) -> None:
    permit_id = new_id()
    refused = words_of(browser.get(at(made(bank, wang, outcome="refused"))))
    assert "查不到一样" in refused
    by_code = browser.get(at(made(None, wang, way="share_code", outcome="refused", permit_id=permit_id)))
    assert "没有给它看任何内容" in words_of(by_code)
    assert f"/permits/{public_id('pmt', permit_id)}/share" in by_code.content.decode()
    assert "不一致" in words_of(browser.get(at(made(bank, wang))))
