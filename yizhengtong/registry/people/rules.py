"""Who may act for whom, by the pack's proxy rules, and what a document number must agree with."""

from collections.abc import Iterable
from datetime import date

from yizhengtong.kernel.dates import add_years, age_on
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.kernel.numbers import DocumentKind, DocumentNumber
from yizhengtong.law.values import ProxyRule

_MAINLAND = "CN"
_OF_CITIZENS = frozenset({DocumentKind.RESIDENT_ID, DocumentKind.ZHEJIANG_PERMIT})


def may_represent(birth_date: date, relation: str, rules: Iterable[ProxyRule], on: date, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 2, 国令663 art. 9 (D3): may somebody of this relation act for the person born then.

    Ages are full years on `on`: a rule for those under 16 holds until the day before the 16th birthday. A rule whose
    ground no age settles (disabled, seriously ill, elderly where no age is set) gives `met` None: an officer must have
    seen the proof. `met_on`: the day from which an age set by a rule is reached. Facts: `relation`.
    """
    fitting = [rule for rule in rules if relation in rule.by]
    facts = {"relation": f"people.relation_{relation}"}
    if not fitting:
        return Finding("people.relation_not_allowed", False, source, facts)
    verdicts = [_holds(rule, age_on(birth_date, on)) for rule in fitting]
    if True in verdicts:
        return Finding("people.may_represent", True, source, facts)
    if None in verdicts:
        return Finding("people.officer_must_confirm", None, source, facts)
    reached = [add_years(birth_date, rule.from_age) for rule in fitting if rule.from_age is not None]
    later = min((day for day in reached if day > on), default=None)
    return Finding("people.may_act_alone", False, source, facts, later)


def representation_ends_on(birth_date: date, relation: str, rules: Iterable[ProxyRule], on: date) -> date | None:
    """国办发〔2018〕81号 art. 2 (D3): the first day on which a representation begun on `on` no longer holds.

    For a minor the birthday on which the age of the rule is full; None where no age ends it.
    """
    ages = [
        rule.under_age
        for rule in rules
        if relation in rule.by and rule.under_age is not None and age_on(birth_date, on) < rule.under_age
    ]
    return add_years(birth_date, max(ages)) if ages else None


def contradictions(number: DocumentNumber, *, birth_date: date, sex: str, region: str) -> tuple[str, ...]:
    """国办发〔2018〕81号 art. 3, GB 11643-1999: codes of what a number says otherwise than its bearer.

    A citizen's number (公民身份号码) is a mainland person's: of others it would be a number of somebody else.
    """
    said_region = _MAINLAND if number.kind in _OF_CITIZENS else number.region
    compared = (
        (number.birth_date, birth_date, "people.number_contradicts_birth_date"),
        (number.sex, sex, "people.number_contradicts_sex"),
        (said_region, region, "people.number_contradicts_region"),
    )
    return tuple(code for said, known, code in compared if said is not None and said != known)


def is_minor(birth_date: date, under_age: int, on: date) -> bool:
    """未成年人保护法 art. 2: whether somebody is under age on a day; `under_age` in full years, of the pack."""
    return age_on(birth_date, on) < under_age


def _holds(rule: ProxyRule, age: int) -> bool | None:
    if rule.under_age is not None:
        return age < rule.under_age
    if rule.from_age is not None:
        return age >= rule.from_age
    return None
