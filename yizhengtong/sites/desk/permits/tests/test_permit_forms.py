"""The forms of a permit at the desk: for officers of its area, on record, and none of them opened."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.cases import case_at, permit_of
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.issuance.tests.wallet import a_key
from yizhengtong.credentials.showing.paper import code_for
from yizhengtong.credentials.showing.services import begin_showing, draw_code, read_code
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.desk.tests.desk import Desk, address_of
from yizhengtong.verification.authorization.models import Grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def permit(desk: Desk) -> Permit:
    return permit_of(case_at(desk.city, CaseState.COMPLETED)[0])


@pytest.fixture(autouse=True)
def _as_web(roles: None, desk: Desk) -> Iterator[None]:
    with requests_as_web():
        yield


def at(permit: Permit) -> str:
    return f"/desk/permits/{public_id('pmt', permit.pk)}"


def test_an_officer_of_the_area_sees_every_form_and_what_the_lists_say(desk: Desk, permit: Permit) -> None:
    now = timezone.now()
    code_for(permit, "school", legal_day(now))
    by = Principal(PrincipalKind.RESIDENT, uuid4())
    showing = begin_showing(permit=permit, purpose="age", at=now, by=by)
    read_code(text=draw_code(showing=showing, at=now))
    html = desk.get("clerk", at(permit)).content.decode()
    for told in (permit.number, "入学报名", "证明已满18周岁", "居住证有效", "状态名单显示", "港澳居民居住证"):
        assert told in html
    assert permit.person.name not in html
    entry = Entry.objects.get(action="showing.read_forms")
    assert (entry.person_id, entry.actor_id, entry.purpose) == (permit.person_id, desk.accounts["clerk"], "casework")


def test_a_wallet_that_may_collect_and_holds_nothing_is_counted_and_not_named(desk: Desk, permit: Permit) -> None:
    assert "现在没有副本的钱包" not in desk.get("clerk", at(permit)).content.decode()
    now = timezone.now()
    for name in ("Example Wallet", "Other Wallet"):
        Grant.objects.create(
            person=permit.person, account_id=uuid4(), kind="pre_authorized", client_name=name,
            configuration_ids=["hmt_permit_mdoc"], dpop_thumbprint=a_key().key_id, begun_at=now, renewed_at=now,
        )  # fmt: skip
    html = desk.get("clerk", at(permit)).content.decode()
    assert "可以领取但现在没有副本的钱包：2个" in html
    assert "Example Wallet" not in html


def test_a_suspended_or_ended_permit_says_so(desk: Desk, permit: Permit) -> None:
    Permit.objects.filter(pk=permit.pk).update(state="ended", ended_on=legal_day(timezone.now()), end_reason="void")
    html = desk.get("clerk", at(permit)).content.decode()
    assert "居住证已经作废" in html
    assert ">作废<" in html


def test_an_officer_elsewhere_cannot_tell_that_it_exists(desk: Desk, permit: Permit) -> None:
    assert desk.get("elsewhere", at(permit)).status_code == 404
    assert not Entry.objects.filter(action="showing.read_forms").exists()


@pytest.mark.parametrize("odd", ["x", "pmt_" + "0" * 26, "pmt_", "a" * 200])
def test_an_odd_id_is_nothing(desk: Desk, odd: str) -> None:
    assert desk.get("clerk", f"/desk/permits/{odd}").status_code == 404


def test_nobody_else_sees_it(desk: Desk, permit: Permit) -> None:
    answer = Client().get(at(permit))
    assert (answer.status_code, answer["Location"][:13]) == (302, "/desk/sign-in")


def test_a_minors_permit_needs_an_approval(desk: Desk, permit: Permit) -> None:
    permit.person.birth_date = date(2018, 3, 4)
    permit.person.save()
    assert desk.get("clerk", at(permit)).status_code == 403


def test_the_page_of_a_case_leads_to_it_and_nothing_can_be_sent(desk: Desk) -> None:
    case, _ = case_at(desk.city, CaseState.COMPLETED)
    permit = permit_of(case)
    assert f'href="{at(permit)}"' in desk.get("clerk", address_of(case)).content.decode()
    assert "<form" not in desk.get("clerk", at(permit)).content.decode().partition("<main")[2]
