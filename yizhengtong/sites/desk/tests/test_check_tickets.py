"""Doubts about checks at the desk and by API, under the web's role: the area's head alone, the top office suspends."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cases import case_at
from tests.support.law import JINAN, LIXIA, SHIZHONG
from tests.support.people import a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.sites.desk.tests.desk import Desk, signed_in
from yizhengtong.verification.checks.recording import record_check
from yizhengtong.verification.holders.models import Ticket
from yizhengtong.verification.holders.tickets import doubt_check
from yizhengtong.verification.relying_parties.models import RelyingPartyMember
from yizhengtong.verification.relying_parties.services import register_relying_party

pytestmark = [pytest.mark.row("S1-097"), pytest.mark.usefixtures("roles")]
LIST = "/desk/check-tickets"


@dataclass(frozen=True, slots=True)
class Scene:
    """A doubt, and heads of the holder's bureau, of another one and of the city: members and browsers."""

    ticket: Ticket
    members: dict[str, StaffMember]
    browsers: dict[str, Client]

    @property
    def page(self) -> str:
        return f"{LIST}/{public_id('ctk', self.ticket.pk)}"

    @property
    def now(self) -> Ticket:
        return Ticket.objects.select_related("relying_party").get(pk=self.ticket.pk)


@pytest.fixture
def scene(desk: Desk) -> Iterator[Scene]:
    _, wang = case_at(desk.city, CaseState.COMPLETED, resident=a_resident(name="葉小明"))
    bank, _ = register_relying_party(name="泉城演示银行", legal_basis="反洗钱法", purposes=["bank"], by=SYSTEM)
    check = record_check(
        party=bank, way="match", purpose="bank", person_id=wang.person.pk, outcome="no_match", claims=["number"]
    )
    on = legal_day(check.at)
    law = law_in_force(JINAN, "privacy", on)
    ticket = doubt_check(
        check_id=check.pk, person=wang.person, acting=wang.person, words="我没有去过", law=law, on=on,
        by=wang.principal,
    )  # fmt: skip
    members = {
        who: appoint_officer(
            username=f"head-{who}", password="Aa1-2345-xyz!", name="陈演示", office=desk.city.offices[office],
            roles=[Role.SUPERVISOR], by=SYSTEM,
        )
        for who, office in (("own", LIXIA), ("other", SHIZHONG), ("top", JINAN))
    }  # fmt: skip
    browsers = {who: signed_in(member) for who, member in members.items()}
    with requests_as_web():
        yield Scene(ticket, members, browsers)


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def test_the_pages_have_their_words_in_every_language(scene: Scene, language: str) -> None:
    browser = scene.browsers["own"]
    browser.cookies["yzt_language"] = language
    for path in (LIST, f"{LIST}?state=answered", scene.page):
        answer = browser.get(path)
        assert answer.status_code == 200, path
        html = answer.content.decode()
        assert "desk_checks." not in html
        assert "holders." not in html


def test_only_heads_of_the_area_see_a_doubt(scene: Scene, desk: Desk) -> None:
    for who, seen in (("own", True), ("other", False), ("top", True)):
        assert ("泉城演示银行" in scene.browsers[who].get(LIST).content.decode()) is seen
        assert scene.browsers[who].get(scene.page).status_code == (200 if seen else 404)
    for who in ("clerk", "approver", "auditor", "elsewhere"):
        assert desk.get(who, LIST).status_code == 403
        assert desk.get(who, scene.page).status_code in {403, 404}
    assert "我没有去过" not in scene.browsers["own"].get(LIST).content.decode()


def test_an_answer_needs_an_outcome_and_words_and_the_version_that_was_read(scene: Scene) -> None:
    own, given = scene.browsers["own"], {"outcome": "explained", "text": "已核实", "version": "1"}
    for change in ({"outcome": ""}, {"text": ""}, {"version": "7"}, {"outcome": "open"}):
        assert own.post(scene.page, {**given, **change}).status_code == 422
    assert scene.now.state == "open"
    assert scene.browsers["other"].post(scene.page, given).status_code == 404
    assert own.post(scene.page, given).status_code == 302
    assert (scene.now.state, scene.now.answer) == ("explained", "已核实")
    assert "已核实" in own.get(scene.page).content.decode()
    assert own.post(scene.page, {**given, "version": "2"}).status_code == 422


def test_a_leaked_key_is_handed_up_and_the_top_office_suspends(scene: Scene) -> None:
    own, top = scene.browsers["own"], scene.browsers["top"]
    assert 'name="suspend"' not in own.get(scene.page).content.decode()
    assert own.get(f"{scene.page}/hand-up").status_code == 405
    seen = scene.now
    assert not seen.is_handed_up
    assert own.post(f"{scene.page}/hand-up", {"version": "1"}).status_code == 302
    assert scene.now.is_handed_up
    answer = {"outcome": "wrong", "text": "葉小明您好，已暂停该行", "version": "2", "suspend": "on"}
    assert own.post(scene.page, answer).status_code == 422
    assert 'name="suspend"' in top.get(scene.page).content.decode()
    unsaid = top.post(scene.page, {**answer, "reason": " "})
    assert (unsaid.status_code, scene.now.state) == (422, "open")
    assert "对方会看到" in unsaid.content.decode()
    assert top.post(scene.page, {**answer, "reason": "密钥疑似泄露"}).status_code == 302
    party = scene.now.relying_party
    assert party is not None
    assert (scene.now.has_suspended, party.state, party.is_active) == (True, "suspended", False)


def test_what_the_holder_is_told_stands_on_no_page_of_the_organisation(scene: Scene) -> None:
    answer = {"outcome": "wrong", "text": "葉小明您好，已暂停该行", "version": "1"}
    answer |= {"suspend": "on", "reason": "密钥疑似泄露"}
    assert scene.browsers["top"].post(scene.page, answer).status_code == 302
    account = Account.objects.create(username="bank", is_reporter=True)
    bank = scene.now.relying_party
    RelyingPartyMember(relying_party=bank, account_id=account.pk, contact="x").save(force_insert=True)
    member = Client()
    member.cookies[settings.SESSION_COOKIE_NAME] = session(account)
    shown = member.get("/partner/organisation")
    told = member.get("/api/reporter/organisation", headers={"X-Session-Token": session(account)})
    for text in (shown.content.decode(), str(told.json())):
        assert "密钥疑似泄露" in text
        assert "葉小明" not in text


def test_the_api_answers_heads_alone_by_version(scene: Scene) -> None:
    def headers(who: str, **more: str) -> dict[str, str]:
        token = session(scene.members[who].account, has_second_factor=True)
        return {"X-Session-Token": token, "Idempotency-Key": str(new_id()), **more}

    client, path = Client(), f"/api/staff/check-tickets/{public_id('ctk', scene.ticket.pk)}"
    assert client.get("/api/staff/check-tickets", headers=headers("other")).json() == []
    [row] = client.get("/api/staff/check-tickets", headers=headers("own")).json()
    assert (row["relying_party"], row["outcome"], row["is_late"], "words" in row) == (
        "泉城演示银行", "no_match", False, False,
    )  # fmt: skip
    read = client.get(path, headers=headers("own"))
    assert (read.json()["words"], client.get(path, headers=headers("other")).status_code) == ("我没有去过", 404)
    body = {"outcome": "wrong", "words": "已核实", "suspend": True, "reason": "密钥疑似泄露"}
    fresh = {"If-Match": read["ETag"]}

    def sent(who: str, where: str = "answer", **more: str) -> int:
        return client.post(
            f"{path}/{where}", body if where == "answer" else None, content_type="application/json",
            headers=headers(who, **more),
        ).status_code  # fmt: skip

    assert sent("own", **{"If-Match": '"9"'}) == 412
    assert sent("own", **fresh) == 403
    assert sent("own", "hand-up", **fresh) == 200
    assert sent("top", **{"If-Match": '"2"'}) == 200
    assert scene.now.has_suspended
