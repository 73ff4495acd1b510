"""No page of a case leads an officer to an address that answers them 403, and no address opens for who may not."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.support.cases import case_at
from tests.support.law import LIXIA
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.sites.desk.tests.desk import Desk, address_of, signed_in, window_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
_LEADS = re.compile(r'(?:href|action)="(/desk/[^"#?]*)')
_STATES = (CaseState.RECEIVED, CaseState.ACCEPTED, CaseState.REVIEWED, CaseState.APPROVED, CaseState.COMPLETED)


def browser(desk: Desk, role: Role) -> Client:
    return signed_in(
        appoint_officer(
            username=f"offered-{role}", password="Aa1-2345-xyz!", name="陈演示", office=desk.city.offices[LIXIA],
            roles=[role], by=SYSTEM,
        )
    )  # fmt: skip


def led_to(page: Any) -> set[str]:
    """Return the addresses that a page links to or sends forms to, but for signing out."""
    return set(_LEADS.findall(page.content.decode())) - {"/desk/sign-out"}


@pytest.mark.parametrize("role", list(Role))
def test_an_officer_is_led_nowhere_that_is_shut_to_their_role(desk: Desk, role: Role) -> None:
    cases, shut = [case_at(desk.city, state)[0] for state in _STATES], []
    with requests_as_web():
        asking = browser(desk, role)
        starts = ["/desk/", "/desk/window/", *(f(case) for case in cases for f in (address_of, window_of))]
        starts += [f"{address_of(case)}/papers" for case in cases]
        known: set[str] = set()
        for start in starts:
            answer = asking.get(start)
            assert answer.status_code == 200, start
            known |= led_to(answer)
        for address in sorted(known - set(starts)):
            if asking.get(address).status_code in {403, 404, 500}:
                shut.append(address)
    assert shut == []


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CLERK])
def test_only_a_clerk_gets_the_buttons_of_the_window(desk: Desk, role: Role) -> None:
    case, _ = case_at(desk.city, CaseState.RECEIVED)
    asking = browser(desk, role)
    for page in (window_of(case), "/desk/window/", f"{address_of(case)}/papers"):
        found = asking.get(page).content.decode()
        for word in ("/capture/", "/arrived", "photo-receipt", "/window/call", "/window/person", "/printed-form"):
            assert word not in found, (page, word)
    assert "/arrived" in desk.get("clerk", window_of(case)).content.decode()


@pytest.mark.parametrize("role", [role for role in Role if role != Role.CLERK])
def test_nobody_but_a_clerk_takes_an_application_back_for_the_applicant(desk: Desk, role: Role) -> None:
    case, _ = case_at(desk.city, CaseState.RECEIVED)
    asking = browser(desk, role)
    assert asking.get(f"{address_of(case)}/step/withdraw").status_code == 403
    assert asking.post(f"{address_of(case)}/step/withdraw", {"version": case.version}).status_code == 403
    assert Case.objects.get(pk=case.pk).state == CaseState.RECEIVED
    assert desk.step("clerk", case, "withdraw").status_code == 302


_OF_A_CASE = (
    *("", "/papers", "/papers/form.pdf", "/papers/printed-form", "/rating-page", "/minor", "/judgement"),
    *("/step/accept", "/step/withdraw", "/step/post_check", "/permit/void", "/look/photo"),
)
_OF_A_VISIT = ("", "/photo-receipt", "/capture/photo", "/capture/fingerprints", "/papers/dwelling_proof")


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("state", [CaseState.ACCEPTED, CaseState.COMPLETED])
def test_an_unknown_id_and_one_of_another_office_are_both_not_there(desk: Desk, method: str, state: CaseState) -> None:
    case, _ = case_at(desk.city, state)
    there, nowhere = public_id("cas", case.pk), public_id("cas", new_id())
    with requests_as_web():
        for who, ids in (("elsewhere", there), ("clerk", nowhere), ("clerk", "cas_x"), ("clerk", "x")):
            asking = getattr(desk.browsers[who], method)
            for rest in _OF_A_CASE:
                assert asking(f"/desk/cases/{ids}{rest}").status_code == 404, (who, ids, rest)
            for rest in _OF_A_VISIT:
                assert asking(f"/desk/window/cases/{ids}{rest}").status_code == 404, (who, ids, rest)


def test_the_rating_page_is_offered_where_it_can_be_opened_and_says_why_not(desk: Desk) -> None:
    early, _ = case_at(desk.city, CaseState.RECEIVED)
    accepted, _ = case_at(desk.city, CaseState.ACCEPTED)
    for case, status in ((early, 409), (accepted, 200)):
        address = f"{address_of(case)}/rating-page"
        assert desk.get("clerk", address).status_code == status
        assert (address in desk.get("clerk", address_of(case)).content.decode()) == (status == 200)
    assert desk.get("auditor", f"{address_of(accepted)}/rating-page").status_code == 403


def test_who_has_no_second_factor_is_led_to_set_one_up_and_to_nothing_else(desk: Desk) -> None:
    member = appoint_officer(
        username="offered-new", password="Aa1-2345-xyz!", name="陈演示", office=desk.city.offices[LIXIA],
        roles=list(Role), by=SYSTEM,
    )  # fmt: skip
    asking = signed_in(member, has_second_factor=False)
    with requests_as_web():
        assert asking.get("/desk/")["Location"] == "/desk/security"
        found = led_to(asking.get("/desk/security"))
    assert found <= {"/desk/", "/desk/security", *(each for each in found if each.startswith("/desk/security/"))}
