"""Who keeps the household register."""

from yizhengtong.foundation.accounts.models import Office, OfficeKind
from yizhengtong.foundation.accounts.policies import ensure_role, ensure_second_factor
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden


def ensure_may_register_households(by: Principal) -> None:
    """S0-T31 常住户口所在地公安机关: the police there, not exit–entry and no entrusted body.

    Which notices it may look at follows from its county.
    """
    ensure_second_factor(by)
    ensure_role(by, Role.CLERK)
    if not Office.objects.filter(path=by.office_path, kind=OfficeKind.POLICE).exists():
        raise Forbidden("settlement.not_the_household_register")


def keeps_households(by: Principal) -> bool:
    """Whether an officer may look at these papers at all: whom its page is offered to."""
    try:
        ensure_may_register_households(by)
    except Forbidden:
        return False
    return True
