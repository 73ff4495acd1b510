"""What a kind of proof shows, measured by the pack's threshold for it (D7; S3-36 to S3-45).

Pure. An officer's details and a register's answer count alike; where both speak, the register's does. What nobody has
established is neither met nor unmet: an officer settles it. Terms are `[since, until)`; 以上 includes the number.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yizhengtong.kernel.dates import Duration, add_months, add_years, days_completed_on
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument, ServiceItem
from yizhengtong.law.values import ProofRule
from yizhengtong.permitting.applications.facts import Confirmed, Facts, ProofDetails
from yizhengtong.permitting.applications.rules.documents import is_handed_in


@dataclass(frozen=True, slots=True)
class Standing:
    """How a proof stands: met, unmet or open (None), by which rule, and when it would be met if nothing changes.

    `missing`: what keeps it from counting, as a code of the pack's `requires`, or `months`, `term`, `ended`, `unknown`.
    """

    rule: ProofRule
    met: bool | None
    missing: str = ""
    met_on: date | None = None


def proofs_of(law: Law, item: ServiceItem, claim: str) -> tuple[ProofRule, ...]:
    """Return the kinds that prove a claim: those of the conversion form for a conversion, where the place has them."""
    own = f"conversion.{claim}.proofs"
    key = own if item.outcome == "conversion" and own in law else f"{claim}.proofs"
    return law.value(key) or ()


def standings(facts: Facts, law: Law, item: ServiceItem, on: date) -> tuple[Standing, ...]:
    """Return how each proof at hand stands, for the claims made. What was rejected on sight is not at hand."""
    by_claim = standings_by_claim(facts, law, item, on)
    return tuple(standing for claim in law.value("claims.any_of") for standing in by_claim.get(claim, ()))


def proven_claims(facts: Facts, law: Law, item: ServiceItem, on: date) -> list[str]:
    """Return the claims for which an accepted kind of proof is at hand, was not rejected and shows what it must.

    Source: 国办发〔2018〕81号 art. 8, 国务院令第663号 art. 9 (what proves each of the three); the pack's `*.proofs`.
    """
    by_claim = standings_by_claim(facts, law, item, on)
    return [claim for claim, found in by_claim.items() if any(standing.met for standing in found)]


def standings_by_claim(facts: Facts, law: Law, item: ServiceItem, on: date) -> Mapping[str, tuple[Standing, ...]]:
    """Return how each proof at hand stands, by the claim it proves, in the order of the item's documents."""
    return {
        claim: _standings(document, proofs_of(law, item, claim), facts, on)
        for document, claim in _documents_of_claims(item)
        if claim in facts.claims
    }


def _standings(document: RequiredDocument, proofs: Sequence[ProofRule], facts: Facts, on: date) -> tuple[Standing, ...]:
    """An officer who saw the original at the counter may say so of a paper that was not uploaded; of which kind it was
    stays open, unless no kind asks for more than the paper itself. One that was uploaded is of the kind it is: found in
    order, it becomes no other."""
    found = tuple(look_at_proof(rule, facts, on) for rule in proofs if _is_at_hand(document, rule.evidence, facts))
    word = facts.judged_documents.get(document.code)
    if found or word is None or not word.met or not proofs or facts.evidence.get(document.code):
        return found
    is_plain = not any(rule.requires or rule.minimum for rule in proofs)
    return (Standing(proofs[0], True if is_plain else None, "" if is_plain else "unknown"),)


def _documents_of_claims(item: ServiceItem) -> Iterable[tuple[RequiredDocument, str]]:
    for document in item.documents:
        kind, _, claim = document.when.partition(":")
        if kind == "claim":
            yield document, claim


def _is_at_hand(document: RequiredDocument, evidence: str, facts: Facts) -> bool:
    if evidence in facts.confirmed:
        return True
    word = facts.judged_documents.get(document.code)
    if word is not None and not word.met:
        return False
    return is_handed_in(document, facts, [evidence]) or evidence in facts.proof_details


def look_at_proof(rule: ProofRule, facts: Facts, on: date) -> Standing:
    """Measure one proof on a legal day: first what it must show, then how long."""
    details = facts.confirmed.get(rule.evidence) or facts.proof_details.get(rule.evidence) or ProofDetails()
    for code in rule.requires:
        if code in details.lacks:
            return Standing(rule, False, code)
    unknown = next((code for code in rule.requires if code not in details.shows), "")
    if rule.minimum is None:
        return Standing(rule, None if unknown else True, unknown)
    measured = _measured(rule, details, on)
    return Standing(rule, None, unknown) if measured.met and unknown else measured


def _measured(rule: ProofRule, details: Confirmed | ProofDetails, on: date) -> Standing:
    minimum = rule.minimum
    if minimum is None:
        return Standing(rule, True)
    if rule.measured == "term":
        return _term(rule, details, minimum, on)
    if rule.measured == "paid" and details.months is not None and minimum.unit == "month":
        return _paid(rule, details, minimum, on)
    if details.since is None:
        return Standing(rule, None, "unknown")
    full = _end_of(details.since, minimum)
    if details.until is not None and details.until <= min(on, full):
        return Standing(rule, False, "ended")
    return Standing(rule, full <= on, "" if full <= on else "months", None if full <= on else full)


def _paid(rule: ProofRule, details: Confirmed | ProofDetails, minimum: Duration, on: date) -> Standing:
    """S3-36: months paid. If paying goes on, what is missing is there as many months after the register's day."""
    months = details.months or 0
    if months >= minimum.n:
        return Standing(rule, True)
    counted = details.as_of if isinstance(details, Confirmed) else on
    return Standing(rule, False, "months", max(add_months(counted, minimum.n - months), on))


def _term(rule: ProofRule, details: Confirmed | ProofDetails, minimum: Duration, on: date) -> Standing:
    """S3-38, S3-39: the term of a contract that still runs; a contract without an end is long enough."""
    if details.since is None:
        return Standing(rule, None, "unknown")
    if details.until is not None and details.until <= on:
        return Standing(rule, False, "ended")
    is_long_enough = details.until is None or _end_of(details.since, minimum) <= details.until
    return Standing(rule, is_long_enough, "" if is_long_enough else "term")


def _end_of(start: date, length: Duration) -> date:
    if length.unit == "month":
        return add_months(start, length.n)
    if length.unit == "year":
        return add_years(start, length.n)
    if length.unit == "day":
        return days_completed_on(start, length.n)
    raise ValueError("a proof is measured in days, months or years")
