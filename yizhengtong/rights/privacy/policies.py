"""Who answers for personal data: auditors their area, auditors and administrators of the top office the register."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.rights.privacy.models import CorrectionRequest, Objection


def is_at_the_top(by: Principal) -> bool:
    """Whether an officer serves in the office above all others: the deployment's own."""
    return by.kind == PrincipalKind.STAFF and bool(by.office_path) and "." not in by.office_path


def ensure_may_answer(objection: Objection, by: Principal) -> None:
    """Raise unless an auditor whose office covers the one that looked; of partners and the platform, the top one's.

    Raises NotFound outside the area, Forbidden, also for whoever the objection is about.
    """
    if objection.office_path or not is_at_the_top(by):
        ensure_officer_of(objection.office_path or "?", by)
    else:
        ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.AUDITOR)
    if objection.actor_id == by.id:
        raise Forbidden("privacy.answers_for_self")


def ensure_auditor(by: Principal) -> None:
    """Raise unless `by` is an auditor with a second factor."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.AUDITOR)


def ensure_registrar(by: Principal) -> None:
    """Raise unless `by` is a registrar with a second factor."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.REGISTRAR)


def ensure_may_decide(request: CorrectionRequest, by: Principal) -> None:
    """Raise unless a registrar whose office covers the request's. NotFound outside the area."""
    ensure_officer_of(request.office_path, by)
    ensure_role(by, Role.REGISTRAR)


def ensure_keeps_register(by: Principal) -> None:
    """Raise unless an auditor or administrator of the top office: the register of breaches is the deployment's."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.AUDITOR, Role.ADMINISTRATOR)
    if not is_at_the_top(by):
        raise NotFound("not_found")
