"""Gathering the facts of an application or a case for the rules."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection

from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.confirmed import confirmed_facts
from yizhengtong.permitting.applications.confirming import REGISTERS
from yizhengtong.permitting.applications.facts import (
    Confirmed,
    Facts,
    HeldPermit,
    Judged,
    ProofDetails,
    TravelDocument,
)
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.models import Case, Judgement
from yizhengtong.permitting.permits.kinds import family_of
from yizhengtong.permitting.permits.states import LIVING, PermitState
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
        (SELECT json_agg(json_build_array(region, start, until, reported_by, declared_on) ORDER BY start)
            FROM residence_registration WHERE person_id = %(person)s AND is_current),
        (SELECT json_agg(json_build_array(state, last_valid_day, region, kind, coalesce(counted_from, valid_from),
                endorsed_until, years_count_from) ORDER BY kind <> %(kind)s, id) FROM permits_permit
            WHERE person_id = %(person)s AND kind = ANY(%(family)s) AND state = ANY(%(living)s)),
        (SELECT json_agg(json_build_array(paper.document_code, paper.kind) ORDER BY paper.id)
            FROM applications_evidence paper JOIN documents_document document ON document.id = paper.document_id
            WHERE paper.application_id = %(application)s AND NOT paper.is_withdrawn AND document.scan = 'clean'),
        (SELECT json_agg(json_build_array(target, code, met, reason, details) ORDER BY id) FROM casework_judgement
            WHERE case_id = %(case)s)
"""
"""What the records say, at one instant. What still waits for its virus scan nobody can look at yet. No address and no
number leaves its row: this is part of an act that is recorded itself."""


def law_for(item_code: str, place: str, on: date) -> Law:
    """Return the law under which an item is decided at a place: its subject is the first word of the item's code."""
    return law_in_force(place, item_code.partition(".")[0], on)


def gather_facts(
    application: Application,
    law: Law,
    case: Case | None = None,
    *,
    confirmed: Mapping[str, Confirmed] | None = None,
    proof_details: Mapping[str, ProofDetails] | None = None,
) -> Facts:
    """Return the facts of an application; with `case` also what was captured and judged.

    `confirmed`: what registers said of kinds of proof; `proof_details`: what an officer established of them.
    """
    person, answers = application.person, application.answers
    numbers, stays, permits, papers, words = _records(application, item_of(law, application.item).permit_kind, case)
    held = tuple(_permit(permit) for permit in permits or ())
    details = _details(words or ()) if proof_details is None else proof_details
    return Facts(
        region=person.region,
        birth_date=person.birth_date,
        place=application.place,
        travel_document=_travel_document(numbers or ()),
        stays=tuple(_stay(stay) for stay in stays or ()),
        claims=tuple(application.claims),
        ground=application.ground,
        applies_of_own_will=bool(answers.get("declares_own_will")),
        relation=application.relation,
        photo=case.photo_from if case else "",
        has_fingerprints=bool(case and case.fingerprints_id),
        has_signed_form=bool(case and case.signed_form_id),
        permit=held[0] if held else None,
        evidence=_kinds(papers or ()),
        judged_conditions=_words(words or (), Judgement.Target.CONDITION),
        judged_documents=_words(words or (), Judgement.Target.DOCUMENT),
        hukou_region=person.hukou_region or "",
        permits=held,
        confirmed=_confirmed(application, law, details) if confirmed is None else confirmed,
        proof_details=details,
        asked_on=case.received_on if case else None,
        channel=answers.get("channel", ""),
        promises=bool(answers.get("promises")),
        declares_true=bool(answers.get("declares_true")),
        acknowledges_cancellation=bool(answers.get("acknowledges_cancellation")),
        chose_type=answers.get("conversion_type", ""),
        is_exempt=answers.get("is_exempt", ""),
    )


def _records(application: Application, kind: str, case: Case | None) -> Sequence[Any]:
    asked: dict[str, Any] = {
        "person": application.person_id,
        "kind": kind,
        "family": list(family_of(kind)),
        "living": list(LIVING),
        "application": application.pk,
        "case": case.pk if case else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORDS, asked)
        row: Sequence[Any] = cursor.fetchone()
        return row


def _permit(stored: Sequence[Any]) -> HeldPermit:
    """A last valid day at the end of the calendar says that there is none."""
    state, last_valid_day, region, kind, issued_on, endorsed_until, years_count_from = stored
    last = date.fromisoformat(last_valid_day)
    return HeldPermit(
        state,
        None if last == date.max else last,
        region,
        kind,
        _day(issued_on),
        _day(endorsed_until),
        _day(years_count_from),
        suspended=state == PermitState.SUSPENDED,
    )


def _stay(stored: Sequence[Any]) -> Stay:
    region, start, until, reported_by, declared_on = stored
    return Stay(region, date.fromisoformat(start), _day(until), reported_by, _day(declared_on))


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
    return {code: Judged(met, reason) for place, code, met, reason, _ in judgements if place == target}


def _details(judgements: Sequence[Any]) -> dict[str, ProofDetails]:
    """Return what officers established of papers, by kind of proof."""
    return {
        kind: ProofDetails(
            months=said.get("months"),
            since=_day(said.get("since")),
            until=_day(said.get("until")),
            shows=tuple(said.get("shows", ())),
            lacks=tuple(said.get("lacks", ())),
        )
        for *_, details in judgements
        for kind, said in (details or {}).items()
    }


def _confirmed(application: Application, law: Law, details: Mapping[str, ProofDetails]) -> Mapping[str, Confirmed]:
    """Return what registers said; what an officer established of a paper goes before it.

    Where the law knows of no register the question would only cost a statement.
    """
    if REGISTERS not in law:
        return {}
    told = confirmed_facts([application]).get(application.pk, {})
    return {kind: confirmed for kind, confirmed in told.items() if kind not in details}
