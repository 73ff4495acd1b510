"""The pages of two numbers: link, see, unlink, doubt, in every language, without scripts; and the same by the API."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cases import case_at, permit_of
from tests.support.city import City
from tests.support.people import Resident, a_resident, travel_number
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account, StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.people.models import Person
from yizhengtong.sites.resident.mine.tests.conftest import Browse
from yizhengtong.verification.links.models import Link, Ticket

pytestmark = pytest.mark.django_db
_RAW = re.compile(r">[^<]*\b(?:my_numbers|links|privacy|numbers|pages)\.[a-z_.]+\b|\{[a-z_]+\}")
Held = tuple[Case, Resident]
API, _JSON = "/api/resident/links", "application/json"


def words(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


def sent(own: Client, number: str, **more: Any) -> Any:
    return own.post("/numbers/link", {"kind": "hrp", "number": number, **more})


def linked(own: Client, holder: Held) -> None:
    answer = sent(own, holder[1].number, agreed="yes", separate="provision")
    assert (answer.status_code, answer["Location"]) == (302, "/numbers")


def asked_of(token: str, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Any:
    client = Client(headers={"X-Session-Token": token, "Idempotency-Key": uuid4().hex, **headers})
    return getattr(client, method)(path, **({} if body is None else {"data": body, "content_type": _JSON}))


def by_api(person: Person, method: str, path: str, body: Any = None) -> Any:
    assert person.account is not None
    return asked_of(session(person.account), method, path, body, {})


def officer(town: City, *roles: str, office: str = "370102") -> Account:
    account = Account.objects.create(username=f"officer-{uuid4().hex[:8]}")
    StaffMember.objects.create(account=account, office=town.offices[office], name="甲", roles=list(roles))
    return account


def at_desk(account: Account, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return asked_of(session(account, has_second_factor=True), method, path, body, headers)


def test_every_page_has_all_its_words_in_every_language(own: Client, holder: Held, language: str) -> None:
    pages = [words(own.get("/numbers/link", {"lang": language}))]
    linked(own, holder)
    pages += [words(own.get(f"/numbers{rest}", {"lang": language})) for rest in ("", "/unlink", "/doubt")]
    own.post("/numbers/doubt", {"text": "不对"})
    own.post("/numbers/unlink")
    pages.append(words(own.get("/numbers", {"lang": language})))
    for html in pages:
        assert f'<html lang="{language}"' in html
        assert not _RAW.search(html), _RAW.findall(html)
        assert html.count("<h1>") == 1


@pytest.mark.row("S1-094")
def test_a_holder_links_sees_it_and_unlinks(own: Client, holder: Held) -> None:
    linked(own, holder)
    html = words(own.get("/numbers"))
    assert holder[1].number in html
    assert permit_of(holder[0]).number in html
    assert Entry.objects.filter(action="links.read", person_id=holder[1].person.pk).exists()
    assert own.post("/numbers/unlink")["Location"] == "/numbers"
    assert holder[1].number not in words(own.get("/numbers"))
    assert Link.objects.get().end_reason == "holder"


def test_nothing_is_ticked_beforehand_and_without_it_nothing_is_linked(own: Client, holder: Held) -> None:
    assert "checked" not in words(own.get("/numbers/link"))
    words(sent(own, holder[1].number), 422)
    words(sent(own, holder[1].number, agreed="yes"), 422)
    assert not Link.objects.exists()


def test_trying_numbers_tells_nothing_and_ends(own: Client, holder: Held, town: City) -> None:
    _, other = case_at(town, CaseState.COMPLETED, resident=a_resident(name="陳大文"))
    refused = say("links.not_confirmed", "zh-Hans")
    for number in (other.number, travel_number(DocumentKind.HRP, "HK")):
        assert refused in words(sent(own, number, agreed="yes", separate="provision"), 422)
    for _ in range(settings.YZT_LIMITS["linking"][0]):
        last = sent(own, travel_number(DocumentKind.HRP, "HK"), agreed="yes", separate="provision")
    assert last.status_code == 429


def test_a_stranger_sees_and_ends_only_their_own(own: Client, stranger: Client, holder: Held) -> None:
    linked(own, holder)
    assert holder[1].number not in words(stranger.get("/numbers"))
    assert stranger.post("/numbers/unlink").status_code == 409
    assert Link.objects.get().state == "linked"
    assert Client().get("/numbers").status_code == 302


def test_a_doubt_is_shown_with_its_day(own: Client, holder: Held) -> None:
    linked(own, holder)
    words(own.post("/numbers/doubt", {"text": ""}), 422)
    assert own.post("/numbers/doubt", {"text": "号码不是我的"}).status_code == 302
    html = words(own.get("/numbers"))
    assert "号码不是我的" in html
    assert "/numbers/doubt" not in html


@pytest.mark.row("S1-094")
def test_the_api_links_reads_doubts_and_ends(own: Client, holder: Held) -> None:
    person = holder[1].person
    body = {"kind": "hrp", "number": holder[1].number, "agreed": True, "separate": ["provision"]}
    made = by_api(person, "post", API, body)
    assert made.status_code == 201, made.content
    [link] = made.json()["links"]
    assert (link["state"], link["proof"], link["in_question"]) == ("linked", "card", False)
    assert holder[1].number not in made.content.decode()
    assert by_api(person, "post", API, body).json()["code"] == "links.linked_already"
    asked = by_api(person, "post", f"{API}/questions", {"words": "不是我的"}).json()
    assert (asked["links"][0]["in_question"], asked["questions"][0]["state"]) == (True, "open")
    ended = by_api(person, "post", f"{API}/end", {})
    assert ended.json()["links"][0]["end_reason"] == "holder"
    assert by_api(person, "get", API).json() == ended.json()


@pytest.mark.row("S1-094")
def test_at_the_window_an_officer_links_and_a_head_decides(own: Client, holder: Held, town: City) -> None:
    permit = public_id("pmt", permit_of(holder[0]).pk)
    clerk, head = officer(town, "clerk"), officer(town, "supervisor")
    body = {"kind": "hrp", "number": holder[1].number, "saw_originals": True, "consent_signed": True}
    made = at_desk(clerk, "post", f"/api/staff/permits/{permit}/link", body)
    assert made.status_code == 201, made.content
    assert made.json()["link_id"]
    asked = at_desk(clerk, "post", f"/api/staff/permits/{permit}/link/questions", {"words": "看错了人"}).json()
    path = f"/api/staff/link-questions/{asked['id']}"
    assert [each["id"] for each in at_desk(head, "get", "/api/staff/link-questions").json()] == [asked["id"]]
    shown = at_desk(head, "get", path)
    assert (shown.json()["words"], shown.json()["decisions"]) == ("看错了人", ["stands", "wrong"])
    decided = at_desk(
        head, "post", f"{path}/decision", {"decision": "wrong", "words": "确实有误"}, **{"If-Match": shown["ETag"]}
    )
    assert decided.status_code == 200, decided.content
    assert (decided.json()["remedy"], Link.objects.get().end_reason) == ("unlinked", "wrong")


@pytest.mark.row("S1-094")
def test_two_with_one_number_are_decided_under_the_webs_role(
    own: Client, holder: Held, town: City, browse: Browse
) -> None:
    linked(own, holder)
    case, _ = case_at(town, CaseState.COMPLETED, resident=a_resident(name="陳大文"))
    clerk, head = officer(town, "clerk"), officer(town, "supervisor")
    body = {"kind": "hrp", "number": holder[1].number, "saw_originals": True, "consent_signed": True}
    path = f"/api/staff/permits/{public_id('pmt', permit_of(case).pk)}/link"
    asked = at_desk(clerk, "post", path, body).json()
    assert asked["link_id"] is None
    question = f"/api/staff/link-questions/{asked['question_id']}"
    shown = at_desk(head, "get", question)
    assert shown.json()["number"] == holder[1].number
    decided = at_desk(
        head, "post", f"{question}/decision", {"decision": "claimant", "words": "已核对原件"},
        **{"If-Match": shown["ETag"]},
    )  # fmt: skip
    assert decided.status_code == 200, decided.content
    assert {(each.person_id, each.state) for each in Link.objects.all()} == {
        (case.person_id, "linked"), (holder[1].person.pk, "ended"),
    }  # fmt: skip


def test_an_officer_of_another_office_finds_nothing(own: Client, holder: Held, town: City) -> None:
    linked(own, holder)
    own.post("/numbers/doubt", {"text": "不对"})
    question = public_id("lkt", Ticket.objects.get().pk)
    head = officer(town, "supervisor", "clerk", office="370103")
    assert at_desk(head, "get", "/api/staff/link-questions").json() == []
    assert at_desk(head, "get", f"/api/staff/link-questions/{question}").status_code == 404
    answer = at_desk(
        head, "post", f"/api/staff/link-questions/{question}/decision", {"decision": "wrong", "words": "x"},
        **{"If-Match": '"1"'},
    )  # fmt: skip
    assert answer.status_code == 404
    permit = public_id("pmt", permit_of(holder[0]).pk)
    body = {"kind": "hrp", "number": holder[1].number, "saw_originals": True, "consent_signed": True}
    assert at_desk(head, "post", f"/api/staff/permits/{permit}/link", body).status_code == 404
