"""Who may void a permit."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.permitting.permits.models import Permit


def ensure_may_void(permit: Permit, by: Principal) -> None:
    """国办发〔2018〕81号 art. 15: the issuing body declares void; here an approver whose office covers the issuer's."""
    ensure_officer_of(permit.office_path, by)
    ensure_role(by, Role.APPROVER)
