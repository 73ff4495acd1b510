"""Who may take which step of a case. The state table names the role; here stands what else must hold."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import Step
from yizhengtong.registry.people.minors import ensure_may_open

OPINIONS = ("accepted_by", "reviewed_by", "approved_by")


def ensure_may_take(step: Step, case: Case, by: Principal) -> None:
    """Raise unless an officer may take this step: in its role, within the office's area, once a case.

    NotFound outside the area (an officer elsewhere cannot tell that the case exists), else Forbidden.
    """
    if step.role is None:
        return
    ensure_may_work(case, by, step.role)
    if step.opinion and any(getattr(case, name) == by.id for name in OPINIONS):
        raise Forbidden("casework.same_officer")


def ensure_may_work(case: Case, by: Principal, *roles: Role) -> None:
    """Raise unless `by` is an officer with a second factor and one of `roles`, whose office covers the case's.

    A minor's case needs an approval besides, told last.
    """
    ensure_may_know_of(case, by)
    ensure_role(by, *roles)
    ensure_may_open(case.person, by)


def ensure_may_read(case: Case, by: Principal) -> None:
    """Raise unless an officer may know of the case and, of a minor's, holds an approval (art. 36)."""
    ensure_may_know_of(case, by)
    ensure_may_open(case.person, by)


def ensure_may_know_of(case: Case, by: Principal) -> None:
    """Raise unless `by` is an officer with a second factor whose office covers the case's."""
    ensure_officer_of(case.office_path, by)
