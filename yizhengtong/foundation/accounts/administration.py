"""Offices and officers as administrators look after them: one proposes who may do what, another confirms.

An account is one person's. Who ends a service or takes second factors away acts alone, since it only takes; whatever
gives somebody a role, a place or an account needs two administrators, none of them the officer concerned.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Account, Office, OfficeKind, StaffMember, StaffRequest
from yizhengtong.foundation.accounts.phones import is_personal
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import appoint_officer, create_office, end_sessions, leave_office
from yizhengtong.foundation.accounts.slips import SLIP_DAYS
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.observability.jobs import wake
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.kernel.regions import is_within

_START_PASSWORD_BYTES = 12
_TOLD = timedelta(days=30)
MERGING = "accounts.merge_offices"
"""The task that carries confirmed merges out: it moves rows of every room, which the web may not."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmed request. `start_password`: shown once to be handed over, where there is a new one; else empty."""

    request: StaffRequest
    start_password: str = field(default="", repr=False)


def ensure_may_administer(office_path: str, by: Principal) -> None:
    """Raise unless `by` is an administrator, with a second factor, of that office or one above. NotFound outside."""
    ensure_officer_of(office_path, by)
    ensure_role(by, Role.ADMINISTRATOR)


@use_case
def add_office(*, code: str, name: str, kind: OfficeKind, below: Office, region: str = "", by: Principal) -> Office:
    """Make an office below one of the administrator's area. `region`: GB/T 2260 code, else that of `below`.

    Raises Conflict `accounts.office_exists`, Conflict `accounts.office_merged_already`, Invalid where the region does
    not lie in that of `below`: its law would be another's.
    """
    ensure_may_administer(below.path, by)
    if region and not is_within(region, below.region):
        raise Invalid("web.fields_wrong", errors=[FieldError("region", "accounts.region_outside")])
    if below.merged_into_id:
        raise Conflict("accounts.office_merged_already")
    return create_office(code=code, name=name, region=region or below.region, parent=below, by=by, kind=kind)


@use_case
def rename_office(*, office: Office, name: str, by: Principal) -> Office:
    """Give an office another name; its code and what happened in it stay."""
    ensure_may_administer(office.path, by)
    office.name = name
    office.save(update_fields=["name"])
    record_act("accounts.rename_office", by=by, on=("office", office.pk), person_id=None)
    return office


@use_case
def propose_appointment(
    *, username: str, name: str, office: Office, roles: Collection[Role], by: Principal
) -> StaffRequest:
    """Propose an officer with an account of their own. Raises Invalid with what is wrong at which field."""
    ensure_may_administer(office.path, by)
    taken = Account.objects.filter(username=username).exists() or StaffRequest.objects.filter(
        username=username, state=StaffRequest.State.OPEN
    )
    if taken:
        raise Invalid("web.fields_wrong", errors=[FieldError("username", "accounts.username_taken")])
    if is_personal(username):
        raise Invalid("web.fields_wrong", errors=[FieldError("username", "accounts.username_is_personal")])
    _ensure_some(roles)
    return _propose(StaffRequest.Kind.APPOINT, office, by, username=username, name=name, roles=_sorted(roles))


@use_case
def propose_roles(*, member_id: UUID, roles: Collection[Role], by: Principal) -> StaffRequest:
    """Propose other roles for an officer. Raises Conflict `accounts.roles_held_already`, `.request_open`."""
    member = member_for(member_id, by)
    _ensure_not_oneself(member, by)
    _ensure_some(roles)
    if _sorted(roles) == sorted(member.roles):
        raise Conflict("accounts.roles_held_already")
    return _propose(StaffRequest.Kind.ROLES, member.office, by, member=member, roles=_sorted(roles))


@use_case
def propose_move(*, member_id: UUID, office: Office, by: Principal) -> StaffRequest:
    """Propose that an officer serves at another office of the area. Raises Conflict `accounts.serves_there_already`."""
    member = member_for(member_id, by)
    _ensure_not_oneself(member, by)
    ensure_may_administer(office.path, by)
    if office.pk == member.office_id or office.merged_into_id:
        raise Conflict("accounts.serves_there_already")
    return _propose(StaffRequest.Kind.MOVE, office, by, member=member)


@use_case
def propose_start_password(*, member_id: UUID, by: Principal) -> StaffRequest:
    """Propose a new start password for an officer who has forgotten theirs; the second factors go with the old one."""
    member = member_for(member_id, by)
    _ensure_not_oneself(member, by)
    return _propose(StaffRequest.Kind.PASSWORD, member.office, by, member=member)


@use_case
def propose_merge(*, office: Office, target: Office, by: Principal) -> StaffRequest:
    """Propose that an office goes into another one of the area, with all that belongs to it and the offices below it.

    Raises Conflict `accounts.office_merged_already`, `.office_within_itself`, `.office_is_own`, `.merge_open`.
    """
    _ensure_may_merge(office, target, by)
    return _propose(StaffRequest.Kind.MERGE, office, by, target=target)


def merges_of(by: Principal) -> list[StaffRequest]:
    """Return the confirmed merges of an administrator's area that are not carried out yet, or failed lately."""
    ensure_may_administer(by.office_path, by)
    found = StaffRequest.objects.select_related("office", "target").filter(
        Q(done_at=None) | ~Q(failure="") & Q(done_at__gte=timezone.now() - _TOLD),
        kind=StaffRequest.Kind.MERGE,
        state=StaffRequest.State.CONFIRMED,
    )
    return [each for each in found.order_by("decided_at") if by.covers(each.office_path)]


@use_case
def confirm_request(*, request_id: UUID, by: Principal) -> Confirmed:
    """Bring about what another administrator proposed. Raises Forbidden `accounts.second_person_needed`, NotFound."""
    asked = request_for(request_id, by, lock=True)
    if asked.proposed_by == by.id:
        raise Forbidden("accounts.second_person_needed")
    password = ""
    if asked.kind == StaffRequest.Kind.APPOINT:
        password = secrets.token_urlsafe(_START_PASSWORD_BYTES)
        asked.member = appoint_officer(
            username=asked.username,
            password=password,
            name=asked.name or "",
            office=asked.office,
            roles=[Role(role) for role in asked.roles],
            one_time_until=timezone.now() + timedelta(days=SLIP_DAYS),  # whoever confirms has seen it
            by=by,
        )
    elif asked.kind == StaffRequest.Kind.PASSWORD:
        password = _start_anew(asked, by)
    elif asked.kind == StaffRequest.Kind.MERGE:
        _ensure_may_merge(asked.office, asked.target, by)
        wake(MERGING)
    else:
        _change(asked, by)
    _decide(asked, StaffRequest.State.CONFIRMED, by)
    return Confirmed(asked, password)


@use_case
def decline_request(*, request_id: UUID, by: Principal) -> StaffRequest:
    """Let a request come to nothing: as the second person, or as the one who proposed it."""
    return _decide(request_for(request_id, by, lock=True), StaffRequest.State.DECLINED, by)


@use_case
def end_service(*, member_id: UUID, by: Principal) -> StaffMember:
    """End an officer's service at once. Raises as leave_office, Forbidden `accounts.not_oneself`."""
    member = member_for(member_id, by)
    _ensure_not_oneself(member, by)
    StaffRequest.objects.filter(member=member, state=StaffRequest.State.OPEN).update(
        state=StaffRequest.State.DECLINED, decided_by=by.id, decided_at=timezone.now()
    )
    return leave_office(username=member.account.username, by=by)


@use_case
def reset_second_factors(*, member_id: UUID, by: Principal) -> int:
    """Take an officer's passkeys, authenticators and recovery codes away, after a loss. Returns how many there were.

    Every session ends: one of them may be in what was lost. The password stays the officer's secret; at the next
    sign-in a second factor is set up anew.
    """
    member = member_for(member_id, by)
    _ensure_not_oneself(member, by)
    count: int = Authenticator.objects.filter(user_id=member.account_id).delete()[0]
    end_sessions(member.account_id)
    record_act("accounts.reset_second_factors", by=by, on=("staff_member", member.pk), person_id=None)
    return count


def member_for(member_id: UUID, by: Principal) -> StaffMember:
    """Return an officer who serves in the administrator's area, without the name. Raises NotFound, Forbidden."""
    member = (
        StaffMember.objects.select_related("account", "office").defer("name").filter(pk=member_id, is_serving=True)
    ).first()  # fmt: skip
    if member is None:
        raise NotFound("not_found")
    ensure_may_administer(member.office.path, by)
    return member


def request_for(request_id: UUID, by: Principal, *, lock: bool = False) -> StaffRequest:
    """Return an open request of the administrator's area, not about oneself. Raises NotFound, Forbidden."""
    requests = StaffRequest.objects.select_for_update(of=("self",)) if lock else StaffRequest.objects.all()
    asked = requests.filter(pk=request_id, state=StaffRequest.State.OPEN).select_related("office", "target").first()
    if asked is None:
        raise NotFound("not_found")
    ensure_may_administer(asked.office_path, by)
    if asked.member_id:
        _ensure_not_oneself(member_for(asked.member_id, by), by)
    return asked


def _change(asked: StaffRequest, by: Principal) -> None:
    if asked.member_id is None:
        raise NotFound("not_found")
    member = member_for(asked.member_id, by)
    if asked.kind == StaffRequest.Kind.MOVE:
        member.office = asked.office
        member.save(update_fields=["office"])
    else:
        is_less = bool(set(member.roles) - set(asked.roles))
        member.roles = asked.roles
        member.save(update_fields=["roles"])
        if is_less:
            end_sessions(member.account_id)
    record_act(f"accounts.change_{asked.kind}", by=by, on=("staff_member", member.pk), person_id=None)


def _start_anew(asked: StaffRequest, by: Principal) -> str:
    """Give the officer of a request a new start password in place of everything that opened the account."""
    if asked.member_id is None:
        raise NotFound("not_found")
    account = member_for(asked.member_id, by).account
    password = secrets.token_urlsafe(_START_PASSWORD_BYTES)
    account.set_password(password)  # ends every session too: they carry a hash of it
    account.one_time_until = timezone.now() + timedelta(days=SLIP_DAYS)
    account.save(update_fields=["password", "one_time_until"])
    Authenticator.objects.filter(user=account).delete()
    record_act("accounts.new_start_password", by=by, on=("staff_member", asked.member_id), person_id=None)
    return password


def _ensure_may_merge(office: Office, target: Office | None, by: Principal) -> None:
    if target is None:
        raise NotFound("accounts.office_unknown")
    for each in (office, target):
        ensure_may_administer(each.path, by)
    if office.merged_into_id or target.merged_into_id:
        raise Conflict("accounts.office_merged_already")
    if office.covers(target.path):
        raise Conflict("accounts.office_within_itself")
    if office.pk == by.office_id:
        raise Conflict("accounts.office_is_own")


def _propose(kind: str, office: Office, by: Principal, **what: Any) -> StaffRequest:
    if by.id is None:
        raise Forbidden("accounts.second_person_needed")
    asked = StaffRequest(kind=kind, office=office, office_path=office.path, proposed_by=by.id, **what)
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        is_merge = kind == StaffRequest.Kind.MERGE
        raise Conflict("accounts.merge_open" if is_merge else "accounts.request_open") from error
    record_act(f"accounts.propose_{kind}", by=by, on=("staff_request", asked.pk), person_id=None)
    return asked


def _decide(asked: StaffRequest, state: str, by: Principal) -> StaffRequest:
    asked.state, asked.decided_by, asked.decided_at = state, by.id, timezone.now()
    asked.save(update_fields=["state", "decided_by", "decided_at", "member"])
    record_act(f"accounts.request_{state}", by=by, on=("staff_request", asked.pk), person_id=None)
    return asked


def _ensure_not_oneself(member: StaffMember, by: Principal) -> None:
    if member.account_id == by.id:
        raise Forbidden("accounts.not_oneself")


def _ensure_some(roles: Collection[Role]) -> None:
    if not roles:
        raise Invalid("web.fields_wrong", errors=[FieldError("roles", "accounts.role_needed")])


def _sorted(roles: Collection[Role]) -> list[str]:
    return sorted(role.value for role in roles)
