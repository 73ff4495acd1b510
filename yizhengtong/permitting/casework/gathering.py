"""Gathering the facts of an application or a case for the rules."""

from datetime import date

from django.db.models import prefetch_related_objects

from yizhengtong.foundation.documents.models import Document
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.facts import Facts, HeldPermit, Judged, TravelDocument
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.models import Case, Judgement
from yizhengtong.permitting.permits.queries import living_permits
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.rules import Stay

_TRAVEL_DOCUMENTS = {
    DocumentKind.HRP: "hrp",
    DocumentKind.HRP_NON_CHINESE: "hrp_non_chinese",
    DocumentKind.MTP_TAIWAN_FIVE_YEAR: "mtp_five_year",
    DocumentKind.MTP_TAIWAN_ONE_TIME: "mtp_one_time",
}
"""Our kinds of number in the packs' words for travel documents."""


def law_for(item_code: str, place: str, on: date) -> Law:
    """Return the law under which an item is decided at a place: its subject is the first word of the item's code."""
    return law_in_force(place, item_code.partition(".")[0], on)


def gather_facts(application: Application, law: Law, case: Case | None = None) -> Facts:
    """Return the facts of an application; with `case` also what was captured and judged."""
    person = application.person
    judged = list(case.judgements.all()) if case else []
    return Facts(
        region=person.region,
        birth_date=person.birth_date,
        place=application.place,
        travel_document=_travel_document(person),
        stays=_stays(person),
        claims=tuple(application.claims),
        ground=application.ground,
        applies_of_own_will=bool(application.answers.get("declares_own_will")),
        relation=application.relation,
        photo=case.photo_from if case else "",
        has_fingerprints=bool(case and case.fingerprints_id),
        has_signed_form=bool(case and case.signed_form_id),
        permit=_held_permit(person, item_of(law, application.item).permit_kind),
        evidence=_evidence(application),
        judged_conditions=_words(judged, Judgement.Target.CONDITION),
        judged_documents=_words(judged, Judgement.Target.DOCUMENT),
    )


def _travel_document(person: Person) -> TravelDocument | None:
    for number in person.numbers.all():
        word = _TRAVEL_DOCUMENTS.get(DocumentKind(number.kind))
        if word and number.is_current:
            return TravelDocument(word, number.valid_until)
    return None


def _stays(person: Person) -> tuple[Stay, ...]:
    """Return the stays without their addresses: part of an act that is recorded itself."""
    rows = Registration.objects.filter(person=person, is_current=True).order_by("start")
    return tuple(Stay(*row) for row in rows.values_list("region", "start", "until", "reported_by"))


def _held_permit(person: Person, kind: str) -> HeldPermit | None:
    living = living_permits(person, kind).values_list("state", "last_valid_day", "region").first()
    return None if living is None else HeldPermit(*living)


def _evidence(application: Application) -> dict[str, tuple[str, ...]]:
    """Return the kinds handed in for each document; what still waits for its virus scan nobody can look at yet."""
    kinds: dict[str, tuple[str, ...]] = {}
    prefetch_related_objects([application], "evidence__document")  # asks nothing where it was fetched already
    for paper in application.evidence.all():
        if not paper.is_withdrawn and paper.document.scan == Document.Scan.CLEAN:
            kinds[paper.document_code] = (*kinds.get(paper.document_code, ()), paper.kind)
    return kinds


def _words(judgements: list[Judgement], target: Judgement.Target) -> dict[str, Judged]:
    return {word.code: Judged(word.met, word.reason) for word in judgements if word.target == target}
