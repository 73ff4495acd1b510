"""The application form of a place: what must be filled in online, its number, and the form as it is filled.

庆政办发〔2023〕43号 附件1 (S4-18 to S4-27). Which fields a form has is the pack's; here stands where each value comes
from.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yizhengtong.kernel.errors import FieldError
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.kernel.regions import name_of
from yizhengtong.law.floating import FormField
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import RequiredDocument, ServiceItem
from yizhengtong.permitting.applications.models import Application, Evidence
from yizhengtong.permitting.applications.rules import is_asked_for
from yizhengtong.permitting.applications.services import WINDOW, item_of
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import Case, JournalEntry
from yizhengtong.permitting.casework.promising import promise_of
from yizhengtong.permitting.casework.rules import is_accepted_online
from yizhengtong.permitting.settlement.services import missing_confirmation
from yizhengtong.registry.people.queries import current_number

CONVERSION_TYPES = {
    "floating.conversion_permit": "existing_permit",
    "floating.conversion_registrations": "registrations",
}
"""S4-20: the box of the form that each item is."""
_PROVINCE_DIGITS = 2


def has_number(law: Law, item: ServiceItem) -> bool:
    """Whether the item's form begins with an application number (S4-19)."""
    return item.outcome == "conversion" and "conversion.form" in law


def missing_online(application: Application, law: Law, on: date) -> list[FieldError]:
    """Return what the confirmation of an online form still lacks, all at once (S4-11, S4-17, S4-24)."""
    item, answers = item_of(law, application.item), application.answers
    is_conversion = item.outcome == "conversion"
    errors = []
    if is_conversion and law.value("conversion.cancels_all_earlier") and not answers.get("acknowledges_cancellation"):
        errors.append(FieldError("answers.acknowledges_cancellation", "casework.acknowledgement_needed"))
    if is_conversion and answers.get("conversion_type", CONVERSION_TYPES.get(item.code)) != CONVERSION_TYPES.get(
        item.code
    ):
        errors.append(FieldError("answers.conversion_type", "casework.type_differs"))
    if item.outcome == "settlement":
        errors += missing_confirmation(application, law)
    if answers.get("channel") == WINDOW or not is_accepted_online(item, law):
        return errors
    promised = bool(answers.get("promises")) and answers.get("promise_hash") == promise_of(law, item).hash
    if "promise" in _steps(law) and not promised:
        errors.append(FieldError("answers.promises", "casework.promise_needed"))
    return errors + [
        FieldError(f"evidence.{document.code}", "casework.paper_needed")
        for document in _missing_papers(application, law, item, on)
    ]


def _steps(law: Law) -> Sequence[str]:
    return law.values.get("application.steps") or ()


def _missing_papers(application: Application, law: Law, item: ServiceItem, on: date) -> list[RequiredDocument]:
    """Return the papers neither handed in nor confirmed; of the claims made, one proof is enough."""
    facts = gather_facts(application, law)
    rows = Evidence.objects.filter(application=application, is_withdrawn=False)
    handed_in = set(rows.values_list("document_code", flat=True))
    asked = [document for document in item.documents if is_asked_for(document, facts, law, on)]
    there = {
        document.code
        for document in asked
        if document.code in handed_in or any(kind in facts.confirmed for kind in document.any_of)
    }
    claims = {document.code for document in asked if document.when.startswith("claim:")}
    return [
        document
        for document in asked
        if document.code not in there and not (document.code in claims and claims & there)
    ]


@dataclass(frozen=True, slots=True)
class Filled:
    """A field of the form with what stands in it: text, the boxes that are ticked, an opinion with its day."""

    field: FormField
    text: str = ""
    ticked: tuple[str, ...] = ()
    on: date | None = None
    rule: str = ""


def filled_form(case: Case) -> list[Filled]:
    """Return the conversion form of a case, field by field in its printed order. The read is recorded by the caller."""
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    if not has_number(law, item_of(law, case.item)):
        return []
    kinds = frozenset(case.application.evidence.filter(is_withdrawn=False).values_list("kind", flat=True))
    confirmed = frozenset(gather_facts(case.application, law, case).confirmed)
    opinions = {entry.action: entry for entry in case.journal.filter(action__in=_OPINIONS.values()).order_by("at")}
    return [_filled(field, case, kinds | confirmed, opinions) for field in law.value("conversion.form")]


_OPINIONS = {"clerk_opinion": "accept", "reviewer_opinion": "review", "approver_opinion": "approve"}


def _filled(field: FormField, case: Case, kinds: frozenset[str], opinions: Mapping[str, JournalEntry]) -> Filled:
    if field.kind == "opinion":
        entry = opinions.get(_OPINIONS.get(field.code, ""))
        return Filled(field, entry.opinion.get("words", ""), (), entry.on, entry.rule) if entry else Filled(field)
    if field.code == "conversion_type":
        return Filled(field, ticked=(CONVERSION_TYPES[case.item],))
    if field.choices:
        return Filled(field, ticked=tuple(choice.code for choice in field.choices if choice.code in kinds))
    if field.kind == "declaration":
        return Filled(field, on=case.received_on if case.application.answers.get("declares_true") else None)
    return Filled(field, _TEXTS.get(field.code, _empty)(case))


_SEXES = {"M": "男", "F": "女"}  # as a Chinese form has it, whoever reads


def _empty(_case: Case) -> str:
    return ""


def _number(case: Case) -> str:
    held = current_number(case.person, DocumentKind.RESIDENT_ID)
    return str(held.number) if held else ""


_TEXTS: Mapping[str, Callable[[Case], str]] = {
    "application_number": lambda case: case.application_number or "",
    "number": _number,
    "name": lambda case: case.person.name,
    "sex": lambda case: _SEXES[case.person.sex],
    "nation": lambda case: case.person.nation or "",
    "household_province": lambda case: name_of(f"{case.person.hukou_region[:_PROVINCE_DIGITS]}0000") or "",
    "household_county": lambda case: name_of(case.person.hukou_region) or "",
    "household_address": lambda case: case.person.hukou_address or "",
    "residence_address": lambda case: case.application.answers.get("residence_address", ""),
}
