"""What an officer may do with a case now, and why not: buttons and bulk actions come from the table of states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.examination import Examination
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.policies import OPINIONS
from yizhengtong.permitting.casework.rules import form_is_signed_at_counter
from yizhengtong.permitting.casework.states import STEPS, CaseState, Step

JUDGE = "judge"
"""No step of the table: the words on the checklist that steps rest on."""
JUDGED_IN = (CaseState.RECEIVED, CaseState.ACCEPTED)
JUDGES = (Role.CLERK, Role.REVIEWER)
ALL_JUDGED_FIRST = ("request_supplement", "review", "approve", "refuse")


@dataclass(frozen=True, slots=True)
class Possible:
    """A step of the case's state. `why_not`: code of what keeps this officer from it; empty: it can be taken."""

    action: str
    step: Step
    why_not: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_mine(self) -> bool:
        """Whether this officer is appointed to it at all."""
        return self.why_not != "accounts.role_missing"


def steps_of(case: Case, by: Principal, examination: Examination) -> list[Possible]:
    """Return the steps that officers take from a case's state, each open to `by` or with what stands in the way."""
    return [
        _possible(case, action, step, by, examination)
        for (state, action), step in STEPS.items()
        if state == case.state and step.role is not None
    ]


def actions_for(case: Case, by: Principal) -> list[str]:
    """Return what an officer could do next by state, role and the opinions given; nothing of the case is opened."""
    found = [
        action
        for (state, action), step in STEPS.items()
        if state == case.state
        and step.role in by.roles
        and not _has_signed(case, step, by)
        and not (case.awaits_supplement and action in ("accept", "request_supplement"))
    ]
    judges = case.state in JUDGED_IN and not case.awaits_supplement and by.roles.intersection(JUDGES)
    return [JUDGE, *found] if judges else found


def states_for(by: Principal) -> tuple[str, ...]:
    """Return the open states in which an officer's roles have a step."""
    mine = {state for (state, _), step in STEPS.items() if step.role in by.roles}
    return tuple(state for state in CaseState.values if state in mine)


def _possible(case: Case, action: str, step: Step, by: Principal, examination: Examination) -> Possible:
    if step.role is not None and step.role not in by.roles:
        return Possible(action, step, "accounts.role_missing", {"role": f"accounts.role_{step.role}"})
    if _has_signed(case, step, by):
        return Possible(action, step, "casework.same_officer")
    return Possible(action, step, _in_the_way(case, action, examination))


def _in_the_way(case: Case, action: str, examination: Examination) -> str:
    if case.awaits_supplement and action in ("accept", "request_supplement"):
        return "casework.supplement_open"
    if action == "accept":
        item = item_of(examination.law, case.item)
        is_unsigned = case.signed_form_id is None and form_is_signed_at_counter(item)
        return "casework.form_not_signed" if is_unsigned else ""
    if action in ALL_JUDGED_FIRST and any(line.judged is None for line in examination.lines):
        return "casework.not_all_judged"
    return _against_outcome(case, action, examination)


def _against_outcome(case: Case, action: str, examination: Examination) -> str:
    unmet = bool(examination.outcome.unmet)
    if action == "request_supplement" and not unmet:
        return "casework.nothing_to_ask"
    if action == "approve" and not examination.outcome.granted:
        return "casework.findings_unmet"
    if action == "refuse" and not unmet:
        return "casework.findings_met"
    if action == "refuse" and case.judgements.filter(is_doubtful=True).exists():
        return "casework.line_doubtful"
    return ""


def _has_signed(case: Case, step: Step, by: Principal) -> bool:
    return bool(step.opinion) and any(getattr(case, name) == by.id for name in OPINIONS)
