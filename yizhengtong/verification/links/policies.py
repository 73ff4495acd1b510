"""Who links at a window, and who answers a question about a link."""

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.links.models import Link, Ticket


def ensure_may_link(permit: Permit, by: Principal) -> None:
    """Raise unless a clerk whose area the permit is in. NotFound outside it."""
    ensure_officer_of(permit.office_path, by)
    ensure_role(by, Role.CLERK)


def ensure_may_ask(permit: Permit, by: Principal) -> None:
    """Raise unless an officer of the permit's area who handles cases. NotFound outside it."""
    ensure_officer_of(permit.office_path, by)
    ensure_role(by, Role.CLERK, Role.REVIEWER, Role.APPROVER, Role.SUPERVISOR)


def ensure_head(by: Principal) -> None:
    """Raise unless `by` is a head of office (supervisor) with a second factor."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)


def ensure_may_decide(ticket: Ticket, link: Link | None, by: Principal) -> None:
    """Raise unless a head whose office covers the one that answers. NotFound outside the area.

    Whoever asked, or made the link, does not decide about it: Forbidden `links.decides_own`.
    """
    ensure_officer_of(ticket.office_path, by)
    ensure_role(by, Role.SUPERVISOR)
    if by.id in {ticket.opened_by, link.linked_by if link else None}:
        raise Forbidden("links.decides_own")
