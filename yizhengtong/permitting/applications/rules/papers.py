"""A finding for each paper that a service item asks for. Pure."""

from collections.abc import Mapping
from datetime import date

from yizhengtong.kernel.findings import Finding
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument, ServiceItem
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.applications.rules.documents import is_asked_for, is_handed_in, is_shown
from yizhengtong.permitting.applications.rules.proofs import proven_claims


def look_at_documents(facts: Facts, law: Law, item: ServiceItem, on: date) -> list[Finding]:
    """Return a finding for each paper that the item asks of these facts: handed in or missing, or rejected.

    Where one claim of the three is proven, the papers of the others no longer matter.
    """
    has_proof = bool(proven_claims(facts, law, item, on))
    findings = [
        (document, _look_at_document(document, facts))
        for document in item.documents
        if is_asked_for(document, facts, law, on)
    ]
    return [finding for document, finding in findings if finding.met or not (has_proof and _is_of_claim(document))]


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
