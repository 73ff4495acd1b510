"""A lost account is given back by two officers who each saw the document; whatever opened it before ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests.support.city import POINTS, City, a_city
from tests.support.desk import Desk, at_the_desk
from tests.support.law import LIXIA, SHIZHONG
from tests.support.people import Resident, a_resident
from tests.support.sessions import session
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.credentials.papers.tests.reading import text_of
from yizhengtong.foundation.accounts.models import Account, AccountPhone, AccountRecovery, IdentityLink
from yizhengtong.foundation.accounts.phones import keep_phone
from yizhengtong.foundation.accounts.recovering import RECOVERY_HOURS, let_lapse
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.ids import new_id, public_id

HOME = "/desk/accounts/recoveries"
PHONE = "+8613800000001"


@pytest.fixture
def town(db: None, roles: None) -> City:
    return a_city()


@pytest.fixture
def first(town: City) -> Desk:
    return at_the_desk(town, "first", Role.CLERK, office=POINTS[LIXIA])


@pytest.fixture
def second(town: City) -> Desk:
    return at_the_desk(town, "second", Role.SUPERVISOR, office=LIXIA)


@pytest.fixture
def holder(town: City) -> Resident:
    """Somebody of another county, who enters by telephone, app and a real-name service."""
    account = Account.objects.create_user("tel-0123456789abcdef", "an old phrase 7")
    keep_phone(account, PHONE, is_verified=True)
    TOTP.activate(account, "JBSWY3DPEHPK3PXP")
    IdentityLink.objects.create(account=account, service="province", subject="s", subject_index=b"0" * 16)
    return a_resident(account=account, county=SHIZHONG)


def shown(holder: Resident, **changes: str) -> dict[str, str]:
    return {"kind": "hrp", "number": holder.number, "seen": "on", **changes}


def asked(first: Desk, holder: Resident) -> str:
    """Ask for the account; return the address at which a second officer confirms."""
    with requests_as_web():
        answer = first.browser.post(f"{HOME}/new", shown(holder))
    assert answer.status_code == 302, answer.content.decode()
    return f"{HOME}/{public_id('rcv', AccountRecovery.objects.get(state='open').pk)}"


def test_two_officers_give_an_account_back_and_every_old_way_in_ends(
    first: Desk, second: Desk, holder: Resident
) -> None:
    account = holder.person.account
    assert account is not None
    browser = Client()
    browser.cookies["sessionid"] = session(account, has_second_factor=True)
    assert browser.get("/security").status_code == 200
    address = asked(first, holder)
    assert browser.get("/security").status_code == 200, "nothing ends before the second officer"
    with requests_as_web():
        listed = second.browser.get(HOME).content.decode()
        assert address in listed
        assert holder.person.name not in listed
        assert second.browser.get(address).status_code == 200
        answer = second.browser.post(address, shown(holder))
        assert answer["Location"] == "/desk/accounts/slip"
        told = text_of(second.browser.post("/desk/accounts/slip/account_slip.pdf").content)
        assert second.browser.get(address).status_code == 404
    assert browser.get("/security").status_code == 302
    for ways in (AccountPhone, IdentityLink):
        assert not ways.objects.exists()
    assert not Authenticator.objects.filter(user=account).exists()
    account.refresh_from_db()
    assert not account.check_password("an old phrase 7")
    assert account.username in told
    assert account.username.startswith("yzt-")
    password = re.search(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}", told)
    assert password is not None
    entering = Client()
    sent = entering.post("/sign-in", {"username": account.username, "password": password[0]})
    assert sent["Location"] == "/sign-in/new-password"
    holder.person.refresh_from_db()
    assert holder.person.account_id == account.pk


def test_both_acts_are_on_record_and_the_holder_is_told(first: Desk, second: Desk, holder: Resident) -> None:
    address = asked(first, holder)
    second.browser.post(address, shown(holder))
    acts = set(Entry.objects.filter(person_id=holder.person.pk).values_list("action", "actor_id"))
    assert ("people.ask_recovery", first.principal.id) in acts
    assert ("people.recover_account", second.principal.id) in acts
    assert Event.objects.get(kind="accounts.recovered").person_id == holder.person.pk


def test_who_asked_does_not_confirm(first: Desk, holder: Resident) -> None:
    address = asked(first, holder)
    assert "提出的人不能自己确认" in first.browser.get(address).content.decode()
    assert first.browser.post(address, shown(holder)).status_code == 403
    with pytest.raises(IntegrityError, match="accounts_second_officer_recovers"), transaction.atomic():
        AccountRecovery.objects.update(state="done", decided_by=first.principal.id)
    assert AccountPhone.objects.exists()


def test_the_second_officer_shows_the_same_persons_document(first: Desk, second: Desk, holder: Resident) -> None:
    other = a_resident(account=Account.objects.create_user("other", "x"))
    address = asked(first, holder)
    for number, status in ((other.number, 409), ("H12", 422), ("H12345678", 409)):
        assert second.browser.post(address, shown(holder, number=number)).status_code == status, number
    assert second.browser.post(address, shown(holder, seen="")).status_code == 422
    assert AccountPhone.objects.exists()


def test_only_a_living_account_of_a_resident_is_asked_for_and_once_at_a_time(first: Desk, holder: Resident) -> None:
    nobody = a_resident()
    assert first.browser.post(f"{HOME}/new", shown(nobody)).status_code == 409
    officers = a_resident(account=first.member.account)
    assert first.browser.post(f"{HOME}/new", shown(officers)).status_code == 409
    asked(first, holder)
    assert first.browser.post(f"{HOME}/new", shown(holder)).status_code == 409


def test_either_lets_it_come_to_nothing(first: Desk, second: Desk, holder: Resident) -> None:
    for desk in (first, second):
        address = asked(first, holder)
        with requests_as_web():
            assert desk.browser.post(f"{address}/decline").status_code == 302
            assert second.browser.post(address, shown(holder)).status_code == 404
    assert AccountPhone.objects.exists()


def test_what_nobody_confirms_in_time_is_over_and_can_be_asked_for_anew(
    first: Desk, second: Desk, holder: Resident
) -> None:
    address = asked(first, holder)
    AccountRecovery.objects.update(asked_at=timezone.now() - timedelta(hours=RECOVERY_HOURS, minutes=1))
    with requests_as_web():
        assert second.browser.post(address, shown(holder)).status_code == 404
    asked(first, holder)
    assert AccountRecovery.objects.filter(state="declined").count() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=RECOVERY_HOURS + 1)), as_web(role="yzt_worker"):
        assert let_lapse() == 1


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.CLERK, Role.SUPERVISOR}])
def test_no_other_role_takes_part(town: City, first: Desk, holder: Resident, role: Role) -> None:
    officer = at_the_desk(town, "officer", role, office=LIXIA)
    address = asked(first, holder)
    for each in (HOME, f"{HOME}/new", address):
        assert officer.browser.get(each).status_code == 403
    for each in (f"{HOME}/new", address, f"{address}/decline"):
        assert officer.browser.post(each, shown(holder)).status_code == 403


def test_another_area_finds_nothing(town: City, first: Desk, holder: Resident) -> None:
    elsewhere = at_the_desk(town, "elsewhere", Role.CLERK, Role.SUPERVISOR, office=SHIZHONG)
    address = asked(first, holder)
    with requests_as_web():
        assert address not in elsewhere.browser.get(HOME).content.decode()
        for each in (address, f"{HOME}/{public_id('rcv', new_id())}", f"{HOME}/x"):
            assert elsewhere.browser.get(each).status_code == 404
            assert elsewhere.browser.post(each, shown(holder)).status_code == 404
            assert elsewhere.browser.post(f"{each}/decline").status_code == 404


def test_a_supervisor_asks_for_none(second: Desk, holder: Resident) -> None:
    assert second.browser.get(f"{HOME}/new").status_code == 403
    assert f"{HOME}/new" not in second.browser.get(HOME).content.decode()
    assert second.browser.post(f"{HOME}/new", shown(holder)).status_code == 403


def reached(page: Any) -> str:
    return str(page.content.decode())


def test_it_is_reached_by_links(first: Desk, second: Desk) -> None:
    assert f'"{HOME}"' in reached(first.browser.get("/desk/accounts/new"))
    assert f'"{HOME}/new"' in reached(first.browser.get(HOME))
    assert f'"{HOME}"' in reached(second.browser.get("/desk/"))
