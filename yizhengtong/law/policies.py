"""Who may change the law of a deployment."""

from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden


def ensure_may_change_law(by: Principal) -> None:
    """Raise Forbidden unless `by` is supervisor or administrator, with a second factor, of an office above all others.

    The law holds for the whole deployment: no part of it changes it for the rest.
    """
    if by.kind != PrincipalKind.STAFF or not by.office_path or "." in by.office_path:
        raise Forbidden("law.office_above_needed")
    ensure_second_factor(by)
    ensure_role(by, Role.SUPERVISOR, Role.ADMINISTRATOR)


def may_change_law(by: Principal) -> bool:
    """Whether ensure_may_change_law lets `by` pass."""
    try:
        ensure_may_change_law(by)
    except Forbidden:
        return False
    return True
