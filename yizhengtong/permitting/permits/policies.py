"""Who may void a permit."""

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
