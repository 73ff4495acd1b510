"""The decision and its clock: pure, from frozen facts and the law."""

from dataclasses import dataclass, replace
from datetime import date

from yizhengtong.kernel.dates import Duration
from yizhengtong.kernel.findings import Finding
from yizhengtong.kernel.workdays import Calendar, Deadline
from yizhengtong.law.law import Law
from yizhengtong.law.values import Limit
from yizhengtong.permitting.applications.facts import Facts, Judged
from yizhengtong.permitting.applications.rules import look_at_conditions, look_at_documents


@dataclass(frozen=True, slots=True)
class Outcome:
    """Every condition and every paper, looked at. Granted only when all are met; `open` ones an officer settles."""

    findings: tuple[Finding, ...]

    @property
    def unmet(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.met is False)

    @property
    def open(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.met is None)

    @property
    def granted(self) -> bool:
        return all(finding.met for finding in self.findings)


def decide(facts: Facts, law: Law, item_code: str, on: date) -> Outcome:
    """国办发〔2018〕81号 arts. 2, 8, 9, as the pack's item lists them: all conditions and papers, always all of them.

    `on`: the legal day on which they are looked at. Where an officer judged a condition otherwise than the rule found,
    the officer's word stands, with the reason (个人信息保护法 art. 24: no decision by the machine alone).
    """
    item = law.items[item_code]
    findings = [
        _as_judged(finding, facts.judged_conditions.get(condition.rule))
        for condition, finding in zip(item.conditions, look_at_conditions(facts, law, item, on), strict=True)
    ]
    return Outcome((*findings, *look_at_documents(facts, law, item, on)))


def _as_judged(finding: Finding, word: Judged | None) -> Finding:
    """Return a finding as an officer judged it. A word that only agreed, without a reason, lasts as the fact does."""
    if word is None or word.met == finding.met or (finding.met is not None and not word.reason):
        return finding
    return replace(finding, met=word.met, facts={**finding.facts, "reason": word.reason})


def due(accepted: date, limit: Limit, calendar: Calendar) -> Deadline:
    """国办发〔2018〕81号 art. 10, D1: the last day of the limit; the day of acceptance is not counted (民法典 201)."""
    return calendar.deadline(accepted, limit.duration)


def due_after_pause(due_on: date, asked: date, answered: date, calendar: Calendar) -> Deadline:
    """D23, where issue.supplement_pauses says so: later by the working days after `asked` up to `answered`."""
    return calendar.deadline(due_on, Duration(calendar.working_days_between(asked, answered), "workday"))
