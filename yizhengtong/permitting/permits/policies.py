"""Who may void a permit or end its functions."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.minors import ensure_may_open


def ensure_may_void(permit: Permit, by: Principal) -> None:
    """国办发〔2018〕81号（作废，条号未见）: the issuing body declares void.

    Here an approver does, whose office is the issuer's or covers it.
    """
    ensure_officer_of(permit.office_path, by)
    ensure_role(by, Role.APPROVER)
    ensure_may_open(permit.person, by)


def ensure_may_end_functions(permit: Permit, by: Principal) -> None:
    """杭州市流动人口服务管理规定 art. 21 names nobody: an approver whose office looks after it, as for voiding (I)."""
    ensure_may_void(permit, by)


def ensure_may_read_card(permit: Permit, by: Principal) -> None:
    """Officers of the area who make and hand over cards see what its chip is to hold."""
    ensure_officer_of(permit.office_path, by)
    ensure_role(by, Role.CLERK, Role.APPROVER)
    ensure_may_open(permit.person, by)
