"""The decision and its clock: pure, from frozen facts and the law."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from yizhengtong.kernel.dates import Duration
from yizhengtong.kernel.findings import Finding
from yizhengtong.kernel.workdays import Calendar, Deadline
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.law.values import Limit
from yizhengtong.permitting.applications.facts import Facts, Judged
from yizhengtong.permitting.applications.rules import (
    is_asked_for,
    look_at_conditions,
    look_at_documents,
    standings,
)

_SIGNATURE, _ONLINE = "signature", "filled_online"
_IDENTITY = "identity_card"
"""What the household register confirms: who somebody is, and where registered."""


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


def form_is_signed_at_counter(item: ServiceItem) -> bool:
    """D9: whether a signed form is among what the item captures; else the declaration in the form stands for it."""
    return _SIGNATURE in item.captures


def is_accepted_online(item: ServiceItem, law: Law) -> bool:
    """S4-11, S4-13 系统受理: a form filled in online, with nothing to be captured at a counter."""
    modes, points = law.values.get("form.mode") or (), law.values.get("acceptance.kinds") or ()
    return _ONLINE in modes and "online" in points and not item.captures


def may_be_approved_by_rules(item: ServiceItem, law: Law) -> bool:
    """D24: where the pack lets the system approve this item."""
    items = law.values.get("decide.automatic_items") or ()
    return bool(law.values.get("decide.automatic_approval")) and item.code in items


def why_rules_may_not_approve(facts: Facts, law: Law, item_code: str, outcome: Outcome, on: date) -> tuple[str, ...]:
    """D24, 个人信息保护法 art. 24: what keeps the rules of the system from approving; empty: they may.

    Every finding must be met, and rest on what a register confirmed, on the platform's own registers, or on the
    applicant's own act. A condition that this table does not know is for an officer.
    """
    item = law.items[item_code]
    looked = zip(item.conditions, outcome.findings[: len(item.conditions)], strict=True)
    shaky = [
        condition.rule
        for condition, finding in looked
        if finding.met and not _CONFIRMED.get(condition.rule, _never)(facts, law, item, finding, on)
    ]
    papers_are_confirmed = all(
        any(kind in facts.confirmed for kind in document.any_of)
        for document in item.documents
        if is_asked_for(document, facts, law, on) and not document.when.startswith("claim:")
    )
    reasons = {
        "casework.declined_unmet": bool(outcome.unmet),
        "casework.declined_open": bool(outcome.open),
        "casework.declined_not_confirmed": bool(shaky) or not papers_are_confirmed,
    }
    return tuple(code for code, holds in reasons.items() if holds)


_Confirms = Callable[[Facts, Law, ServiceItem, Finding, date], bool]


def _never(*_: object) -> bool:
    return False


def _known_here(*_: object) -> bool:
    """The platform's own register of permits and registrations, or what the applicant did before its eyes."""
    return True


def _identity(facts: Facts, *_: object) -> bool:
    return _IDENTITY in facts.confirmed


def _proof(facts: Facts, law: Law, item: ServiceItem, _finding: Finding, on: date) -> bool:
    return any(found.met and found.rule.evidence in facts.confirmed for found in standings(facts, law, item, on))


def _registered(facts: Facts, _law: Law, _item: ServiceItem, finding: Finding, _on: date) -> bool:
    return finding.code != "applications.exempt_from_time" or "exemption_proof" in facts.confirmed


def _for_oneself(facts: Facts, *_: object) -> bool:
    return not facts.relation


_CONFIRMED: Mapping[str, _Confirms] = {
    "is_under_the_floating_rules": _identity,
    "lives_away_from_household_registration": _identity,
    "holds_valid_zhejiang_permit": _known_here,
    "holds_permit_to_endorse": _known_here,
    "endorsement_window_is_open": _known_here,
    "holds_no_permit_of_the_family": _known_here,
    "registrations_add_up": _registered,
    "is_registered_long_enough": _registered,
    "is_registered_here": _known_here,
    "proves_one_of_three": _proof,
    "makes_the_promise": _known_here,
    "declares_truth": _known_here,
    "acknowledges_cancellation": _known_here,
    "applies_of_own_will": _known_here,
    "representative_may_act": _for_oneself,
}
"""Condition → whether a finding of it, being met, rests on what is confirmed."""
