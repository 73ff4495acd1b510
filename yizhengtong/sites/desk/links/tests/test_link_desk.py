"""Linked numbers at the desk: by a clerk with both originals, decided by a head, and by nobody elsewhere."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.support.cases import case_at, permit_of
from tests.support.desk import at_the_desk
from tests.support.law import LIXIA
from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.desk.tests.desk import Desk
from yizhengtong.verification.links.models import Link, Ticket

pytestmark = pytest.mark.django_db
_RAW = re.compile(r">[^<]*\b(?:my_numbers|links|desk_links|numbers|pages)\.[a-z_.]+\b|\{[a-z_]+\}")
Held = tuple[Permit, Resident]


@pytest.fixture
def held(desk: Desk) -> Held:
    case, resident = case_at(desk.city, CaseState.COMPLETED)
    return permit_of(case), resident


@pytest.fixture
def head(desk: Desk) -> Client:
    return at_the_desk(desk.city, "desk-head", Role.SUPERVISOR, office=LIXIA).browser


@pytest.fixture(autouse=True)
def _as_web(roles: None, desk: Desk, held: Held, head: Client) -> Iterator[None]:
    with requests_as_web():
        yield


def at(permit: Permit, rest: str = "/link") -> str:
    return f"/desk/permits/{public_id('pmt', permit.pk)}{rest}"


def linked(desk: Desk, held: Held, **more: Any) -> Any:
    seen = {"saw_originals": "yes", "consent_signed": "yes"}
    return desk.post("clerk", at(held[0]), kind="hrp", number=held[1].number, **seen, **more)


@pytest.mark.row("S1-094")
def test_a_clerk_links_what_is_in_hand_and_ends_it_when_asked(desk: Desk, held: Held) -> None:
    refused = desk.post("clerk", at(held[0]), kind="hrp", number=held[1].number)
    assert refused.status_code == 422
    assert "请先查验两证原件" in refused.content.decode()
    assert linked(desk, held).status_code == 302
    link = Link.objects.get()
    assert (link.proof, link.agreed_on_paper, link.linked_by) == ("originals", True, desk.accounts["clerk"])
    assert "工作人员查验了两证原件" in desk.get("clerk", at(held[0])).content.decode()
    assert Entry.objects.filter(action="links.read", person_id=held[1].person.pk).exists()
    assert desk.post("clerk", at(held[0], "/link/end")).status_code == 302
    assert Link.objects.get().end_reason == "holder"


def test_a_head_decides_what_an_officer_reports(desk: Desk, held: Held, head: Client) -> None:
    linked(desk, held)
    assert desk.post("clerk", at(held[0], "/link/question"), text="看错了人").status_code == 302
    ticket = Ticket.objects.get()
    path = f"/desk/link-questions/{public_id('lkt', ticket.pk)}"
    assert path in head.get("/desk/link-questions").content.decode()
    assert "看错了人" in head.get(path).content.decode()
    stale = head.post(path, {"decision": "wrong", "text": "确实有误", "version": "7"})
    assert stale.status_code == 422
    assert head.post(path, {"decision": "wrong", "text": "确实有误", "version": "1"}).status_code == 302
    assert Link.objects.get().end_reason == "wrong"
    assert "经核实" not in head.get(path).content.decode()
    assert "确实有误" in head.get(path).content.decode()


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
def test_every_page_has_all_its_words(desk: Desk, held: Held, head: Client, language: str) -> None:
    pages = [desk.get("clerk", f"{at(held[0])}?lang={language}")]
    linked(desk, held)
    pages += [desk.get("clerk", f"{at(held[0], rest)}?lang={language}") for rest in ("/link", "/link/question")]
    desk.post("clerk", at(held[0], "/link/question"), text="有误")
    question = f"/desk/link-questions/{public_id('lkt', Ticket.objects.get().pk)}"
    pages += [head.get(f"{each}?lang={language}") for each in ("/desk/link-questions", question)]
    for answer in pages:
        html = answer.content.decode()
        assert answer.status_code == 200, html[:500]
        assert not _RAW.search(html), _RAW.findall(html)
        assert html.count("<h1") == 1


def test_elsewhere_nothing_is_found_and_a_clerk_decides_nothing(desk: Desk, held: Held) -> None:
    linked(desk, held)
    desk.post("clerk", at(held[0], "/link/question"), text="有误")
    question = f"/desk/link-questions/{public_id('lkt', Ticket.objects.get().pk)}"
    assert desk.get("elsewhere", at(held[0])).status_code == 404
    assert desk.get("clerk", question).status_code == 403
    assert desk.get("clerk", "/desk/link-questions").status_code == 403
