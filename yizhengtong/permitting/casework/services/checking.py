"""A person in the decision's way: the applicant asks for an officer, officers check afterwards what rules approved."""

from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.web.versions import ensure_fresh
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.casework.models import TO_CHECK, Case, PostCheck
from yizhengtong.permitting.casework.policies import ensure_may_know_of, ensure_may_work
from yizhengtong.permitting.casework.services.automatic import ASKED_FOR_OFFICER
from yizhengtong.permitting.casework.services.steps import lock_case, write_journal
from yizhengtong.permitting.casework.states import UNDECIDED
from yizhengtong.registry.people.models import Person

_ARTICLE = "个人信息保护法 art. 24"
CHECKERS = (Role.REVIEWER, Role.APPROVER)
"""Who looks again at what rules approved."""


@use_case
def ask_for_officer(*, case_id: UUID, acting: Person, on: date, by: Principal) -> Case:
    """个人信息保护法 art. 24: an officer decides, or where rules have approved, looks at it again. Asked twice is once.

    Raises Conflict `casework.decided_by_officers` where no rule has decided anything.
    """
    case = lock_case(case_id)
    ensure_may_touch(case.application, acting, on)
    if case.state in UNDECIDED:
        if ASKED_FOR_OFFICER in (case.automatic_declined_because or ()):
            return case
        case.automatic_declined_because = [*(case.automatic_declined_because or ()), ASKED_FOR_OFFICER]
    elif case.journal.filter(action="approve").exclude(rule="").exists():
        if case.post_check in TO_CHECK[1:]:
            return case
        case.post_check = PostCheck.ASKED
    else:
        raise Conflict("casework.decided_by_officers")
    case.version += 1
    case.save()
    write_journal(case, "ask_for_officer", case.state, _ARTICLE, by=by, on=on)
    record_act("casework.ask_for_officer", by=by, on=("case", case.pk), person_id=case.person_id)
    return case


@use_case
def record_post_check(*, case_id: UUID, version: int, is_in_order: bool, words: str, on: date, by: Principal) -> Case:
    """Say what a check afterwards found (国办发〔2020〕42号). What follows is an act of its own: a permit is voided.

    Raises NotFound, Forbidden, Stale, Conflict `casework.nothing_to_check`.
    """
    case = lock_case(case_id)
    ensure_may_know_of(case, by)
    ensure_fresh(case.version, version)
    ensure_may_work(case, by, *CHECKERS)
    if case.post_check not in TO_CHECK:
        raise Conflict("casework.nothing_to_check")
    case.post_check = PostCheck.IN_ORDER if is_in_order else PostCheck.NOT_IN_ORDER
    case.version += 1
    case.save()
    write_journal(case, "post_check", case.state, _CHECKED, by=by, on=on, opinion={"words": words})
    record_act("casework.post_check", by=by, on=("case", case.pk), person_id=case.person_id)
    return case


_CHECKED = "国办发〔2020〕42号"
