"""Administration: an account is one person's, and whoever gains a role gains it by two administrators."""

import html
import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.city import City, a_city
from tests.support.desk import Desk, at_the_desk, browser_of
from tests.support.law import JINAN, LIXIA, SHIZHONG
from tests.support.threads import at_once
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.administration import (
    confirm_request,
    propose_appointment,
    propose_move,
    propose_roles,
)
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember, StaffRequest
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound
from yizhengtong.kernel.ids import public_id

HOME = "/desk/administration"


@pytest.fixture
def town(db: None) -> City:
    return a_city()


@pytest.fixture
def first(town: City) -> Desk:
    return at_the_desk(town, "first", Role.ADMINISTRATOR, office=JINAN)


@pytest.fixture
def second(town: City) -> Desk:
    return at_the_desk(town, "second", Role.ADMINISTRATOR, office=JINAN)


@pytest.fixture
def clerk(town: City) -> Desk:
    return at_the_desk(town, "clerk", Role.CLERK, office=LIXIA)


def officer_page(desk: Desk) -> str:
    return f"{HOME}/officers/{public_id('stf', desk.member.pk)}"


def proposed(by: Desk, address: str, **form: object) -> str:
    """Send a proposal in by its form; return the address of the request."""
    answer = by.browser.post(address, form)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return str(answer["Location"])


def fresh(desk: Desk) -> StaffMember:
    return StaffMember.objects.get(pk=desk.member.pk)


def test_an_officer_is_appointed_by_two_administrators_with_an_account_of_their_own(
    town: City, first: Desk, second: Desk
) -> None:
    request = proposed(
        first, f"{HOME}/offices/{LIXIA}/new-officer", name="甄新", username="new.officer", roles=["clerk", "reviewer"]
    )
    assert not Account.objects.filter(username="new.officer").exists()
    assert f'action="{request}/confirmation"' not in first.browser.get(request).content.decode()
    assert first.browser.post(f"{request}/confirmation").status_code == 403
    assert not Account.objects.filter(username="new.officer").exists()
    answer = second.browser.post(f"{request}/confirmation")
    password = re.search(r'<p class="number">([^<]+)</p>', answer.content.decode())
    assert password is not None
    assert "no-store" in answer["Cache-Control"]
    member = StaffMember.objects.get(account__username="new.officer")
    assert (member.name, member.roles, member.office.code) == ("甄新", ["clerk", "reviewer"], LIXIA)
    assert member.account.check_password(password[1])
    assert second.browser.post(f"{request}/confirmation").status_code == 404
    acts = list(Entry.objects.filter(action__startswith="accounts.").order_by("id").values_list("action", "actor_id"))
    assert ("accounts.propose_appoint", first.principal.id) in acts
    assert ("accounts.request_confirmed", second.principal.id) in acts


def test_roles_change_only_once_a_second_administrator_confirms(first: Desk, second: Desk, clerk: Desk) -> None:
    request = proposed(first, f"{officer_page(clerk)}/roles", roles=["approver"])
    assert fresh(clerk).roles == ["clerk"]
    second.browser.post(f"{request}/confirmation")
    assert fresh(clerk).roles == ["approver"]


def test_an_officer_moves_only_once_a_second_administrator_confirms(first: Desk, second: Desk, clerk: Desk) -> None:
    request = proposed(first, f"{officer_page(clerk)}/office", office=SHIZHONG)
    assert fresh(clerk).office.code == LIXIA
    second.browser.post(f"{request}/confirmation")
    assert fresh(clerk).office.code == SHIZHONG


def test_a_request_comes_to_nothing_where_either_says_so(first: Desk, second: Desk, clerk: Desk) -> None:
    for desk in (first, second):
        request = proposed(first, f"{officer_page(clerk)}/roles", roles=["approver"])
        assert desk.browser.post(f"{request}/decline").status_code == 302
        assert second.browser.post(f"{request}/confirmation").status_code == 404
    assert fresh(clerk).roles == ["clerk"]


def test_one_change_of_an_officer_waits_at_a_time(first: Desk, clerk: Desk) -> None:
    proposed(first, f"{officer_page(clerk)}/roles", roles=["approver"])
    assert first.browser.post(f"{officer_page(clerk)}/roles", {"roles": ["reviewer"]}).status_code == 422
    with pytest.raises(Conflict, match=r"accounts\.request_open"):
        propose_move(member_id=clerk.member.pk, office=Office.objects.get(code=SHIZHONG), by=first.principal)


def test_nobody_changes_or_confirms_what_concerns_themselves(first: Desk, second: Desk) -> None:
    with pytest.raises(Forbidden, match=r"accounts\.not_oneself"):
        propose_roles(member_id=first.member.pk, roles=[Role.AUDITOR], by=first.principal)
    request = propose_roles(member_id=second.member.pk, roles=[Role.AUDITOR], by=first.principal)
    with pytest.raises(Forbidden, match=r"accounts\.not_oneself"):
        confirm_request(request_id=request.pk, by=second.principal)
    for step in ("end", "second-factors"):
        assert first.browser.post(f"{officer_page(first)}/{step}").status_code == 403


def test_the_database_itself_refuses_one_person_for_both(first: Desk, clerk: Desk) -> None:
    asked = propose_roles(member_id=clerk.member.pk, roles=[Role.AUDITOR], by=first.principal)
    with pytest.raises(IntegrityError, match="accounts_second_person_confirms"), transaction.atomic():
        StaffRequest.objects.filter(pk=asked.pk).update(state="confirmed", decided_by=first.principal.id)


def test_a_service_ends_at_once_and_its_sessions_with_it(first: Desk, clerk: Desk) -> None:
    assert clerk.browser.get("/desk/law").status_code == 200
    assert first.browser.post(f"{officer_page(clerk)}/end").status_code == 302
    assert not fresh(clerk).is_serving
    assert clerk.browser.get("/desk/law").status_code == 302
    assert first.browser.get(officer_page(clerk)).status_code == 404


def test_lost_second_factors_are_taken_away_and_the_password_stays(first: Desk, clerk: Desk) -> None:
    TOTP.activate(clerk.member.account, "JBSWY3DPEHPK3PXP")
    assert "验证器" in first.browser.get(officer_page(clerk)).content.decode()
    first.browser.post(f"{officer_page(clerk)}/second-factors")
    assert not Authenticator.objects.filter(user=clerk.member.account).exists()
    assert clerk.member.account.check_password("Jinan-test-1!")


def test_offices_are_added_and_named_within_the_area(town: City, first: Desk) -> None:
    form = {"code": "370102-09", "name": "历下分局新派出所", "kind": "police", "region": ""}
    assert first.browser.post(f"{HOME}/offices/{LIXIA}/new-office", form).status_code == 302
    assert first.browser.post(f"{HOME}/offices/{LIXIA}/new-office", form).status_code == 422
    made = Office.objects.get(code="370102-09")
    above = town.offices[LIXIA]
    assert (made.parent, made.region, made.path) == (above, LIXIA, f"{above.path}.370102-09")
    first.browser.post(f"{HOME}/offices/370102-09/name", {"name": "历下分局东派出所"})
    made.refresh_from_db()
    assert made.name == "历下分局东派出所"


def test_a_shared_or_taken_user_name_is_refused(first: Desk, clerk: Desk) -> None:
    address = f"{HOME}/offices/{LIXIA}/new-officer"
    for username in ("clerk", "A B", "", "13800000000000000000x" * 4):
        answer = first.browser.post(address, {"name": "甄新", "username": username, "roles": ["clerk"]})
        assert answer.status_code == 422, username


def addresses(clerk: Desk) -> list[str]:
    below = ("", "/roles", "/office", "/second-factors", "/end")
    offices = [f"{HOME}/offices/{LIXIA}{rest}" for rest in ("", "/name", "/new-office", "/new-officer")]
    return [HOME, *offices, *(officer_page(clerk) + rest for rest in below)]


@pytest.mark.parametrize("role", list(Role))
def test_every_address_is_for_administrators_alone(town: City, clerk: Desk, role: Role) -> None:
    officer = at_the_desk(town, "officer", role, office=JINAN)
    for address in addresses(clerk):
        expected = 200 if role == Role.ADMINISTRATOR else 403
        assert officer.browser.get(address).status_code == expected, address


def test_an_administrator_elsewhere_finds_nothing(town: City, first: Desk, clerk: Desk) -> None:
    request = proposed(first, f"{officer_page(clerk)}/roles", roles=["approver"])
    elsewhere = at_the_desk(town, "elsewhere", Role.ADMINISTRATOR, office=SHIZHONG)
    for address in [*addresses(clerk)[1:], request]:
        assert elsewhere.browser.get(address).status_code == 404, address
    assert elsewhere.browser.post(f"{request}/confirmation").status_code == 404
    assert elsewhere.browser.post(f"{officer_page(clerk)}/end").status_code == 404
    with pytest.raises(NotFound):
        confirm_request(request_id=StaffRequest.objects.get().pk, by=elsewhere.principal)


def test_without_a_second_factor_nothing_is_administered(town: City, first: Desk, clerk: Desk) -> None:
    weak = browser_of(first.member, has_second_factor=False)
    for address in addresses(clerk):
        assert weak.get(address).status_code == 403, address


def test_a_list_of_officers_asks_as_often_for_many_as_for_few(town: City, first: Desk, clerk: Desk) -> None:
    page = f"{HOME}/offices/{LIXIA}"
    first.browser.get(page)
    with CaptureQueriesContext(connection) as few:
        first.browser.get(page)
    for number in range(5):
        at_the_desk(town, f"more-{number}", Role.CLERK, office=LIXIA)
    with CaptureQueriesContext(connection) as many:
        assert "试more-4" in first.browser.get(page).content.decode()
    assert len(many) == len(few)


def test_the_web_role_may_do_all_of_it(town: City, first: Desk, second: Desk, clerk: Desk, roles: None) -> None:
    with requests_as_web():
        for address in addresses(clerk):
            assert first.browser.get(address).status_code == 200, address
        request = proposed(
            first, f"{HOME}/offices/{LIXIA}/new-officer", name="甄新", username="new.officer", roles=["clerk"]
        )
        assert "甄新" in second.browser.get(request).content.decode()
        assert second.browser.post(f"{request}/confirmation").status_code == 200
        request = proposed(first, f"{officer_page(clerk)}/office", office=SHIZHONG)
        assert second.browser.post(f"{request}/confirmation").status_code == 200
        form = {"code": "370102-09", "name": "历下分局新派出所", "kind": "police", "region": ""}
        assert first.browser.post(f"{HOME}/offices/{LIXIA}/new-office", form).status_code == 302
        assert first.browser.post(f"{HOME}/offices/370102-09/name", {"name": "新名"}).status_code == 302
        assert first.browser.post(f"{officer_page(clerk)}/end").status_code == 302
    assert StaffMember.objects.get(account__username="new.officer").name == "甄新"
    assert not fresh(clerk).is_serving


def test_a_start_password_opens_nothing_but_the_choice_of_ones_own(
    town: City, first: Desk, second: Desk, roles: None
) -> None:
    """Whoever confirmed has seen it: it must not stay good, or the second person is the first one's shadow."""
    address = f"{HOME}/offices/{LIXIA}/new-officer"
    request = proposed(first, address, name="甄新", username="new.officer", roles=["administrator"])
    page = second.browser.post(f"{request}/confirmation").content.decode()
    given = html.unescape(re.findall(r'<p class="number">([^<]+)</p>', page)[0])
    browser = Client()
    with requests_as_web():
        entered = browser.post("/desk/sign-in", {"username": "new.officer", "password": given})
        assert entered["Location"] == "/desk/sign-in/new-password"
        assert browser.get("/desk/law").status_code == 302
        own = {"new_password": "a phrase 9 of mine", "new_password_again": "a phrase 9 of mine"}
        assert browser.post("/desk/sign-in/new-password", own)["Location"] == "/desk/"
        assert browser.get("/desk/security").status_code == 200
        again = Client().post("/desk/sign-in", {"username": "new.officer", "password": given})
    assert again.status_code == 422


def test_an_office_below_lies_in_the_region_of_the_one_above(town: City, first: Desk) -> None:
    form = {"code": "elsewhere", "name": "外地派出所", "kind": "police", "region": "110101"}
    assert first.browser.post(f"{HOME}/offices/{JINAN}/new-office", form).status_code == 422
    assert not Office.objects.filter(code="elsewhere").exists()
    assert first.browser.post(f"{HOME}/offices/{JINAN}/new-office", form | {"region": LIXIA}).status_code == 302


@pytest.mark.parametrize("username", ["13800000001", "110101199003072", "h1234567801"])
def test_an_officers_user_name_which_lies_open_is_no_number_of_theirs(first: Desk, username: str) -> None:
    form = {"name": "甄新", "username": username, "roles": ["clerk"]}
    assert first.browser.post(f"{HOME}/offices/{LIXIA}/new-officer", form).status_code == 422
    assert not StaffRequest.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_at_once_appoint_one_officer(transactional_db: None) -> None:
    town = a_city()
    first, second, third = (
        at_the_desk(town, name, Role.ADMINISTRATOR, office=JINAN) for name in ("first", "second", "third")
    )
    asked = propose_appointment(
        username="new.officer", name="甄新", office=town.offices[LIXIA], roles=[Role.CLERK], by=first.principal
    )
    acts = [lambda by=by: confirm_request(request_id=asked.pk, by=by.principal) for by in (second, third)]
    assert sorted(at_once([acts])[0]) == ["", "not_found"]
    assert StaffMember.objects.filter(account__username="new.officer").count() == 1
