"""Computing again: a decision from what it froze, and deadlines when a year's calendar is announced."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.workdays import Deadline
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_of_decision
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.casework.rules import decide, due, due_after_pause
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.permitting.casework.services.steps import write_journal
from yizhengtong.permitting.casework.states import UNDECIDED


@dataclass(frozen=True, slots=True)
class Redecision:
    """A decision computed again beside the stored one."""

    granted: bool
    findings: list[dict[str, object]]
    law_hash: str
    agrees: bool


def redecide(case_id: UUID) -> Redecision:
    """Decide a case again from its frozen facts and the archived pack texts; only then look at the stored result.

    Raises NotFound when the case has no decision or a pack text is missing.
    """
    inputs = Decision.objects.defer("granted", "findings").filter(case_id=case_id).first()
    if inputs is None:
        raise NotFound("not_found")
    law = law_of_decision(tuple(inputs.pack_hashes), inputs.place, inputs.subject, inputs.law_on)
    outcome = decide(Facts.from_json(inputs.facts), law, inputs.item, inputs.looked_on)
    findings = [frozen(finding) for finding in outcome.findings]
    stored = Decision.objects.get(pk=inputs.pk)
    agrees = (outcome.granted, findings, law.hash) == (stored.granted, stored.findings, stored.law_hash)
    return Redecision(outcome.granted, findings, law.hash, agrees)


@use_case
def recompute_provisional_deadlines(*, on: date) -> int:
    """Count again the deadlines that reached into a year not announced; returns how many changed or became firm.

    Runs when an edition of the law comes into force (民法典 arts. 200–203; the State Council's yearly notice).
    """
    changed = 0
    cases = Case.objects.select_for_update(of=("self",)).select_related("application")
    for case in cases.filter(is_due_provisional=True, state__in=UNDECIDED):
        if case.accepted_on is None:
            continue
        law = law_for(case.item, case.application.place, case.accepted_on)
        deadline = _deadline(case, case.accepted_on, law)
        if (deadline.day, deadline.provisional) != (case.due_on, case.is_due_provisional):
            case.due_on, case.is_due_provisional = deadline.day, deadline.provisional
            case.version += 1
            case.save()
            write_journal(case, "recompute_deadline", case.state, "民法典 arts. 200–203", by=SYSTEM, on=on)
            record_act("casework.recompute_deadline", by=SYSTEM, on=("case", case.pk), person_id=case.person_id)
            changed += 1
    return changed


def _deadline(case: Case, accepted_on: date, law: Law) -> Deadline:
    """Count from the day of acceptance, with the pauses that the pack grants (D23)."""
    deadline = due(accepted_on, law.value(item_of(law, case.item).limit), law.calendar)
    if law.value("issue.supplement_pauses"):
        pauses = case.notices.filter(issued_on__gte=accepted_on, answered_on__isnull=False).order_by("issued_on")
        for asked, answered in pauses.values_list("issued_on", "answered_on"):
            later = due_after_pause(deadline.day, asked, answered or asked, law.calendar)
            deadline = Deadline(later.day, deadline.provisional or later.provisional)
    return deadline
