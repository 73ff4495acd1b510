"""Approvals to open a minor's record (未成年人网络保护条例 art. 36): who asks, who grants, until when.

The platform's own reading of the article: somebody in charge is a supervisor of the same or a parent office, and never
the asker. No source allows a look without approval in an emergency, so there is none (docs/adr/0025).
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from yizhengtong.foundation.accounts.models import StaffMember
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yizhengtong.law.queries import law_of_personal_data
from yizhengtong.registry.people.constraints import broken_constraint
from yizhengtong.registry.people.models import MinorApproval, Person
from yizhengtong.registry.people.rules import is_minor

State, Reason = MinorApproval.State, MinorApproval.Reason


def ensure_may_open(person: Person, by: Principal, on: date | None = None) -> None:
    """Raise Forbidden `people.minor_needs_approval` where an officer opens a minor's record without an approval.

    Asked after what says that the officer may know of the person at all.
    """
    day = on or legal_day(timezone.now())
    if by.kind == PrincipalKind.STAFF and is_guarded(person, day) and not has_approval(person.pk, by.id, day):
        raise Forbidden("people.minor_needs_approval")


def is_guarded(person: Person, on: date) -> bool:
    """Whether opening a person's record needs an approval on a day, by the pack's `minor.*`.

    Before 2024-01-01 the law asked for none (未成年人网络保护条例 art. 36).
    """
    law = law_of_personal_data(on)
    if law is None or not law.values.get("minor.access_needs_approval"):
        return False
    return is_minor(person.birth_date, law.value("minor.under_age"), on)


def has_approval(person_id: UUID, officer_id: UUID | None, on: date) -> bool:
    """Whether an officer holds an approval for a person on a day."""
    held = MinorApproval.objects.filter(person_id=person_id, officer_id=officer_id, state=State.GRANTED)
    return held.filter(last_day__gte=on).exists()


def approvals_waiting(by: Principal) -> QuerySet[MinorApproval]:
    """Return what waits for a supervisor's word in the area, without opening any name. Raises Forbidden."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    area = MinorApproval.objects.filter(state=State.ASKED, office_path=by.office_path)
    below = MinorApproval.objects.filter(state=State.ASKED, office_path__startswith=f"{by.office_path}.")
    return (area | below).order_by("id")


@use_case
def ask_to_open(*, person: Person, office_path: str, reason: str, words: str, by: Principal) -> MinorApproval:
    """Ask for an approval for oneself. Whether the officer may know of the person is the caller's question.

    Raises Conflict `people.approval_not_needed`, `people.approval_held` or `people.approval_asked`.
    """
    ensure_officer_of(office_path, by)
    day = legal_day(timezone.now())
    if not is_guarded(person, day):
        raise Conflict("people.approval_not_needed")
    if has_approval(person.pk, by.id, day):
        raise Conflict("people.approval_held")
    asked = MinorApproval(person=person, officer_id=by.id, office_path=office_path, reason=reason, words=words)
    _insert(asked)
    _note("people.ask_to_open_minor", asked, by)
    return asked


@use_case
def ask_for_appointment(*, person: Person, office_path: str, starts_at: datetime, by: Principal) -> None:
    """Ask, when a minor's appointment is booked, that officers are named before the day; nothing for an adult."""
    if not is_guarded(person, legal_day(timezone.now())):
        return
    asked = MinorApproval(
        person=person, office_path=office_path, reason=Reason.APPOINTMENT, needed_at=starts_at, officer_id=None
    )
    try:
        _insert(asked)
    except Conflict:  # booked again after a cancelled appointment: it waits already
        return
    _note("people.ask_to_open_minor", asked, by)


@use_case
def decide_approval(
    *, approval_id: UUID, granted: bool, officers: Sequence[str], words: str, by: Principal
) -> MinorApproval:
    """Grant or refuse. `officers`: user names, where a booking asked and nobody is named yet.

    It holds for YZT_MINOR_APPROVAL_DAYS: no source says how long. Raises NotFound outside the area,
    Forbidden `people.approves_self`, Conflict `people.approval_decided`, Invalid `people.approval_names_officers`.
    """
    approval = _locked(approval_id, by)
    if approval.officer_id == by.id:
        raise Forbidden("people.approves_self")
    if approval.state != State.ASKED:
        raise Conflict("people.approval_decided")
    named = _named(approval, officers, by) if granted and approval.officer_id is None else []
    approval.state = (State.ANSWERED if named else State.GRANTED) if granted else State.REFUSED
    approval.decided_by, approval.decided_at, approval.decision_words = by.id, timezone.now(), words
    approval.last_day = _last_day() if approval.state == State.GRANTED else None
    approval.save()
    _note("people.grant_minor" if granted else "people.refuse_minor", approval, by)
    for officer_id in named:
        _grant(approval, officer_id, by)
    return approval


def _grant(booked: MinorApproval, officer_id: UUID, by: Principal) -> None:
    granted = MinorApproval.objects.create(
        person_id=booked.person_id, officer_id=officer_id, office_path=booked.office_path, reason=booked.reason,
        state=State.GRANTED, needed_at=booked.needed_at, decided_by=by.id, decided_at=booked.decided_at,
        last_day=_last_day(),
    )  # fmt: skip
    _note("people.grant_minor", granted, by)


def _named(approval: MinorApproval, usernames: Sequence[str], by: Principal) -> list[UUID]:
    """Return the accounts of officers whose office is the case's or covers it; all must be there."""
    members = StaffMember.objects.filter(account__username__in=usernames, is_serving=True)
    rows = members.values_list("account_id", "office__path", "account__username")
    fitting = {name: key for key, path, name in rows if f"{approval.office_path}.".startswith(f"{path}.")}
    errors = [
        FieldError(f"officers.{at}", "people.approval_officer_unknown")
        for at, name in enumerate(usernames)
        if name not in fitting
    ]
    if errors or not usernames:
        raise Invalid("people.approval_names_officers", errors=errors)
    if by.id in fitting.values():
        raise Forbidden("people.approves_self")
    return list(dict.fromkeys(fitting.values()))


def _locked(approval_id: UUID, by: Principal) -> MinorApproval:
    approval = MinorApproval.objects.select_for_update().filter(pk=approval_id).first()
    if approval is None:
        raise NotFound("not_found")
    ensure_officer_of(approval.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    return approval


def _insert(asked: MinorApproval) -> None:
    try:
        with transaction.atomic():
            asked.save(force_insert=True)
    except IntegrityError as error:
        if broken_constraint(error) != "people_asked_once":
            raise
        raise Conflict("people.approval_asked") from error


def _last_day() -> date:
    return legal_day(timezone.now()) + timedelta(days=settings.YZT_MINOR_APPROVAL_DAYS)


def _note(action: str, approval: MinorApproval, by: Principal) -> None:
    record_act(
        action, by=by, on=("minor_approval", approval.pk), person_id=approval.person_id, fields=[approval.reason]
    )
