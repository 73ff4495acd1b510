"""Who is an officer for an office's affairs: the one check that every room of permitting builds on."""

from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden, NotFound


def ensure_officer_of(office_path: str, by: Principal) -> None:
    """Raise unless `by` is an officer with a second factor whose office is that of `office_path` or covers it.

    NotFound outside the area: an officer elsewhere cannot tell that the thing exists.
    """
    if by.kind != PrincipalKind.STAFF or not by.covers(office_path):
        raise NotFound("not_found")
    ensure_second_factor(by)


def ensure_second_factor(by: Principal) -> None:
    """Raise Forbidden `accounts.second_factor_needed` unless the session was begun with one."""
    if not by.has_second_factor:
        raise Forbidden("accounts.second_factor_needed")


def ensure_role(by: Principal, *roles: Role) -> None:
    """Raise Forbidden `accounts.role_missing` unless `by` is appointed to one of `roles`."""
    if not by.roles.intersection(roles):
        raise Forbidden("accounts.role_missing", role=f"accounts.role_{roles[0]}")
