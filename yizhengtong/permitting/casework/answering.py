"""Which officer answers for which rule of the system at an office (D24)."""

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yizhengtong.foundation.accounts.models import Office, StaffMember
from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.law.law import Law
from yizhengtong.permitting.casework.models import Answering

_ANSWERING = """
    SELECT answering.office_id, answering.rule, answering.officer_id FROM casework_answering answering
    JOIN accounts_staffmember member ON member.account_id = answering.officer_id AND member.is_serving
    WHERE answering.until IS NULL AND answering.office_id = ANY(%s)
"""
"""Who no longer serves answers for nothing: the rule is silent until somebody else is named."""


def answering_for(office_ids: Collection[UUID]) -> Mapping[tuple[UUID, str], UUID]:
    """Return the serving officer who answers now, by office and rule."""
    with connection.cursor() as cursor:
        cursor.execute(_ANSWERING, [list(office_ids)])
        return {(office_id, rule): officer_id for office_id, rule, officer_id in cursor.fetchall()}


def answering_in_area(by: Principal) -> list[Answering]:
    """Return who answers for what in an officer's area."""
    ensure_officer_of(by.office_path, by)
    found = Answering.objects.filter(until=None, office_path__startswith=by.office_path).select_related("office")
    return [each for each in found.order_by("office_path", "rule") if by.covers(each.office_path)]


@use_case
def name_answering(*, office: Office, rule: str, username: str, law: Law, on: date, by: Principal) -> Answering:
    """Name the officer who answers for a rule at an office; who did before no longer does.

    Raises NotFound, Forbidden, Invalid `casework.rule_unknown` or `casework.officer_cannot_answer` (of another office,
    or not appointed to that opinion), Conflict `casework.answers_for_another_rule`.
    """
    ensure_may_name(office, by)
    named = law.values.get("decide.system_rules") or ()
    opinion = next((each.opinion for each in named if each.rule == rule), None)
    if opinion is None:
        raise Invalid("casework.rule_unknown")
    serving = StaffMember.objects.filter(account__username=username, office=office, is_serving=True)
    officer_id = serving.filter(roles__contains=[opinion]).values_list("account_id", flat=True).first()
    if officer_id is None:
        raise Invalid("casework.officer_cannot_answer")
    Answering.objects.filter(office=office, rule=rule, until=None).update(until=on)
    answering = Answering(
        office=office, office_path=office.path, rule=rule, officer_id=officer_id, named_by=by.id, since=on
    )
    try:
        with transaction.atomic():
            answering.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("casework.answers_for_another_rule") from error
    record_act("casework.name_answering", by=by, on=("answering", answering.pk), person_id=None, fields=[rule])
    return answering


def ensure_may_name(office: Office, by: Principal) -> None:
    """Raise unless `by` is a supervisor or administrator whose office covers this one, or the platform itself."""
    if by.kind != PrincipalKind.SYSTEM:
        ensure_officer_of(office.path, by)
        ensure_role(by, Role.SUPERVISOR, Role.ADMINISTRATOR)


def office_of_code(code: str) -> Office:
    """Return an office by its code. Raises NotFound."""
    office = Office.objects.select_related("parent").filter(code=code).first()
    if office is None:
        raise NotFound("not_found")
    return office
