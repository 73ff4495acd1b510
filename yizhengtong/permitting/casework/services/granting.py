"""What is written when a case is granted: by an officer, or by the named rules of the system."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.permitting.applications.services import is_handed_over, item_of
from yizhengtong.permitting.casework.examination import Examination
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.casework.services.judging import frozen
from yizhengtong.permitting.casework.services.outcomes import bring_about
from yizhengtong.permitting.casework.services.steps import ByRule, take_step
from yizhengtong.permitting.casework.states import STEPS, CaseState, Step
from yizhengtong.permitting.permits.models import Permit


def grant(
    case: Case,
    step: Step,
    examination: Examination,
    *,
    on: date,
    by: Principal,
    opinion: Mapping[str, Any],
    rule: ByRule | None = None,
) -> Permit:
    """Bring about what was granted and close the case where nothing is left to do. Returns the permit it is about."""
    permit = bring_about(case, examination.law, on=on, by=by)
    case.decided_on = on
    case.permit_id = permit.pk
    take_step(case, "approve", step, by=by, on=on, opinion=opinion, facts={"granted": True}, rule=rule)
    if not is_handed_over(item_of(examination.law, case.item)):
        take_step(case, "complete", STEPS[CaseState.APPROVED, "complete"], by=SYSTEM, on=on)
    return permit


def freeze(case: Case, examination: Examination, *, on: date, by: Principal) -> None:
    """Keep the outcome with everything it rested on."""
    law = examination.law
    Decision.objects.create(
        case=case,
        facts=examination.facts.to_json(),
        item=case.item,
        place=case.application.place,
        subject=law.subject,
        law_on=law.on,
        looked_on=on,
        law_hash=law.hash,
        pack_hashes=[text_hash for _, text_hash in law.pack_hashes],
        granted=examination.outcome.granted,
        findings=[frozen(finding) for finding in examination.outcome.findings],
        by=by.id,
    )
