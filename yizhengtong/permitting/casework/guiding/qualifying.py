"""When somebody would qualify: the same rules as a decision's, asked of what somebody says of themselves.

Pure: a wish and a law in, the day of each condition out; no clock, no database, nobody's record. What only an officer
or a counter can settle is not asked here. Days and months are never converted (D5); a gap is never a refusal (D6).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from yizhengtong.kernel.findings import Finding
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.facts import Facts, ProofDetails
from yizhengtong.permitting.applications.rules import CONDITIONS
from yizhengtong.permitting.applications.rules.proofs import Standing, look_at_proof, proofs_of
from yizhengtong.permitting.casework.guiding.sayings import Saying, Told, proof, told
from yizhengtong.registry.residence.duties import must_register
from yizhengtong.registry.residence.rules import Stay, has_lived_here_long_enough

MAINLAND = "CN"
_UNASKED_BIRTH = date(1900, 1, 1)
"""None of the rules asked here looks at it."""

_ITEMS: Mapping[str, tuple[str, ...]] = {
    "hmt": ("hmt.first_issue",),
    "floating": ("floating.first_issue", "floating.conversion_registrations"),
}
_RESIDENCE: Mapping[str, str] = {
    "has_lived_here_long_enough": "residence.requirement",
    "is_registered_long_enough": "residence.requirement",
    "registrations_add_up": "conversion.residence",
}
_ASKED = ("is_under_the_floating_rules", "lives_away_from_household_registration", *_RESIDENCE)
ONE_OF_THREE = ("has_one_of_three", "proves_one_of_three")


@dataclass(frozen=True, slots=True)
class Claim:
    """What one has: since when, and until when where it ends, half-open; None: not said."""

    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Who asks: HK, MO, TW or CN; for which county; the stays, the county of the household register, what one has.

    A stay that was never registered has no `declared_on`.
    """

    region: str
    place: str
    stays: tuple[Stay, ...]
    hukou: str = ""
    claims: Mapping[str, Claim] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of proof one may have, and how it would stand."""

    claim: str
    says: tuple[Saying, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class ByReading:
    """What one of several texts alone would say (D4)."""

    told: Told
    finding: Finding


@dataclass(frozen=True, slots=True)
class Looked:
    """A condition that was looked at: its rule and what was found."""

    rule: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Outlook:
    """How one item stands at one place.

    `item` empty: the place's packs know none, and only the time of residence is reckoned. `earliest`: the day from
    which everything asked here is met, if nothing changes; None where that cannot be told. `is_open`: an officer must
    settle something. `register`: whether the stay there must be registered, where it is not.
    """

    place: str
    law: Law
    item: str
    findings: tuple[Looked, ...]
    measure: Told | None
    readings: tuple[ByReading, ...]
    papers: tuple[Paper, ...]
    earliest: date | None
    has_gap: bool
    needs_check: bool
    register: Finding | None = None


def outlooks(wish: Wish, law: Law, on: date) -> list[Outlook]:
    """Return how each item of a law stands that the person could apply for at the law's place."""
    known = [law.items[code] for code in _ITEMS.get(law.subject, ()) if code in law.items]
    if known:
        return [_outlook(wish, law, item, on) for item in known]
    return [_only_residence(wish, law, on)] if "residence.requirement" in law else []


def _outlook(wish: Wish, law: Law, item: ServiceItem, on: date) -> Outlook:
    facts = _facts(wish, law, item, on)
    findings = tuple(
        Looked(each.rule, CONDITIONS[each.rule](facts, law, item, on, each.source))
        for each in item.conditions
        if each.rule in _ASKED or each.rule in ONE_OF_THREE
    )
    key = next((_RESIDENCE[each.rule] for each in item.conditions if each.rule in _RESIDENCE), "")
    measure = told(law, key) if key else None
    papers = tuple(_papers(facts, law, item, on))
    return Outlook(
        law.region,
        law,
        item.code,
        findings,
        measure,
        tuple(_by_readings(facts, measure, law, on)) if measure else (),
        papers,
        _earliest(findings, papers, on),
        any(each.finding.met is None for each in findings if each.rule in _RESIDENCE),
        any(each.finding.met is None for each in findings if each.rule in ONE_OF_THREE),
        _register(wish, law),
    )


def _facts(wish: Wish, law: Law, item: ServiceItem, on: date) -> Facts:
    """What the rules look at. Whoever says to have employment is taken to have each of its papers: which of them would
    do, and when, is told paper by paper."""
    claims = [claim for claim in law.value("claims.any_of") if claim in wish.claims]
    kinds = {claim: [rule.evidence for rule in proofs_of(law, item, claim)] for claim in claims}
    return Facts(
        region=wish.region,
        birth_date=_UNASKED_BIRTH,
        place=law.region,
        stays=_registered(wish.stays, on) if law.subject == "floating" else wish.stays,
        claims=tuple(claims),
        hukou_region=wish.hukou,
        evidence={
            document.code: tuple(kinds.get(document.when.partition(":")[2], ()))
            for document in item.documents
            if document.when.startswith("claim:")
        },
        proof_details={
            kind: ProofDetails(since=wish.claims[claim].since, until=wish.claims[claim].until)
            for claim in claims
            for kind in kinds[claim]
        },
    )


def _registered(stays: tuple[Stay, ...], on: date) -> tuple[Stay, ...]:
    """条例 art. 16: what was not registered counts from the day on which it is: today for who still lives there, and
    never for who has left."""
    return tuple(
        stay
        if stay.declared_on
        else Stay(stay.region, max(stay.start, on), stay.until, declared_on=max(stay.start, on))
        for stay in stays
        if stay.declared_on or stay.until is None
    )


def _papers(facts: Facts, law: Law, item: ServiceItem, on: date) -> list[Paper]:
    return [
        Paper(claim, tuple(proof(law, rule)), look_at_proof(rule, facts, on))
        for claim in facts.claims
        for rule in proofs_of(law, item, claim)
    ]


def _earliest(findings: tuple[Looked, ...], papers: tuple[Paper, ...], on: date) -> date | None:
    days = [_day_of(each, papers, on) for each in findings]
    return None if None in days else max((day for day in days if day), default=on)


def _day_of(looked: Looked, papers: tuple[Paper, ...], on: date) -> date | None:
    """Return the day of one condition. A proof that only an officer can judge keeps nobody waiting."""
    finding = looked.finding
    if finding.met or (finding.met is None and looked.rule in ONE_OF_THREE):
        return on
    if finding.met_on is not None or looked.rule not in ONE_OF_THREE:
        return finding.met_on
    return min((paper.standing.met_on for paper in papers if paper.standing.met_on), default=None)


def _by_readings(facts: Facts, measure: Told, law: Law, on: date) -> list[ByReading]:
    if not measure.readings:
        return []
    gap = law.value("residence.gap_tolerance_days")
    values = law[measure.key].readings
    return [
        ByReading(
            said,
            has_lived_here_long_enough(
                facts.stays, on, reading.value, facts.place, reading.source, gap_tolerance_days=gap
            ),
        )
        for said, reading in zip(measure.readings, values, strict=True)
    ]


def _only_residence(wish: Wish, law: Law, on: date) -> Outlook:
    """The national measure, where the packs know no item of the place."""
    parameter, measure = law["residence.requirement"], told(law, "residence.requirement")
    finding = has_lived_here_long_enough(wish.stays, on, parameter.value, law.region, parameter.source)
    return Outlook(
        law.region,
        law,
        "",
        (Looked("has_lived_here_long_enough", finding),),
        measure,
        (),
        (),
        on if finding.met else finding.met_on,
        finding.met is None,
        False,
        _register(wish, law),
    )


def _register(wish: Wish, law: Law) -> Finding | None:
    """Whether somebody who lives there unregistered must register; None where that is not asked."""
    lives_there = any(stay.region == law.region and stay.until is None for stay in wish.stays)
    is_registered = any(stay.region == law.region and stay.declared_on for stay in wish.stays)
    if wish.region != MAINLAND or law.subject != "floating" or not lives_there or is_registered:
        return None
    found = must_register(wish.region, wish.hukou, law.region, "", law)
    return found if found.met else None
