"""Offices merged by a page: one administrator proposes, another confirms, the worker carries it out."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP

from tests.support.cases import case_at, fresh
from tests.support.city import POINTS, City, a_city
from tests.support.desk import Desk, at_the_desk
from tests.support.law import JINAN, LIXIA, SHIZHONG
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember, StaffRequest
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.project.merging import merge_confirmed

HOME = "/desk/administration"
OLD, NEW = POINTS[LIXIA], POINTS[SHIZHONG]


@pytest.fixture
def town(db: None, roles: None) -> City:
    return a_city()


@pytest.fixture
def first(town: City) -> Desk:
    return at_the_desk(town, "first", Role.ADMINISTRATOR, office=JINAN)


@pytest.fixture
def second(town: City) -> Desk:
    return at_the_desk(town, "second", Role.ADMINISTRATOR, office=JINAN)


def proposed(first: Desk, source: str = OLD, target: str = NEW) -> str:
    with requests_as_web():
        answer = first.browser.post(f"{HOME}/offices/{source}/merge", {"target": target})
    assert answer.status_code == 302, answer.content.decode()[-1500:]
    return str(answer["Location"])


def carried_out() -> list[str]:
    with as_web(role="yzt_worker"):
        return merge_confirmed()


def test_what_two_administrators_agreed_on_is_carried_out_with_the_workers_rights(
    town: City, first: Desk, second: Desk
) -> None:
    case, _ = case_at(town, CaseState.ACCEPTED)
    clerk = at_the_desk(town, "clerk", Role.CLERK, office=OLD)
    request = proposed(first)
    assert carried_out() == []
    assert first.browser.post(f"{request}/confirmation").status_code == 403
    with requests_as_web():
        shown = second.browser.get(request).content.decode()
        assert town.offices[OLD].name in shown
        assert town.offices[NEW].name in shown
        assert second.browser.post(f"{request}/confirmation").status_code == 200
        assert "正在合并" in second.browser.get(HOME).content.decode()
    assert fresh(case).office_id == town.offices[OLD].pk
    assert carried_out() == []
    assert fresh(case).office_id == town.offices[NEW].pk
    assert StaffMember.objects.get(pk=clerk.member.pk).office_id == town.offices[NEW].pk
    assert Office.objects.get(code=OLD).merged_into_id == town.offices[NEW].pk
    assert StaffRequest.objects.get().done_at is not None
    assert Entry.objects.filter(action="accounts.merge_offices").count() == 1
    assert carried_out() == []
    assert Entry.objects.filter(action="accounts.merge_offices").count() == 1
    assert "正在合并" not in second.browser.get(HOME).content.decode()


def test_a_merge_that_cannot_be_is_told_at_the_desk(town: City, first: Desk, second: Desk) -> None:
    request = proposed(first)
    second.browser.post(f"{request}/confirmation")
    Office.objects.filter(code=NEW).update(merged_into=town.offices[SHIZHONG])
    assert carried_out() == ["accounts.office_merged_already"]
    assert "没有合并" in second.browser.get(HOME).content.decode()
    assert carried_out() == []


@pytest.mark.parametrize(("source", "target"), [(LIXIA, OLD), (OLD, OLD), (OLD, "nowhere"), (JINAN, NEW)])
def test_an_office_goes_into_no_office_below_it_nor_into_one_that_is_not_there(
    town: City, first: Desk, source: str, target: str
) -> None:
    assert first.browser.post(f"{HOME}/offices/{source}/merge", {"target": target}).status_code == 422
    assert not StaffRequest.objects.exists()


def test_nobody_merges_the_office_they_serve_at(town: City) -> None:
    admin = at_the_desk(town, "below", Role.ADMINISTRATOR, office=LIXIA)
    assert f"{HOME}/offices/{LIXIA}/merge" not in admin.browser.get(f"{HOME}/offices/{LIXIA}").content.decode()
    assert admin.browser.post(f"{HOME}/offices/{LIXIA}/merge", {"target": SHIZHONG}).status_code == 422


def test_an_office_of_elsewhere_is_neither_merged_nor_merged_into(town: City, first: Desk) -> None:
    admin = at_the_desk(town, "below", Role.ADMINISTRATOR, office=LIXIA)
    assert admin.browser.get(f"{HOME}/offices/{NEW}/merge").status_code == 404
    assert admin.browser.post(f"{HOME}/offices/{OLD}/merge", {"target": NEW}).status_code == 422
    request = proposed(first)
    assert admin.browser.post(f"{request}/confirmation").status_code == 404
    assert StaffRequest.objects.get().state == "open"


def test_one_merge_of_an_office_waits_at_a_time(first: Desk) -> None:
    proposed(first)
    assert first.browser.post(f"{HOME}/offices/{OLD}/merge", {"target": SHIZHONG}).status_code == 422


# What ends sessions


def page_of(desk: Desk) -> str:
    return f"{HOME}/officers/{public_id('stf', desk.member.pk)}"


def test_with_the_second_factors_every_session_goes_and_the_password_stays(town: City, first: Desk) -> None:
    clerk = at_the_desk(town, "clerk", Role.CLERK, office=LIXIA)
    TOTP.activate(clerk.member.account, "JBSWY3DPEHPK3PXP")
    assert clerk.browser.get("/desk/law").status_code == 200
    with requests_as_web():
        assert first.browser.post(f"{page_of(clerk)}/second-factors").status_code == 302
    assert clerk.browser.get("/desk/law").status_code == 302
    assert Account.objects.get(pk=clerk.member.account_id).check_password("Jinan-test-1!")
    assert first.browser.get("/desk/law").status_code == 200


@pytest.mark.parametrize(("roles", "status"), [(["reviewer"], 302), (["clerk", "reviewer"], 200)])
def test_who_loses_a_role_signs_in_anew_and_who_gains_one_goes_on(
    town: City, first: Desk, second: Desk, roles: list[str], status: int
) -> None:
    clerk = at_the_desk(town, "clerk", Role.CLERK, office=LIXIA)
    with requests_as_web():
        request = first.browser.post(f"{page_of(clerk)}/roles", {"roles": roles})["Location"]
        assert second.browser.post(f"{request}/confirmation").status_code == 200
    assert StaffMember.objects.get(pk=clerk.member.pk).roles == roles
    assert clerk.browser.get("/desk/law").status_code == status


def test_a_forgotten_password_is_replaced_by_two_administrators_and_changed_at_the_next_sign_in(
    town: City, first: Desk, second: Desk
) -> None:
    clerk = at_the_desk(town, "clerk", Role.CLERK, office=LIXIA)
    TOTP.activate(clerk.member.account, "JBSWY3DPEHPK3PXP")
    with requests_as_web():
        assert f"{page_of(clerk)}/password" in first.browser.get(page_of(clerk)).content.decode()
        assert first.browser.get(f"{page_of(clerk)}/password").status_code == 200
        request = first.browser.post(f"{page_of(clerk)}/password")["Location"]
        assert first.browser.post(f"{request}/confirmation").status_code == 403
        answer = second.browser.post(f"{request}/confirmation")
    password = answer.content.decode().partition('<p class="number">')[2].partition("<")[0]
    account = Account.objects.get(pk=clerk.member.account_id)
    assert account.check_password(password)
    assert clerk.browser.get("/desk/law").status_code == 302
    assert "no-store" in answer["Cache-Control"]
    clerk.browser.cookies.clear()
    signed = clerk.browser.post("/desk/sign-in", {"username": "clerk", "password": password})
    assert signed["Location"] == "/desk/sign-in/new-password"
    own = {"new_password": "a phrase 9 of mine", "new_password_again": "a phrase 9 of mine"}
    assert clerk.browser.post("/desk/sign-in/new-password", own)["Location"] == "/desk/"
    assert clerk.browser.post("/desk/sign-in", {"username": "clerk", "password": password}).status_code == 422


def test_nobody_gives_themselves_a_new_start_password(first: Desk) -> None:
    assert first.browser.post(f"{page_of(first)}/password").status_code == 403
    assert "/password" not in first.browser.get(page_of(first)).content.decode().replace("/security/password", "")
