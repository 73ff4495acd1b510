"""中国公民往来台湾地区管理办法, 国台办 and the authorities' guides: the conditions of settling (S0-T15 to S0-T28).

Pure: facts in, findings out, no clock. `on` is the legal day on which the question is asked. What only an officer can
see is left to one (`met` None) and is never an automatic refusal.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from yizhengtong.kernel.dates import add_months, add_years, age_on
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.law import Law
from yizhengtong.law.values import ProxyRule, SettlementGround
from yizhengtong.permitting.applications.facts import Confirmed, Facts, ProofDetails, TravelDocument
from yizhengtong.permitting.applications.rules.shapes import Conditions

_TAIWAN = "TW"
_NAMED_BY: Mapping[str, str] = {"alone_with_lineal_kin": "lineal_kin"}
"""What an applicant says, where the place's ground asks for more than its name."""
_ILLNESS_PAPER, _HEALTH_PAPER = "illness_proof", "health_certificate"
AMOUNT_REACHED, FITTING, ALONE = "reaches_least", "found_fitting", "alone_in_taiwan"
"""What an officer finds a proof to show, or to lack."""

_Shown = ProofDetails | Confirmed | None
_Look = Callable[[SettlementGround, Facts, date, Source], Finding]


def is_taiwan_resident(region: str, source: Source) -> Finding:
    """S0-T15, S0-T16: 台湾居民; residents of Hong Kong, Macao and the mainland have other rules."""
    return Finding("settlement.is_taiwan_resident", region == _TAIWAN, source)


def holds_valid_entry_document(
    document: TravelDocument | None, accepted: Sequence[str], on: date, source: Source
) -> Finding:
    """S0-T22 有效的出入境证件; 管理办法 art. 24: of five years or of one journey. The last day still counts."""
    code = "settlement.holds_valid_entry_document"
    if document is None or document.kind not in accepted:
        return Finding(code, False, source, {"problem": "settlement.entry_document_missing"})
    if document.valid_until is None:
        return Finding(code, None, source, {"problem": "settlement.entry_document_validity_unknown"})
    return Finding(code, document.valid_until >= on, source, {"problem": "settlement.entry_document_expired"})


def settlement_ground_holds(facts: Facts, grounds: Sequence[SettlementGround], on: date, source: Source) -> Finding:
    """S0-T17, S0-T27, S0-T28, D18: one ground of the place on the day; where every wish is one, none is tested.

    Of a ground that a place lists with several thresholds any one is enough.
    """
    if tests_no_ground(grounds):
        return Finding("settlement.any_wish", True, source)
    named = [ground for ground in grounds if name_of_ground(ground) == facts.ground]
    if not named:
        words = list(dict.fromkeys(f"settlement.ground_{name_of_ground(ground)}" for ground in grounds))
        return Finding("settlement.ground_is_named", False, source, {"grounds": words})
    found = [_LOOKS.get(ground.ground, _by_its_papers)(ground, facts, on, source) for ground in named]
    return min(found, key=lambda finding: (True, None, False).index(finding.met))


def tests_no_ground(grounds: Sequence[SettlementGround]) -> bool:
    """S0-T28 愿落尽落."""
    return any(ground.ground == "any_wish" for ground in grounds)


def name_of_ground(ground: SettlementGround) -> str:
    """Return what an applicant names a ground by."""
    return _NAMED_BY.get(ground.ground, ground.ground)


def _ground_facts(ground: SettlementGround) -> dict[str, object]:
    return {"ground": f"settlement.ground_{name_of_ground(ground)}"}


def _by_its_papers(ground: SettlementGround, _facts: Facts, _on: date, source: Source) -> Finding:
    """Kin: the papers of the ground say it, and are lines of their own."""
    return Finding("settlement.ground_holds", True, source, _ground_facts(ground))


def _alone(ground: SettlementGround, facts: Facts, _on: date, source: Source) -> Finding:
    """国家移民管理局指南 2021: 在台无依靠; an officer sees it from the household record and the statement."""
    met = _is_shown(facts, ("no_carer_statement",), ALONE)
    return Finding("settlement.is_alone", met, source, _ground_facts(ground))


def _married(ground: SettlementGround, facts: Facts, on: date, source: Source) -> Finding:
    """国家移民管理局指南 2021, 东莞 2025: married for the years the place asks; the anniversary itself is enough."""
    if ground.married_years is None:
        return Finding("settlement.ground_holds", True, source, _ground_facts(ground))
    shown = _shown(facts, "marriage_proof")
    told = {"years": ground.married_years}
    if shown is None or shown.since is None:
        return Finding("settlement.married_long_enough", None, source, told)
    full_on = add_years(shown.since, ground.married_years)
    has_ended = shown.until is not None and shown.until <= on
    met = on >= full_on and not has_ended
    return Finding("settlement.married_long_enough", met, source, told, None if met or has_ended else full_on)


def _invested(ground: SettlementGround, facts: Facts, _on: date, source: Source) -> Finding:
    """D18: at least the amount that the place names; where it names none, an officer says whether it is large."""
    if ground.least_usd is not None:
        code, told = "settlement.invested_enough", {"amount": f"{ground.least_usd:,}"}
        return Finding(code, _is_shown(facts, ("investment_proof",), AMOUNT_REACHED), source, told)
    if ground.least_tax_yuan is not None:
        code, told = "settlement.taxed_enough", {"amount": f"{ground.least_tax_yuan:,}"}
        return Finding(code, _is_shown(facts, ("tax_proof",), AMOUNT_REACHED), source, told)
    return _fitting(ground, facts, _on, source)


def _fitting(ground: SettlementGround, facts: Facts, _on: date, source: Source) -> Finding:
    """较大投资, 专业人才, 等情形: words without a measure are an officer's."""
    papers = ("investment_proof", "talent_proof", "other_ground_proof")
    met = _is_shown(facts, papers, FITTING)
    return Finding("settlement.ground_is_fitting", met, source, _ground_facts(ground))


_LOOKS: Mapping[str, _Look] = {
    "alone_with_lineal_kin": _alone,
    "spouse": _married,
    "investment": _invested,
    "talent": _fitting,
    "other": _fitting,
}


def _shown(facts: Facts, paper: str) -> _Shown:
    return facts.proof_details.get(paper) or facts.confirmed.get(paper)


def _is_shown(facts: Facts, papers: Collection[str], what: str) -> bool | None:
    """Whether one of the papers was found to show something; None: nobody has said."""
    found = [shown for paper in papers if (shown := _shown(facts, paper)) is not None]
    if any(what in shown.shows for shown in found):
        return True
    return False if any(what in shown.lacks for shown in found) else None


def health_certificate_is_recent(shown: _Shown, is_asked: bool, months: int, asked_on: date, source: Source) -> Finding:
    """D19: of the last months before the application, the same day of the month included; only where asked for."""
    code, told = "settlement.health_certificate_is_recent", {"months": months}
    if not is_asked:
        return Finding("settlement.health_certificate_not_asked", True, source)
    if shown is None or shown.since is None:
        return Finding(code, None, source, told)
    return Finding(code, shown.since <= asked_on <= add_months(shown.since, months), source, told)


def settlement_representative_may_act(
    birth: date, relation: str, rules: Sequence[ProxyRule], papers: Collection[str], on: date, source: Source
) -> Finding:
    """厦门2024-06办事指南, D3: for those under 16, from 60 on, or seriously ill with papers; else the applicant acts.

    Ages in full years on `on`. Whether somebody is seriously ill an officer sees from the papers (`met` None).
    """
    code, age = "settlement.representative_may_act", age_on(birth, on)
    if not relation:
        is_minor = any(rule.under_age is not None and age < rule.under_age for rule in rules)
        return Finding(code, not is_minor, source, {"problem": "settlement.minor_needs_guardian"})
    fitting = [rule for rule in rules if relation in rule.by]
    if any(_is_of_age(rule, age) for rule in fitting):
        return Finding(code, True, source)
    problem = {"problem": "settlement.comes_in_person"}
    may_be_ill = any(rule.who == "seriously_ill" for rule in fitting) and _ILLNESS_PAPER in papers
    return Finding(code, None if may_be_ill else False, source, problem)


def _is_of_age(rule: ProxyRule, age: int) -> bool:
    if rule.under_age is not None:
        return age < rule.under_age
    return rule.from_age is not None and age >= rule.from_age


def no_refusal_ground_is_known(grounds: Sequence[str], source: Source) -> Finding:
    """中国公民往来台湾地区管理办法 art. 19: whether one of its grounds is there is an officer's to say, always."""
    told = {"grounds": [f"settlement.refusal_{ground}" for ground in grounds]}
    return Finding("settlement.no_refusal_ground_is_known", None, source, told)


def is_listed(paper: str, law: Law) -> bool:
    """D19: whether the place's list of papers names one."""
    return paper in (law.values.get("settle.docs") or ())


def is_tested(ground: str, facts: Facts, law: Law) -> bool:
    """Whether the applicant names a ground that the place tests. Either its name or the place's own stricter one."""
    grounds: Sequence[SettlementGround] = law.value("settle.grounds")
    if tests_no_ground(grounds):
        return False
    return any(facts.ground == name_of_ground(each) and ground in (each.ground, facts.ground) for each in grounds)


def acts_for_seriously_ill(facts: Facts, law: Law, on: date) -> bool:
    """Whether somebody acts for an adult whose age alone does not allow it."""
    rules: Sequence[ProxyRule] = law.value("proxy.rules")
    return bool(facts.relation) and not any(_is_of_age(rule, age_on(facts.birth_date, on)) for rule in rules)


def _papers(facts: Facts) -> frozenset[str]:
    judged = {code for code, word in facts.judged_documents.items() if word.met}
    return frozenset({kind for kinds in facts.evidence.values() for kind in kinds} | judged)


CONDITIONS: Conditions = {
    "is_taiwan_resident": lambda facts, _law, _item, _on, source: is_taiwan_resident(facts.region, source),
    "holds_valid_entry_document": lambda facts, law, _item, on, source: holds_valid_entry_document(
        facts.travel_document, law.value("travel_document.accepted"), on, source
    ),
    "settlement_ground_holds": lambda facts, law, _item, on, _source: settlement_ground_holds(
        facts, law.value("settle.grounds"), on, law["settle.grounds"].source
    ),
    "health_certificate_is_recent": lambda facts, law, _item, on, source: health_certificate_is_recent(
        _shown(facts, _HEALTH_PAPER),
        is_listed(_HEALTH_PAPER, law),
        law.value("settle.health_certificate_months"),
        facts.asked_on or on,
        source,
    ),
    "settlement_representative_may_act": lambda facts, law, _item, on, source: settlement_representative_may_act(
        facts.birth_date, facts.relation, law.value("proxy.rules"), _papers(facts), on, source
    ),
    "no_refusal_ground_is_known": lambda _facts, law, _item, _on, source: no_refusal_ground_is_known(
        law.value("settle.refusal_grounds"), source
    ),
}
