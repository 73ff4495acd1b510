"""The conditions that service items name. A pack's item says which of them apply; this table says what each asks.

Pure: facts in, findings out, no clock. `on` is the legal day on which the question is asked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta

from yizhengtong.kernel.dates import age_on
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument, ServiceItem
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, TravelDocument
from yizhengtong.registry.residence.rules import lived_long_enough_by_any

IN_PERSON = frozenset({"photo_is_available", "fingerprints_are_captured", "form_is_signed"})
"""Conditions that only the visit to a service point can meet: they are not asked before it."""


def is_hong_kong_macao_or_taiwan_resident(
    document: TravelDocument | None, accepted: Collection[str], refused: Collection[str], source: Source
) -> Finding:
    """国办发〔2018〕81号 art. 19: a Chinese citizen settled in Hong Kong, Macao or Taiwan; the travel document tells.

    `accepted` and `refused` are the pack's kinds of travel document. A kind that only says that another one is needed
    (the one-time permit) does not speak against the person.
    """
    code = "applications.is_hong_kong_macao_or_taiwan_resident"
    if document is None:
        return Finding(code, None, source)
    return Finding(code, document.kind in accepted or not _is_foreign(document.kind, refused), source)


def _is_foreign(kind: str, refused: Collection[str]) -> bool:
    return kind in refused and kind == "hrp_non_chinese"


def holds_accepted_travel_document(
    document: TravelDocument | None, accepted: Sequence[str], on: date, source: Source
) -> Finding:
    """国办发〔2018〕81号 arts. 8, 19: a valid Mainland Travel Permit, for Taiwan residents the five-year one."""
    code = "applications.holds_accepted_travel_document"
    if document is None:
        return Finding(code, False, source, {"problem": "applications.travel_document_missing"})
    if document.kind not in accepted:
        return Finding(code, False, source, {"problem": f"applications.travel_document_{document.kind}"})
    if document.valid_until is None:
        return Finding(code, None, source, {"problem": "applications.travel_document_validity_unknown"})
    if document.valid_until < on:
        return Finding(code, False, source, {"problem": "applications.travel_document_expired"})
    return Finding(code, True, source)


def has_one_of_three(proven: Collection[str], allowed: Sequence[str], source: Source) -> Finding:
    """国办发〔2018〕81号 art. 2: lawful stable employment, lawful stable dwelling or continuous study: one will do."""
    met = any(claim in allowed for claim in proven)
    names = [f"applications.claim_{claim}" for claim in allowed]
    return Finding("applications.has_one_of_three", met, source, {"claims": names})


def applies_of_own_will(declared: bool, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 2: at one's own wish; nobody has to hold this permit (S0-T03, S0-T33)."""
    return Finding("applications.applies_of_own_will", declared, source)


def minor_is_represented(birth: date, under_age: int, relation: str, on: date, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 2: a guardian may apply for a minor; a minor does not apply alone here."""
    is_minor = age_on(birth, on) < under_age
    met = not is_minor or relation == "guardian"
    return Finding("applications.minor_is_represented", met, source, {"age": under_age})


def photo_is_available(photo: str, receipt_accepted: bool, source: Source) -> Finding:
    """D8: a photograph captured on site (S2-18), or the receipt of the digital-photo test where brought (S1-039)."""
    met = photo == "captured" or (photo == "receipt" and receipt_accepted)
    return Finding("applications.photo_is_available", met, source)


def fingerprints_are_captured(has_fingerprints: bool, required: bool, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 3 and S2-18: fingerprints are captured on site."""
    return Finding("applications.fingerprints_are_captured", has_fingerprints or not required, source)


def form_is_signed(has_signed_form: bool, source: Source) -> Finding:
    """S1-042: the applicant checks the printed form at the counter and signs it."""
    return Finding("applications.form_is_signed", has_signed_form, source)


def holds_no_living_permit(permit: HeldPermit | None, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 9: a permit held is replaced or reissued; a first issue is for who has none."""
    return Finding("applications.holds_no_living_permit", permit is None, source)


def holds_permit_of_this_kind(permit: HeldPermit | None, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 9: only a permit that there is can be replaced or reissued."""
    return Finding("applications.holds_permit_of_this_kind", permit is not None, source)


def ground_for_replacement_holds(
    permit: HeldPermit | None, ground: str, allowed: Sequence[str], place: str, on: date, source: Source
) -> Finding:
    """国办发〔2018〕81号 art. 9: replaced when expired, damaged, or when the place of residence changed.

    Whether a card is damaged an officer sees: that ground is never settled here.
    """
    code = "applications.ground_for_replacement_holds"
    facts = {"ground": f"applications.ground_{ground}"}
    if permit is None or ground not in allowed:
        return Finding(code, False, source, facts)
    if ground == "expired":
        return Finding(code, on > permit.last_valid_day, source, facts, permit.last_valid_day + timedelta(days=1))
    if ground == "moved":
        return Finding(code, place != permit.region, source, facts)
    return Finding(code, None, source, facts)


def permit_is_reported_lost(permit: HeldPermit | None, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 9: a lost permit is reissued; it is reported first, so that nobody else can use it."""
    return Finding("applications.permit_is_reported_lost", permit is not None and permit.state == "lost", source)


Condition = Callable[[Facts, Law, ServiceItem, date, Source], Finding]

CONDITIONS: Mapping[str, Condition] = {
    "is_hong_kong_macao_or_taiwan_resident": lambda facts, law, _item, _on, source: (
        is_hong_kong_macao_or_taiwan_resident(
            facts.travel_document, law.value("travel_document.accepted"), law.value("travel_document.refused"), source
        )
    ),
    "holds_accepted_travel_document": lambda facts, law, _item, on, source: holds_accepted_travel_document(
        facts.travel_document, law.value("travel_document.accepted"), on, source
    ),
    "has_lived_here_long_enough": lambda facts, law, _item, on, _source: lived_long_enough_by_any(
        facts.stays,
        on,
        law["residence.requirement"].readings,
        facts.place,
        gap_tolerance_days=law.value("residence.gap_tolerance_days"),
    ),
    "has_one_of_three": lambda facts, law, item, _on, source: has_one_of_three(
        proven_claims(facts, law, item), law.value("claims.any_of"), source
    ),
    "applies_of_own_will": lambda facts, _law, _item, _on, source: applies_of_own_will(
        facts.applies_of_own_will, source
    ),
    "minor_is_represented": lambda facts, law, _item, on, source: minor_is_represented(
        facts.birth_date, law.value("proxy.minor_under_age"), facts.relation, on, source
    ),
    "photo_is_available": lambda facts, law, _item, _on, source: photo_is_available(
        facts.photo, law.value("photo.receipt_accepted"), source
    ),
    "fingerprints_are_captured": lambda facts, law, _item, _on, _source: fingerprints_are_captured(
        facts.has_fingerprints, law.value("fingerprint.required"), law["fingerprint.required"].source
    ),
    "form_is_signed": lambda facts, _law, _item, _on, source: form_is_signed(facts.has_signed_form, source),
    "holds_no_living_permit": lambda facts, _law, _item, _on, source: holds_no_living_permit(facts.permit, source),
    "holds_permit_of_this_kind": lambda facts, _law, _item, _on, source: holds_permit_of_this_kind(
        facts.permit, source
    ),
    "ground_for_replacement_holds": lambda facts, _law, item, on, source: ground_for_replacement_holds(
        facts.permit, facts.ground, item.grounds, facts.place, on, source
    ),
    "permit_is_reported_lost": lambda facts, _law, _item, _on, source: permit_is_reported_lost(facts.permit, source),
}


def look_at_conditions(
    facts: Facts, law: Law, item: ServiceItem, on: date, *, leave_out: Collection[str] = ()
) -> list[Finding]:
    """Return a finding for each condition of the item, in the pack's order."""
    return [
        CONDITIONS[condition.rule](facts, law, item, on, condition.source)
        for condition in item.conditions
        if condition.rule not in leave_out
    ]


def look_at_documents(facts: Facts, law: Law, item: ServiceItem, on: date) -> list[Finding]:
    """Return a finding for each paper that the item asks of these facts: handed in or missing, or rejected.

    Where one claim of the three is proven, the papers of the others no longer matter.
    """
    has_proof = bool(proven_claims(facts, law, item))
    findings = [
        (document, _look_at_document(document, facts))
        for document in item.documents
        if is_asked_for(document, facts, law, on)
    ]
    return [finding for document, finding in findings if finding.met or not (has_proof and _is_of_claim(document))]


def is_asked_for(document: RequiredDocument, facts: Facts, law: Law, on: date) -> bool:
    """Whether the item asks these facts for a paper: always, of minors, of proxies, for a ground or for a claim."""
    kind, _, word = document.when.partition(":")
    if kind == "minor":
        under_age: int = law.value("proxy.minor_under_age")
        return age_on(facts.birth_date, on) < under_age
    if kind == "proxy":
        return bool(facts.relation)
    if kind == "ground":
        return facts.ground == word
    if kind == "claim":
        return word in facts.claims
    return True


def proven_claims(facts: Facts, law: Law, item: ServiceItem) -> list[str]:
    """Return the claims for which an accepted kind of paper was handed in and not rejected.

    Source: 国办发〔2018〕81号 art. 8 (what proves each of the three); the kinds stand in the pack's `*.proofs`.
    """
    proven = []
    for document in item.documents:
        kind, _, claim = document.when.partition(":")
        if kind != "claim" or claim not in facts.claims:
            continue
        if is_shown(document, facts, [proof.evidence for proof in law.value(f"{claim}.proofs")]):
            proven.append(claim)
    return proven


def is_shown(document: RequiredDocument, facts: Facts, kinds: Collection[str] = ()) -> bool:
    """Whether a paper counts: an officer's word on it stands, else whether it was handed in.

    An officer who saw the original at the counter may say so of a paper that was not uploaded.
    """
    word = facts.judged_documents.get(document.code)
    return is_handed_in(document, facts, kinds) if word is None else word.met


def is_handed_in(document: RequiredDocument, facts: Facts, kinds: Collection[str] = ()) -> bool:
    """Whether a paper of one of `kinds`, or of the document's own, was handed in; nobody has looked at it yet."""
    return any(kind in (kinds or document.any_of) for kind in facts.evidence.get(document.code, ()))


def _is_of_claim(document: RequiredDocument) -> bool:
    return document.when.startswith("claim:")


def _look_at_document(document: RequiredDocument, facts: Facts) -> Finding:
    named = {"document": _names(document), "document_code": document.code}
    if is_shown(document, facts):
        return Finding("applications.document_present", True, document.source, named)
    if is_handed_in(document, facts):
        reason = facts.judged_documents[document.code].reason
        return Finding("applications.document_rejected", False, document.source, {**named, "reason": reason})
    return Finding("applications.document_missing", False, document.source, named)


def _names(document: RequiredDocument) -> Mapping[str, str]:
    return {"zh-Hans": document.name.zh_hans, "zh-Hant": document.name.zh_hant, "en": document.name.en}
