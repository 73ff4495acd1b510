"""Who answers for a ticket: the head of the office that the holder belongs to, or of one above it."""

from django.utils import timezone

from yizhengtong.foundation.accounts.policies import ensure_officer_of, ensure_role
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden
from yizhengtong.registry.people.minors import has_approval
from yizhengtong.verification.holders.models import Ticket


def is_at_the_top(by: Principal) -> bool:
    """Whether an officer serves in the office above all others: the deployment's own."""
    return by.kind == PrincipalKind.STAFF and bool(by.office_path) and "." not in by.office_path


def ensure_answers(by: Principal) -> None:
    """Raise unless `by` is a head of office (supervisor) with a second factor."""
    ensure_officer_of(by.office_path, by)
    ensure_role(by, Role.SUPERVISOR)


def ensure_may_read(ticket: Ticket, by: Principal) -> None:
    """Raise unless a head whose office covers the ticket's. NotFound outside the area, Forbidden for one's own.

    A minor's is opened with an approval only: the person's own row need not be seen for it.
    """
    if ticket.office_path or not is_at_the_top(by):
        ensure_officer_of(ticket.office_path or "?", by)
    ensure_answers(by)
    if by.id == ticket.filed_by:
        raise Forbidden("holders.answers_for_self")
    if ticket.is_of_minor and not has_approval(ticket.person_id, by.id, legal_day(timezone.now())):
        raise Forbidden("people.minor_needs_approval")


def ensure_may_answer(ticket: Ticket, by: Principal) -> None:
    """Raise as `ensure_may_read`, and Forbidden `holders.top_answers` for what was handed up to the top office."""
    ensure_may_read(ticket, by)
    if ticket.is_handed_up and not is_at_the_top(by):
        raise Forbidden("holders.top_answers")
