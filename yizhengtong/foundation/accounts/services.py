"""Offices, officers, and the first administrator."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import F

from yizhengtong.foundation.accounts.models import Account, Office, OfficeKind, StaffMember
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, NotFound


@use_case
def create_office(
    *, code: str, name: str, region: str, parent: Office | None, by: Principal, kind: OfficeKind = OfficeKind.POLICE
) -> Office:
    """Create an office below its parent. Raises Conflict `accounts.office_exists`."""
    path = f"{parent.path}.{code}" if parent else code
    office = Office(code=code, name=name, region=region, parent=parent, path=path, kind=kind)
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
    one_time_until: datetime | None = None,
) -> StaffMember:
    """Make an account for an officer. The second factor is set up by the officer. Raises Conflict.

    The caller shows the password once, or lets the officer choose it. `one_time_until`: until when it is good for
    choosing one's own, and for nothing else.
    """
    if Account.objects.filter(username=username).exists():
        raise Conflict("accounts.username_taken")
    account = Account(username=username, is_demonstration=is_demonstration, one_time_until=one_time_until)
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


def end_sessions(account_id: UUID) -> None:
    """End every session of an account, and every sign-in that waits for a second factor; the password stays."""
    Account.objects.filter(pk=account_id).update(sessions_ended=F("sessions_ended") + 1)


def office_for_new_work(code: str) -> Office | None:
    """Return the office that takes in what is sent to this code, the one it was merged into where it was; or None.

    The row is held against a merge until the transaction ends: nothing new arrives at an office that goes meanwhile.
    """
    found = Office.objects.raw(_HELD, [code])
    office = next(iter(found), None)
    while office is not None and office.merged_into is not None:
        office = office.merged_into
    return office


_HELD = "SELECT * FROM accounts_office WHERE code = %s FOR KEY SHARE"


@use_case
def leave_office(*, username: str, by: Principal) -> StaffMember:
    """End an officer's service: no sign-in, no session, no second factor. What they did stays under their name.

    Raises NotFound `accounts.officer_unknown`, Conflict `accounts.last_administrator`.
    """
    serving = StaffMember.objects.select_for_update(of=("self",)).defer("name").filter(is_serving=True)
    administrators = list(serving.filter(roles__contains=[Role.ADMINISTRATOR]).order_by("pk"))
    member = serving.filter(account__username=username).select_related("account").first()
    if member is None:
        raise NotFound("accounts.officer_unknown")
    if administrators == [member]:
        raise Conflict("accounts.last_administrator")
    member.is_serving = False
    member.save(update_fields=["is_serving"])
    account = member.account
    account.is_active = False
    account.set_unusable_password()  # ends every session too: they carry a hash of it
    account.save(update_fields=["is_active", "password"])
    Authenticator.objects.filter(user=account).delete()
    record_act("accounts.leave_office", by=by, on=("staff_member", member.pk), person_id=None)
    return member
