"""Why a decision came out as it did (个人信息保护法 arts. 24, 48): each finding, what it rests on, whose word it was.

Only the frozen decision and the law of its archived texts are read: what holds today plays no part.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel

from yizhengtong.kernel.errors import NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import Parameter as LawParameter
from yizhengtong.law.queries import law_of_decision
from yizhengtong.permitting.casework.models import Case, Decision

_KEYS: Mapping[str, tuple[str, ...]] = {
    "is_hong_kong_macao_or_taiwan_resident": ("travel_document.accepted", "travel_document.refused"),
    "holds_accepted_travel_document": ("travel_document.accepted",),
    "has_lived_here_long_enough": ("residence.requirement", "residence.gap_tolerance_days"),
    "has_one_of_three": ("claims.any_of", "employment.proofs", "dwelling.proofs", "study.proofs"),
    "minor_is_represented": ("proxy.minor_under_age",),
    "photo_is_available": ("photo.receipt_accepted",),
    "fingerprints_are_captured": ("fingerprint.required",),
}
"""The parameters of the law that a condition's rule looks at; the other rules look at facts alone."""
_REMEDIES = ("remedy.reconsideration", "remedy.lawsuit")
_OPINIONS = {"accept": "clerk", "review": "reviewer", "approve": "approver", "refuse": "approver"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of the law beside a finding: the packs' key, unit and how certain its reading is."""

    key: str
    unit: str
    value: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A finding as it was frozen. `word_of`: rule, officer, or both where the officer agreed with the rule."""

    stored: Mapping[str, Any]
    word_of: str
    reason: str
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Opinion:
    """One of the opinions, with its legal day: a person's, or that of the system's `rule`."""

    role: str
    on: date
    words: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What can be done against the decision, and the last day."""

    code: str
    until: date


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision explained. `law_on`: the day whose law applied; `by_rules`: approved by the system's rules (D24)."""

    granted: bool
    by_rules: bool
    decided_on: date | None
    law_on: date
    findings: tuple[Explained, ...]
    opinions: tuple[Opinion, ...]
    remedies: tuple[Remedy, ...]

    @property
    def who_decided(self) -> str:
        """Code of the words for who decided: people, or named rules for which an office answers (art. 24)."""
        return "privacy.rules_decided" if self.by_rules else "privacy.a_human_decided"


def explain(case: Case) -> Explanation:
    """Return why a case was decided so. Raises NotFound while it is not decided."""
    decision = Decision.objects.filter(case=case).first()
    if decision is None:
        raise NotFound("privacy.not_decided")
    law = law_of_decision(tuple(decision.pack_hashes), decision.place, decision.subject, decision.law_on)
    return Explanation(
        granted=decision.granted,
        by_rules=case.journal.filter(action="approve").exclude(rule="").exists(),
        decided_on=case.decided_on,
        law_on=decision.law_on,
        findings=tuple(_all_explained(decision, law)),
        opinions=tuple(_opinions(case)),
        remedies=tuple(_remedies(law, case.decided_on)),
    )


def _all_explained(decision: Decision, law: Law) -> Iterator[Explained]:
    """Yield the findings as they stand in the decision: the item's conditions in their order, then the papers."""
    rules = [condition.rule for condition in law.items[decision.item].conditions]
    for at, stored in enumerate(decision.findings):
        if at < len(rules):
            word = decision.facts["judged_conditions"].get(rules[at])
            yield _explained(stored, word, [law[key] for key in _KEYS.get(rules[at], ()) if key in law])
        else:
            word = decision.facts["judged_documents"].get(stored["facts"]["document_code"])
            yield _explained(stored, word, [])


def _explained(stored: Mapping[str, Any], word: Mapping[str, Any] | None, beside: Sequence[LawParameter]) -> Explained:
    reason = word["reason"] if word else ""
    parameters = tuple(Parameter(each.key, each.unit, _shown(each.value), each.certainty) for each in beside)
    return Explained(stored, "rule" if word is None else "officer" if reason else "both", reason, parameters)


def _shown(value: object) -> str:
    if isinstance(value, BaseModel):
        return json.dumps(value.model_dump(exclude_none=True), ensure_ascii=False)
    if isinstance(value, tuple):
        return ", ".join(_shown(each) for each in value)
    return str(value)


def _opinions(case: Case) -> list[Opinion]:
    entries = case.journal.filter(action__in=_OPINIONS).order_by("id")
    return [Opinion(_OPINIONS[entry.action], entry.on, entry.opinion.get("words", ""), entry.rule) for entry in entries]


def _remedies(law: Law, decided_on: date | None) -> list[Remedy]:
    if decided_on is None:
        return []
    return [Remedy(key, law.calendar.deadline(decided_on, law.value(key).duration).day) for key in _REMEDIES]
