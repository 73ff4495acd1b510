"""A child at the window with the guardian beside it: who may act is the pack's word, and the record stays guarded."""

from datetime import date
from typing import Any

import pytest

from tests.support.people import a_resident, travel_number
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.casework.models import Case
from yizhengtong.registry.people.models import MinorApproval, Person, Representation
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.tests.desk import Desk, address_of, signed_in, window_of
from yizhengtong.sites.desk.window.tests.test_window import filled, newcomer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
PERSON, APPLY, GUARDIAN, MINOR = (f"/desk/window/{each}" for each in ("person", "apply", "guardian", "minor"))
BORN = f"{today().year - 8}-03-01"


def number() -> str:
    return travel_number(DocumentKind.HRP, "HK")


def beside(desk: Desk, **said: str) -> Any:
    return desk.post("clerk", GUARDIAN, **{"kind": "hrp", "number": number(), "relation": "guardian", **said})


def both_new() -> dict[str, str]:
    grown = newcomer(name="陈母", birth_date="1988-02-02")
    return {**newcomer(name="陈小", birth_date=BORN), **{f"guardian-{name}": said for name, said in grown.items()}}


def supervisor(desk: Desk) -> Any:
    member = appoint_officer(
        username="desk-head", password="Aa1-2345-xyz!", name="郑主管", office=desk.city.offices["370102"],
        roles=[Role.SUPERVISOR], by=SYSTEM,
    )  # fmt: skip
    return signed_in(member)


@pytest.mark.row("S1-034")
@pytest.mark.row("D3")
def test_a_child_nobody_knows_comes_with_its_mother_and_leaves_with_a_case(desk: Desk) -> None:
    with requests_as_web():
        desk.post("clerk", PERSON, kind="hrp", number=number())
        assert "由监护人或近亲属代办" in desk.get("clerk", APPLY).content.decode()
        assert beside(desk)["Location"] == APPLY
        page = desk.get("clerk", APPLY).content.decode()
        assert "代办人信息" in page
        assert "监护人" in page
        sent = desk.post("clerk", APPLY, **both_new(), **filled())
        assert sent.status_code == 302, sent.content.decode()
        shut = desk.get("clerk", sent["Location"])
        assert shut["Location"].endswith("/minor")
    case = Case.objects.get()
    assert (case.person.name, case.application.filled_by.name, case.application.relation) == (
        "陈小",
        "陈母",
        "guardian",
    )
    assert Representation.objects.get().confirmed_by is None
    assert Entry.objects.filter(action="people.appoint_representative", actor_id=desk.accounts["clerk"]).exists()


def test_the_supervisor_is_asked_at_once_and_the_clerk_goes_on_when_it_is_granted(desk: Desk) -> None:
    head = supervisor(desk)
    with requests_as_web():
        desk.post("clerk", PERSON, kind="hrp", number=number())
        beside(desk, has_proof="on")
        desk.post("clerk", APPLY, **both_new(), **filled())
        asked = MinorApproval.objects.get()
        page = f"/desk/approvals/{public_id('map', asked.pk)}"
        listed = head.get("/desk/approvals").content.decode()
        assert page in listed
        assert "陈小" not in listed
        assert desk.get("clerk", page).status_code == 403
        assert head.get(page).status_code == 200
        assert head.post(page, {"why": ""}).status_code == 422
        assert head.post(page, {"granted": "yes", "why": "本人在场"})["Location"] == "/desk/approvals?done=yes"
        case = Case.objects.get()
        assert desk.get("clerk", window_of(case)).status_code == 200
        assert desk.get("clerk", address_of(case)).status_code == 200
        assert head.get(page).status_code == 404
    assert Representation.objects.get().confirmed_by == desk.accounts["clerk"]


@pytest.mark.parametrize(("relation", "born"), [("near_relative", BORN), ("guardian", "1990-01-01")])
def test_who_may_not_act_by_the_rules_of_the_place_is_told_and_nobody_is_registered(
    desk: Desk, relation: str, born: str
) -> None:
    with requests_as_web():
        desk.post("clerk", PERSON, kind="hrp", number=number())
        beside(desk, relation=relation)
        answer = desk.post("clerk", APPLY, **{**both_new(), "birth_date": born}, **filled())
    assert answer.status_code == 422
    assert not Person.objects.exists()
    assert not Case.objects.exists()


def test_nobody_acts_for_themselves_and_a_guardian_can_be_left_out_again(desk: Desk) -> None:
    own = number()
    desk.post("clerk", PERSON, kind="hrp", number=own)
    assert beside(desk, number=own).status_code == 422
    assert beside(desk)["Location"] == APPLY
    assert "代办人信息" in desk.get("clerk", APPLY).content.decode()
    assert desk.post("clerk", GUARDIAN, nobody="yes")["Location"] == APPLY
    assert "代办人信息" not in desk.get("clerk", APPLY).content.decode()
    beside(desk)
    desk.post("clerk", PERSON, kind="hrp", number=number())
    assert "代办人信息" not in desk.get("clerk", APPLY).content.decode()


def test_a_guardian_on_file_is_found_by_the_document_and_acts(desk: Desk) -> None:
    mother = a_resident(name="陈母", birth_date=date(1988, 2, 2), sex="F", county="370103")
    with requests_as_web():
        desk.post("clerk", PERSON, kind="hrp", number=number())
        beside(desk, number=mother.number)
        assert "陈母" in desk.get("clerk", APPLY).content.decode()
        sent = desk.post("clerk", APPLY, **newcomer(name="陈小", birth_date=BORN), **filled())
        assert sent.status_code == 302, sent.content.decode()
    assert Case.objects.get().application.filled_by_id == mother.person.pk
    assert Person.objects.count() == 2


def test_a_childs_record_stays_shut_until_a_supervisor_has_opened_it(desk: Desk) -> None:
    child = a_resident(name="陈小", birth_date=date.fromisoformat(BORN), county="370103")
    head = supervisor(desk)
    with requests_as_web():
        assert desk.post("clerk", PERSON, kind="hrp", number=child.number)["Location"] == MINOR
        assert desk.get("clerk", APPLY)["Location"] == MINOR
        page = desk.get("clerk", MINOR)
        assert page.status_code == 200
        assert "陈小" not in page.content.decode()
        assert desk.post("clerk", MINOR, why="").status_code == 422
        assert desk.post("clerk", MINOR, why="家长陪同到窗口").status_code == 200
        assert desk.post("clerk", MINOR, why="家长陪同到窗口").status_code == 409
        asked = MinorApproval.objects.get()
        assert (asked.reason, asked.officer_id) == ("counter", desk.accounts["clerk"])
        assert head.post(f"/desk/approvals/{public_id('map', asked.pk)}", {"granted": "yes"}).status_code == 302
        assert desk.post("clerk", PERSON, kind="hrp", number=child.number)["Location"] == APPLY
        assert "陈小" in desk.get("clerk", APPLY).content.decode()


@pytest.mark.parametrize("who", ["reviewer", "approver", "auditor"])
@pytest.mark.parametrize("address", [GUARDIAN, MINOR, "/desk/approvals"])
def test_others_reach_neither_the_guardians_page_nor_the_approvals(desk: Desk, who: str, address: str) -> None:
    assert desk.get(who, address).status_code == 403
    assert desk.post(who, address, why="x").status_code == 403


def test_an_approval_of_another_area_is_not_there(desk: Desk) -> None:
    child = a_resident(name="陈小", birth_date=date.fromisoformat(BORN), county="370103")
    elsewhere = signed_in(
        appoint_officer(
            username="desk-head-2", password="Aa1-2345-xyz!", name="吴主管", office=desk.city.offices["370103"],
            roles=[Role.SUPERVISOR], by=SYSTEM,
        )
    )  # fmt: skip
    with requests_as_web():
        desk.post("clerk", PERSON, kind="hrp", number=child.number)
        desk.post("clerk", MINOR, why="家长陪同到窗口")
        address = f"/desk/approvals/{public_id('map', MinorApproval.objects.get().pk)}"
        assert elsewhere.get(address).status_code == 404
        assert elsewhere.post(address, {"granted": "yes"}).status_code == 404
        assert address not in elsewhere.get("/desk/approvals").content.decode()
