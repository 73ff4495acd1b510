"""Appointing officers, and the first administrator of a deployment exactly once."""

import pytest
from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import SYSTEM, PrincipalKind, principal_for
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_first_administrator, appoint_officer
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office.objects.create(code="370102", name="历下分局", region="370102", path="370100.370102")


def appoint(office: Office, username: str = "officer-li", *roles: Role) -> StaffMember:
    return appoint_officer(
        username=username,
        password="Longer-than-8",
        name="李受理",
        office=office,
        roles=roles or [Role.CLERK],
        by=SYSTEM,
    )


def test_an_officer_signs_in_with_an_account_and_has_office_and_roles(office: Office) -> None:
    member = appoint(office, "officer-li", Role.REVIEWER, Role.CLERK)
    assert member.account.check_password("Longer-than-8")
    principal = principal_for(Account.objects.get(username="officer-li"), has_second_factor=True)
    assert principal is not None
    assert (principal.kind, principal.id) == (PrincipalKind.STAFF, member.account.pk)
    assert (principal.office_id, principal.office_path, principal.office_region) == (
        office.pk, "370100.370102", "370102",
    )  # fmt: skip
    assert principal.roles == {Role.CLERK, Role.REVIEWER}
    assert principal.has_second_factor


def test_an_appointment_is_in_the_audit_trail(office: Office) -> None:
    member = appoint(office)
    entry = Entry.objects.get(action="accounts.appoint_officer")
    assert (entry.object_kind, entry.object_id) == ("staff_member", member.pk)


def test_a_username_is_taken_once(office: Office) -> None:
    appoint(office)
    with pytest.raises(Conflict) as refusal:
        appoint(office)
    assert refusal.value.code == "accounts.username_taken"
    assert Account.objects.filter(username="officer-li").count() == 1


def test_an_officer_without_a_role_cannot_be_stored(office: Office) -> None:
    with pytest.raises(IntegrityError, match="accounts_staff_has_a_role"), transaction.atomic():
        StaffMember.objects.create(
            account=Account.objects.create(username="nobody"), office=office, name="李", roles=[]
        )


def test_an_account_without_an_appointment_is_a_resident() -> None:
    principal = principal_for(Account.objects.create(username="resident"))
    assert principal is not None
    assert principal.kind == PrincipalKind.RESIDENT
    assert principal.roles == frozenset()
    assert not principal.office_path


def test_an_officer_who_no_longer_serves_is_nobody(office: Office) -> None:
    member = appoint(office)
    member.is_serving = False
    member.save()
    assert principal_for(Account.objects.get(pk=member.account_id)) is None


def test_the_first_administrator_is_appointed_once(office: Office) -> None:
    first = appoint_first_administrator(
        username="root-1", password="Longer-than-8", name="甲", office=office, by=SYSTEM
    )
    assert first.roles == ["administrator"]
    with pytest.raises(Conflict) as refusal:
        appoint_first_administrator(username="root-2", password="Longer-than-8", name="乙", office=office, by=SYSTEM)
    assert refusal.value.code == "accounts.administrator_exists"
    assert not Account.objects.filter(username="root-2").exists()


def test_an_administrator_who_left_still_counts_so_that_nobody_appoints_oneself(office: Office) -> None:
    first = appoint_first_administrator(
        username="root-1", password="Longer-than-8", name="甲", office=office, by=SYSTEM
    )
    first.is_serving = False
    first.save()
    with pytest.raises(Conflict):
        appoint_first_administrator(username="root-2", password="Longer-than-8", name="乙", office=office, by=SYSTEM)
