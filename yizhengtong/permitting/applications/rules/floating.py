"""浙江省流动人口居住登记条例, 国务院令第663号, 庆政办发〔2023〕43号: the conditions of the Zhejiang permit.

Pure: facts in, findings out, no clock. `on` is the legal day on which the question is asked. What the facts do not
settle is left to an officer (`met` None) and is never an automatic refusal.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from yizhengtong.kernel.dates import MONTHS_A_YEAR, age_on, endorsement_window, full_months
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.law.values import EndorsementWindow, ProxyRule
from yizhengtong.permitting.applications.facts import Facts, HeldPermit
from yizhengtong.permitting.applications.rules.proofs import Standing, standings
from yizhengtong.permitting.applications.rules.registration import (
    is_registered_here,
    is_registered_long_enough,
    lives_away_from_household_registration,
    registrations_add_up,
)
from yizhengtong.permitting.applications.rules.shapes import Conditions

_MAINLAND = "CN"
_OF_TIME: Mapping[str, str] = {"months": "too_short", "term": "term_too_short", "ended": "ended"}


def is_under_the_floating_rules(region: str, source: Source) -> Finding:
    """浙江省流动人口居住登记条例 art. 38, D14: residents of Hong Kong, Macao and Taiwan follow the national rules."""
    facts = {} if region == _MAINLAND else {"problem": "applications.hmt_permit_is_theirs"}
    return Finding("applications.is_under_the_floating_rules", region == _MAINLAND, source, facts)


def proves_one_of_three(
    found: Sequence[Standing], allowed: Sequence[str], names: Mapping[str, object], source: Source
) -> Finding:
    """条例 art. 16, S3-34, S3-36 to S3-45: one proof of one claim is enough, each by its own threshold.

    `names`: the words of each kind of proof. Where one is at hand and none is enough, the finding is of the one that
    would be enough soonest, with `proof`, `requirement` or `needed` and `unit`.
    """
    claims = {"claims": [f"applications.claim_{claim}" for claim in allowed]}
    if not found:
        return Finding("applications.proves_one_of_three", False, source, claims)
    best = min(found, key=_nearest)
    if best.met:
        return Finding("applications.proves_one_of_three", True, source, claims)
    facts = {**claims, **_told(best), "proof": names.get(best.rule.evidence, best.rule.evidence)}
    return Finding(_proof_code(best), best.met, source, facts, best.met_on)


def _nearest(standing: Standing) -> tuple[int, date]:
    return (True, None, False).index(standing.met), standing.met_on or date.max


def _told(standing: Standing) -> dict[str, object]:
    rule = standing.rule
    if standing.missing in _OF_TIME:
        return {"needed": rule.n, "unit": f"applications.unit_{rule.unit}"}
    return {"requirement": f"applications.requires_{standing.missing}"}


def _proof_code(standing: Standing) -> str:
    if standing.met is None:
        return "applications.proof_open"
    return f"applications.proof_{_OF_TIME.get(standing.missing, 'lacks')}"


def representative_may_act(
    birth: date, relation: str, rules: Sequence[ProxyRule], in_person: bool, on: date, source: Source
) -> Finding:
    """国务院令第663号 art. 9, S3-29, D3: a minor is represented; somebody else acts only for whom the rules name.

    That an adult is old or disabled and cannot come an officer sees (`met` None).
    """
    code = "applications.representative_may_act"
    minors = [rule for rule in rules if rule.who == "minor" and rule.under_age is not None]
    age = age_on(birth, on)
    if not relation:
        is_minor = any(age < (rule.under_age or 0) for rule in minors)
        return Finding(code, not is_minor, source, {"problem": "applications.minor_needs_representative"})
    if in_person:
        return Finding(code, False, source, {"problem": "applications.comes_in_person"})
    if any(age < (rule.under_age or 0) and relation in rule.by for rule in minors):
        return Finding(code, True, source)
    is_possible = any(rule.who != "minor" and relation in rule.by and age >= (rule.from_age or 0) for rule in rules)
    return Finding(code, None if is_possible else False, source, {"problem": "applications.representative_not_allowed"})


def holds_no_permit_of_the_family(permits: Sequence[HeldPermit], source: Source) -> Finding:
    """条例 art. 22: a permit that is held, in whatever form, is endorsed, replaced, reissued or converted."""
    return Finding("applications.holds_no_permit_of_the_family", not permits, source)


def holds_permit_to_endorse(permits: Sequence[HeldPermit], source: Source) -> Finding:
    """条例 art. 19: a living permit that is endorsed yearly; a lost one is reissued first."""
    code = "applications.holds_permit_to_endorse"
    if any(permit.endorsed_until is not None and permit.state != "lost" for permit in permits):
        return Finding(code, True, source)
    problem = "permit_is_lost" if any(permit.state == "lost" for permit in permits) else "no_permit_held"
    return Finding(code, False, source, {"problem": f"applications.{problem}"})


def endorsement_window_is_open(
    permits: Sequence[HeldPermit], window: EndorsementWindow, asked_on: date, source: Source
) -> Finding:
    """条例 art. 19, S3-26: within the month before each full year of issue; late is possible and has its effect (D22).

    Facts: `window_from`, `window_until` (inclusive), `is_late`. Too early: `met_on` is the first day of the window.
    """
    code = "applications.endorsement_window_is_open"
    permit = next((each for each in permits if each.issued_on and each.endorsed_until), None)
    if permit is None or permit.issued_on is None or permit.endorsed_until is None:
        return Finding(code, False, source, {"problem": "applications.no_permit_held"})
    year = full_months(permit.issued_on, permit.endorsed_until) // MONTHS_A_YEAR + 1
    months = window.n if window.unit == "month" else window.n * MONTHS_A_YEAR
    days = endorsement_window(permit.issued_on, year, months_before=months)
    last = permit.endorsed_until
    facts = {"window_from": days.start, "window_until": last, "is_late": asked_on > last}
    if asked_on < days.start:
        return Finding(code, False, source, {**facts, "problem": "applications.window_not_open"}, days.start)
    return Finding(code, True, source, facts)


def holds_valid_zhejiang_permit(permits: Sequence[HeldPermit], on: date, source: Source) -> Finding:
    """庆政办发〔2023〕43号 一.1, S4-04: a valid Zhejiang permit of any form: not lost, its functions not suspended."""
    code = "applications.holds_valid_zhejiang_permit"
    problems = [_invalid(permit, on) for permit in permits]
    if "" in problems:
        return Finding(code, True, source)
    return Finding(code, False, source, {"problem": f"applications.{problems[0] if problems else 'no_permit_held'}"})


def _invalid(permit: HeldPermit, on: date) -> str:
    if permit.state == "lost":
        return "permit_is_lost"
    is_overdue = permit.endorsed_until is not None and permit.endorsed_until < on
    if permit.suspended or permit.state == "suspended" or is_overdue:
        return "permit_is_suspended"
    return "permit_has_expired" if permit.last_valid_day is not None and permit.last_valid_day < on else ""


def makes_the_promise(promises: bool, channel: str, source: Source) -> Finding:
    """庆政办发〔2023〕43号 二.2, S4-11: the first of the four steps online; at the window papers take its place."""
    return Finding("applications.makes_the_promise", promises or channel == "window", source)


def declares_truth(declared: bool, source: Source) -> Finding:
    """庆政办发〔2023〕43号 附件1, S4-25: what is filled in and handed in is true; false papers have consequences."""
    return Finding("applications.declares_truth", declared, source)


def acknowledges_cancellation(
    acknowledged: bool, permits: Sequence[HeldPermit], cancels: bool, source: Source
) -> Finding:
    """庆政办发〔2023〕43号 附件1, S4-24: the earlier permits, one or several, are cancelled; asked beforehand."""
    facts = {"count": len(permits)}
    return Finding("applications.acknowledges_cancellation", acknowledged or not cancels, source, facts)


def _endorsable(facts: Facts, law: Law, on: date, source: Source) -> Finding:
    return endorsement_window_is_open(facts.permits, law.value("endorsement.window"), facts.asked_on or on, source)


def _one_of_three(facts: Facts, law: Law, item: ServiceItem, on: date, source: Source) -> Finding:
    names = {code: evidence.name.model_dump(by_alias=True) for code, evidence in law.evidence.items()}
    return proves_one_of_three(standings(facts, law, item, on), law.value("claims.any_of"), names, source)


CONDITIONS: Conditions = {
    "is_under_the_floating_rules": lambda facts, _law, _item, _on, source: is_under_the_floating_rules(
        facts.region, source
    ),
    "lives_away_from_household_registration": lambda facts, law, _item, _on, source: (
        lives_away_from_household_registration(
            facts.hukou_region, facts.place, law.value("registration.crossing"), source
        )
    ),
    "is_registered_long_enough": lambda facts, law, _item, on, _source: is_registered_long_enough(facts, law, on),
    "registrations_add_up": lambda facts, law, _item, on, _source: registrations_add_up(facts, law, on),
    "is_registered_here": lambda facts, _law, _item, on, source: is_registered_here(
        facts.stays, facts.place, on, source
    ),
    "proves_one_of_three": _one_of_three,
    "representative_may_act": lambda facts, law, _item, on, source: representative_may_act(
        facts.birth_date,
        facts.relation,
        law.value("proxy.rules"),
        law.value("application.in_person"),
        on,
        source,
    ),
    "holds_no_permit_of_the_family": lambda facts, _law, _item, _on, source: holds_no_permit_of_the_family(
        facts.permits, source
    ),
    "holds_permit_to_endorse": lambda facts, _law, _item, _on, source: holds_permit_to_endorse(facts.permits, source),
    "endorsement_window_is_open": lambda facts, law, _item, on, source: _endorsable(facts, law, on, source),
    "holds_valid_zhejiang_permit": lambda facts, _law, _item, on, source: holds_valid_zhejiang_permit(
        facts.permits, on, source
    ),
    "makes_the_promise": lambda facts, _law, _item, _on, source: makes_the_promise(
        facts.promises, facts.channel, source
    ),
    "declares_truth": lambda facts, _law, _item, _on, source: declares_truth(facts.declares_true, source),
    "acknowledges_cancellation": lambda facts, law, _item, _on, source: acknowledges_cancellation(
        facts.acknowledges_cancellation, facts.permits, law.value("conversion.cancels_all_earlier"), source
    ),
}
