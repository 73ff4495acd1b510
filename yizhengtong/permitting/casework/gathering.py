"""Gathering the facts of an application or a case for the rules."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, TravelDocument
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.models import Case, Judgement
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.registry.residence.rules import Stay

_TRAVEL_DOCUMENTS = {
    DocumentKind.HRP: "hrp",
    DocumentKind.HRP_NON_CHINESE: "hrp_non_chinese",
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: "mtp_five_year",
    DocumentKind.MTP_TAIWAN_ONE_TIME: "mtp_one_time",
}
"""Our kinds of number in the packs' words for travel documents."""

_RECORDS = """
    SELECT
        (SELECT json_agg(json_build_array(kind, valid_until) ORDER BY id) FROM people_personnumber
            WHERE person_id = %(person)s AND is_current),
        (SELECT json_agg(json_build_array(region, start, until, reported_by) ORDER BY start)
            FROM residence_registration WHERE person_id = %(person)s AND is_current),
        (SELECT json_build_array(state, last_valid_day, region) FROM permits_permit
            WHERE person_id = %(person)s AND kind = %(kind)s AND state = ANY(%(living)s)),
        (SELECT json_agg(json_build_array(paper.document_code, paper.kind) ORDER BY paper.id)
            FROM applications_evidence paper JOIN documents_document document ON document.id = paper.document_id
            WHERE paper.application_id = %(application)s AND NOT paper.is_withdrawn AND document.scan = 'clean'),
        (SELECT json_agg(json_build_array(target, code, met, reason) ORDER BY id) FROM casework_judgement
            WHERE case_id = %(case)s)
"""
"""What the records say, at one instant. What still waits for its virus scan nobody can look at yet. No address and no
number leaves its row: this is part of an act that is recorded itself."""


def law_for(item_code: str, place: str, on: date) -> Law:
    """Return the law under which an item is decided at a place: its subject is the first word of the item's code."""
    return law_in_force(place, item_code.partition(".")[0], on)


def gather_facts(application: Application, law: Law, case: Case | None = None) -> Facts:
    """Return the facts of an application; with `case` also what was captured and judged."""
    person = application.person
    numbers, stays, permit, papers, words = _records(application, item_of(law, application.item).permit_kind, case)
    return Facts(
        region=person.region,
        birth_date=person.birth_date,
        place=application.place,
        travel_document=_travel_document(numbers or ()),
        stays=tuple(Stay(place, date.fromisoformat(start), _day(until), by) for place, start, until, by in stays or ()),
        claims=tuple(application.claims),
        ground=application.ground,
        applies_of_own_will=bool(application.answers.get("declares_own_will")),
        relation=application.relation,
        photo=case.photo_from if case else "",
        has_fingerprints=bool(case and case.fingerprints_id),
        has_signed_form=bool(case and case.signed_form_id),
        permit=None if permit is None else HeldPermit(permit[0], date.fromisoformat(permit[1]), permit[2]),
        evidence=_kinds(papers or ()),
        judged_conditions=_words(words or (), Judgement.Target.CONDITION),
        judged_documents=_words(words or (), Judgement.Target.DOCUMENT),
    )


def _records(application: Application, kind: str, case: Case | None) -> Sequence[Any]:
    asked: dict[str, Any] = {
        "person": application.person_id,
        "kind": kind,
        "living": list(LIVING),
        "application": application.pk,
        "case": case.pk if case else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, asked)
        row: Sequence[Any] = cursor.fetchone()
        return row


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _travel_document(numbers: Sequence[Any]) -> TravelDocument | None:
    for kind, valid_until in numbers:
        word = _TRAVEL_DOCUMENTS.get(DocumentKind(kind))
        if word:
            return TravelDocument(word, _day(valid_until))
    return None


def _kinds(papers: Sequence[Any]) -> dict[str, tuple[str, ...]]:
    """Return the kinds handed in for each document."""
    kinds: dict[str, tuple[str, ...]] = {}
    for code, kind in papers:
        kinds[code] = (*kinds.get(code, ()), kind)
    return kinds


def _words(judgements: Sequence[Any], target: Judgement.Target) -> dict[str, Judged]:
    return {code: Judged(met, reason) for place, code, met, reason in judgements if place == target}
