"""The conditions of the permit for Hong Kong, Macao and Taiwan residents (国办发〔2018〕81号).

Pure: facts in, findings out, no clock. `on` is the legal day on which the question is asked.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from yizhengtong.kernel.dates import age_on
from yizhengtong.kernel.findings import Finding, Source
from yizhengtong.permitting.applications.facts import HeldPermit, TravelDocument
from yizhengtong.permitting.applications.rules.proofs import proven_claims
from yizhengtong.permitting.applications.rules.shapes import Conditions
from yizhengtong.registry.residence.rules import lived_long_enough_by_any


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
        last = permit.last_valid_day
        if last is None:
            return Finding(code, False, source, facts)
        return Finding(code, on > last, source, facts, last + timedelta(days=1))
    if ground == "moved":
        return Finding(code, place != permit.region, source, facts)
    return Finding(code, None, source, facts)


def permit_is_reported_lost(permit: HeldPermit | None, source: Source) -> Finding:
    """国办发〔2018〕81号 art. 9: a lost permit is reissued; it is reported first, so that nobody else can use it."""
    return Finding("applications.permit_is_reported_lost", permit is not None and permit.state == "lost", source)


CONDITIONS: Conditions = {
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
    "has_one_of_three": lambda facts, law, item, on, source: has_one_of_three(
        proven_claims(facts, law, item, on), law.value("claims.any_of"), source
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
