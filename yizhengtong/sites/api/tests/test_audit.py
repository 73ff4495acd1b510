"""Auditors look into the trail of their area, with a purpose, and that is on record."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client

from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import principal_for
from yizhengtong.foundation.accounts.sessions import SessionStore
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.trail import record_act, record_read
from yizhengtong.kernel.ids import new_id, public_id

pytestmark = pytest.mark.django_db
PERSON = UUID("01a1fc91-11e1-774a-ae93-83e9305bbe90")
Ask = Callable[..., Any]


@pytest.fixture
def ask(roles: None, city: Any) -> Iterator[Ask]:
    def asked(username: str, query: str) -> Any:
        token = session_with_second_factor(Account.objects.get(username=username))
        return Client().get(f"/api/staff/audit?{query}", headers={"X-Session-Token": token})

    for username in ("demo-clerk", "demo-shizhong"):
        clerk = principal_for(Account.objects.get(username=username))
        assert clerk is not None
        record_read("people.read", by=clerk, on=("person", PERSON), person_id=PERSON, purpose="casework")
    with requests_as_web():
        yield asked


OF_PERSON = f"purpose=complaint&person_id={public_id('per', PERSON)}"


def test_the_auditor_of_the_top_office_sees_who_read_whose_data_and_is_on_record(ask: Ask) -> None:
    answer = ask("demo-auditor", OF_PERSON)
    assert answer.status_code == 200, answer.content
    seen = [entry for entry in answer.json()["items"] if entry["action"] == "people.read"]
    assert [entry["officer"] for entry in seen] == ["demo-shizhong", "demo-clerk"]
    assert all(entry["office"] and entry["purpose"] == "casework" for entry in seen)
    recorded = Entry.objects.get(action="audit.search")
    assert (recorded.kind, recorded.purpose, recorded.fields) == ("read", "complaint", ["person_id"])
    assert recorded.person_id == PERSON


def test_an_auditor_below_sees_the_officers_of_the_own_area_alone(ask: Ask) -> None:
    clerk = StaffMember.objects.get(account__username="demo-clerk")
    StaffMember.objects.filter(account__username="demo-auditor").update(office=clerk.office)
    record_act("checks.match", by=_partner(), on=("check", None), person_id=PERSON)
    seen = ask("demo-auditor", OF_PERSON).json()["items"]
    assert {entry["officer"] for entry in seen} <= {"demo-clerk", "demo-auditor"}
    assert "demo-clerk" in {entry["officer"] for entry in seen}


def session_with_second_factor(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session["account_authentication_methods"] = [{"method": "password"}, {"method": "mfa"}]
    session.create()
    return str(session.session_key)


def _partner() -> Any:
    from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind

    return Principal(PrincipalKind.PARTNER, new_id())


@pytest.mark.parametrize("username", ["demo-clerk", "demo-shizhong"])
def test_no_other_role_opens_the_trail(ask: Ask, username: str) -> None:
    answer = ask(username, OF_PERSON)
    assert (answer.status_code, answer.json()["code"]) == (403, "accounts.role_missing")
    assert not Entry.objects.filter(action="audit.search").exists()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"person_id={public_id('per', PERSON)}", 422),
        ("purpose=curiosity&since=2026-01-01&until=2027-01-01", 422),
        ("purpose=complaint", 422),
        ("purpose=complaint&since=2026-01-01", 422),
        ("purpose=complaint&since=2026-01-01&until=2027-01-01&officer=nobody-here", 404),
        ("purpose=complaint&since=2026-01-01&until=2027-01-01&office=none", 404),
        ("purpose=complaint&since=2026-01-01&until=2027-01-01&cursor=WyJ4Il0", 422),
        ("purpose=complaint&person_id=per_x", 404),
    ],
)
def test_a_question_without_purpose_or_bounds_is_refused(ask: Ask, query: str, status: int) -> None:
    assert ask("demo-auditor", query).status_code == status


def test_days_officer_and_office_narrow_the_answer_and_pages_read_on(ask: Ask) -> None:
    office = Office.objects.get(staff__account__username="demo-clerk")
    days = "purpose=inspection&since=2020-01-01&until=2099-01-01"
    by_officer = ask("demo-auditor", f"{days}&officer=demo-clerk&action=people.read").json()["items"]
    assert [entry["officer"] for entry in by_officer] == ["demo-clerk"]
    by_office = ask("demo-auditor", f"{days}&office={office.code}").json()["items"]
    assert {entry["office"] for entry in by_office} == {office.code}
    first = ask("demo-auditor", f"{days}&action=people.read&limit=1").json()
    second = ask("demo-auditor", f"{days}&action=people.read&limit=1&cursor={first['next']}").json()
    assert [page["items"][0]["officer"] for page in (first, second)] == ["demo-shizhong", "demo-clerk"]
    assert second["next"] is None
