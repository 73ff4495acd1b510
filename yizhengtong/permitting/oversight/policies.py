"""Who may see figures, and who may put drafts to the archive."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role


def ensure_may_oversee(office_path: str, by: Principal) -> None:
    """Raise unless `by` is a supervisor, with a second factor, of the office at `office_path` or of one above it."""
    ensure_officer_of(office_path, by)
    ensure_role(by, Role.SUPERVISOR)
