"""Offices, officers, and the first administrator."""

from collections.abc import Collection

from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict


@use_case
def create_office(*, code: str, name: str, region: str, parent: Office | None, by: Principal) -> Office:
    """Create an office below its parent. Raises Conflict `accounts.office_exists`."""
    path = f"{parent.path}.{code}" if parent else code
    office = Office(code=code, name=name, region=region, parent=parent, path=path)
    try:
        with transaction.atomic():
            office.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("accounts.office_exists") from error
    record_act("accounts.create_office", by=by, on=("office", office.pk), person_id=None)
    return office


@use_case
def appoint_officer(
    *,
    username: str,
    password: str,
    name: str,
    office: Office,
    roles: Collection[Role],
    by: Principal,
    is_demonstration: bool = False,
) -> StaffMember:
    """Make an account for an officer. The second factor is set up by the officer. Raises Conflict.

    The caller shows the password once, or lets the officer choose it.
    """
    if Account.objects.filter(username=username).exists():
        raise Conflict("accounts.username_taken")
    account = Account(username=username, is_demonstration=is_demonstration)
    account.set_password(password)
    account.save()
    member = StaffMember.objects.create(
        account=account, office=office, name=name, roles=sorted(role.value for role in roles)
    )
    record_act("accounts.appoint_officer", by=by, on=("staff_member", member.pk), person_id=None)
    return member


@use_case
def appoint_first_administrator(
    *, username: str, password: str, name: str, office: Office, by: Principal
) -> StaffMember:
    """Appoint the administrator of a new deployment. Raises Conflict `accounts.administrator_exists` afterwards."""
    if StaffMember.objects.filter(roles__contains=[Role.ADMINISTRATOR]).exists():
        raise Conflict("accounts.administrator_exists")
    return appoint_officer(
        username=username, password=password, name=name, office=office, roles=[Role.ADMINISTRATOR], by=by
    )
