"""Who may take which step of a case. The state table names the role; here stands what else must hold."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import Step

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
    """Raise unless `by` is an officer with a second factor and one of `roles`, whose office covers the case's."""
    ensure_may_read(case, by)
    ensure_role(by, *roles)


def ensure_may_read(case: Case, by: Principal) -> None:
    """Raise unless `by` is an officer with a second factor whose office covers the case's."""
    ensure_officer_of(case.office_path, by)
