"""One look at a case: its law, its facts, what the rules make of them, and the checklist that officers judge."""

from dataclasses import dataclass
from datetime import date

from yizhengtong.kernel.errors import FieldError, Invalid
from yizhengtong.law.law import Law
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.rules import is_asked_for, is_handed_in, look_at_conditions
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import Case, Judgement
from yizhengtong.permitting.casework.rules import Outcome, decide


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the checklist: what the rule finds (None: the officer must say), and the officer's word if given."""

    target: str
    code: str
    found: bool | None
    judged: bool | None


@dataclass(frozen=True, slots=True)
class Examination:
    """A case as it stands on a day."""

    law: Law
    facts: Facts
    outcome: Outcome
    lines: tuple[Line, ...]


def examine(case: Case, on: date) -> Examination:
    """Gather the facts once and look at them under the law of the day of acceptance, before it under today's."""
    law = law_for(case.item, case.application.place, case.accepted_on or on)
    facts = gather_facts(case.application, law, case)
    return Examination(law, facts, decide(facts, law, case.item, on), _lines(case, law, facts, on))


def _lines(case: Case, law: Law, facts: Facts, on: date) -> tuple[Line, ...]:
    item = item_of(law, case.item)
    words = {**_judged("condition", facts), **_judged("document", facts)}
    found: list[tuple[str, str, bool | None]] = [
        (Judgement.Target.CONDITION, condition.rule, finding.met)
        for condition, finding in zip(item.conditions, look_at_conditions(facts, law, item, on), strict=True)
    ]
    found += [
        (Judgement.Target.DOCUMENT, document.code, is_handed_in(document, facts))
        for document in item.documents
        if is_asked_for(document, facts, law, on)
    ]
    return tuple(Line(target, code, met, words.get((target, code))) for target, code, met in found)


def _judged(target: str, facts: Facts) -> dict[tuple[str, str], bool]:
    words = facts.judged_conditions if target == "condition" else facts.judged_documents
    return {(target, code): word.met for code, word in words.items()}


def ensure_all_judged(examination: Examination) -> None:
    """Raise Invalid naming every line of the checklist that nobody has judged yet (S4-17: all reasons at once)."""
    errors = [
        FieldError(f"{line.target}.{line.code}", "casework.line_not_judged")
        for line in examination.lines
        if line.judged is None
    ]
    if errors:
        raise Invalid("casework.not_all_judged", errors=errors)
