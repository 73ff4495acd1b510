"""The named rules of the system: they accept, and where the pack lets them approve, they approve; they never refuse.

Law: S4-13 系统受理、系统审核审批, S4-26 three opinions, D24; 个人信息保护法 art. 24. docs/adr/0044: why it is done in
the transaction of the submission, and what keeps a case from it.
"""

import secrets
from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.errors import Conflict
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.answering import answering_for
from yizhengtong.permitting.casework.examination import examine
from yizhengtong.permitting.casework.models import Case, PostCheck
from yizhengtong.permitting.casework.rules import may_be_approved_by_rules, why_rules_may_not_approve
from yizhengtong.permitting.casework.services.granting import freeze, grant
from yizhengtong.permitting.casework.services.receipts import start_clock
from yizhengtong.permitting.casework.services.steps import ByRule, take_step
from yizhengtong.permitting.casework.states import STEPS, CaseState

ACCEPTING, REVIEWING, APPROVING = "clerk", "reviewer", "approver"
ASKED_FOR_OFFICER = "casework.declined_asked_for_officer"
NOBODY_ANSWERS = "casework.declined_nobody_answers"
STANDS_IN_THE_WAY = "casework.declined_conflict"


def accept_by_system(case: Case, law: Law, *, on: date) -> Case:
    """S4-13 系统受理: receipt and clock at once. Whether the form is complete was seen when it was submitted."""
    rule = rules_at(law, case.office).get(ACCEPTING)
    start_clock(case, law, on)
    return take_step(case, "accept", STEPS[CaseState.RECEIVED, "accept"], by=SYSTEM, on=on, rule=rule)


def decide_by_rules(case: Case, law: Law, *, on: date) -> Case:
    """Approve an accepted case by the rules of the system, or leave it to the officers and note why.

    An item whose pack does not let the system decide stays as it is. Fails towards the officers: what stands in the way
    of the permit undoes the approval alone, and the case waits in the queue.
    """
    if not may_be_approved_by_rules(item_of(law, case.item), law):
        return case
    rules = rules_at(law, case.office)
    reasons = _reasons_before(case, rules)
    if not reasons:
        reasons = _approve(case, rules, on)
    if reasons:
        case.automatic_declined_because = list(reasons)
        case.save()
    return case


def _reasons_before(case: Case, rules: Mapping[str, ByRule]) -> tuple[str, ...]:
    if case.application.answers.get("asks_for_officer"):
        return (ASKED_FOR_OFFICER,)
    is_answered = all(role in rules and rules[role].officer_id for role in (REVIEWING, APPROVING))
    return () if is_answered else (NOBODY_ANSWERS,)


def _approve(case: Case, rules: Mapping[str, ByRule], on: date) -> tuple[str, ...]:
    """Approve, or say why not."""
    examination = examine(case, on)
    reasons = why_rules_may_not_approve(examination.facts, examination.law, case.item, examination.outcome, on)
    if reasons:
        return reasons
    before = (case.state, case.version)
    try:
        with transaction.atomic():
            take_step(case, "review", STEPS[CaseState.ACCEPTED, "review"], by=SYSTEM, on=on, rule=rules[REVIEWING])
            freeze(case, examination, on=on, by=SYSTEM)
            case.post_check = sampled()
            step = STEPS[CaseState.REVIEWED, "approve"]
            grant(case, step, examination, on=on, by=SYSTEM, opinion={}, rule=rules[APPROVING])
    except Conflict:
        case.state, case.version = before
        case.post_check, case.decided_on, case.permit_id = "", None, None
        return (STANDS_IN_THE_WAY,)
    return ()


def sampled() -> str:
    """Return whether an approval is drawn for a check afterwards (告知承诺的事后核查): YZT_POST_CHECK_SHARE of them."""
    share: float = settings.YZT_POST_CHECK_SHARE
    return PostCheck.SAMPLED if secrets.SystemRandom().random() < share else ""


def rules_at(law: Law, office: Office) -> Mapping[str, ByRule]:
    """Return the rule of each opinion, with the office and the officer who answers for it there."""
    named = law.values.get("decide.system_rules") or ()
    places: Mapping[str, UUID] = {
        "accepting_station": office.pk,
        "county_authority": office.parent_id or office.pk,
    }
    officers = answering_for(set(places.values()))
    return {
        each.opinion: ByRule(each.rule, places[each.answers], officers.get((places[each.answers], each.rule)))
        for each in named
    }
