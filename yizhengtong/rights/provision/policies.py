"""Who looks after the destinations: supervisors of the top office, whose the deployment is."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import NotFound


def ensure_looks_after_provision(by: Principal) -> None:
    """Raise unless `by` is a supervisor of the top office with a second factor. NotFound for other offices."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    if "." in by.office_path:
        raise NotFound("not_found")
