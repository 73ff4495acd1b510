"""Who gives a rating, and who answers for one."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import OPINIONS
from yizhengtong.rights.feedback.models import Rating

OPENERS = (Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)


def ensure_head(by: Principal) -> None:
    """Raise unless `by` is a head of office (supervisor) with a second factor."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)


def ensure_may_answer(rating: Rating, by: Principal) -> None:
    """Raise unless a head whose office covers the one rated. NotFound outside the area.

    Whoever gave one of the case's opinions, or opened the page, does not answer for it: Forbidden.
    """
    ensure_officer_of(rating.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    if by.id in {rating.opened_by, *(getattr(rating.case, name) for name in OPINIONS)}:
        raise Forbidden("feedback.answers_for_self")


def ensure_may_open_page(case: Case, by: Principal) -> None:
    """Raise unless an officer of the case's area may turn the page to the visitor. NotFound outside the area."""
    ensure_officer_of(case.office_path, by)
    ensure_role(by, *OPENERS)
