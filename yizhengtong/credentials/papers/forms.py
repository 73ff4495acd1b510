"""The four application forms, filled in from the case. Nothing on them is typed a second time.

The conversion form has its fields from the pack, in the printed order of 附件1 (S4-18 to S4-27). Of the other three
only the names are in the sources (S1-041, S0-T11, S0-T19, 申领（签注）表 of Zhejiang): their layout was not seen (N),
and they hold what the law names: the items of the card, the claims, the papers, the declaration, the opinions.
"""

from collections.abc import Callable, Mapping, Sequence

from yizhengtong.credentials.papers.sheet import (
    Part,
    Sheet,
    Tongue,
    choice,
    choices,
    day,
    opinions,
    plain_row,
    row,
    words,
)
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.kernel.regions import name_of
from yizhengtong.law.law import Law
from yizhengtong.law.parameter import ServiceItem
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.forms import Filled, filled_form
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import opinions_of
from yizhengtong.registry.people.queries import current_number, current_travel_document

HMT_FORM, ZHEJIANG_FORM, CONVERSION_FORM, SETTLEMENT_FORM = (
    "hmt_form",
    "zhejiang_form",
    "conversion_form",
    "settlement_form",
)
_FORMS = {
    "港澳台居民居住证申领登记表": HMT_FORM,
    "《浙江省居住证》申领（签注）表": ZHEJIANG_FORM,
    "《浙江省居住证》互认转换申请表": CONVERSION_FORM,
    "台湾居民来大陆定居申请表": SETTLEMENT_FORM,
}
"""The packs' names of forms, and which paper is printed for each."""
FORMS = tuple(_FORMS.values())
_SEXES = {"M": "男", "F": "女"}
_CLAIMS = ("employment", "dwelling", "study")
_OPINIONS = {"accept": "clerk_opinion", "review": "reviewer_opinion", "approve": "approver_opinion"}


def form_kind(item: ServiceItem) -> str:
    """Return which form an item has; empty for one that no paper is known for."""
    return _FORMS.get(item.form, "")


def form_sheet(case: Case, tongue: Tongue) -> Sheet:
    """Return the form of a case as it is filled in. The read is recorded by the caller."""
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    item = item_of(law, case.item)
    kind = form_kind(item)
    parts = list(_PARTS[kind](case, law, item, tongue))
    return Sheet(
        kind=kind,
        title=item.form if item.form.startswith("《") else f"《{item.form}》",
        title_second=tongue.second(f"papers.kind_{kind}"),
        parts=parts,
        dated=case.received_on,
        office=case.office.name,
        number=_number_line(case, kind, tongue),
    )


def _number_line(case: Case, kind: str, tongue: Tongue) -> str:
    if kind == CONVERSION_FORM:
        return ""  # there the number is a field of the form
    return tongue.words("papers.receipt_number", number=case.receipt_number) if case.receipt_number else ""


# ---- the conversion form ----


def _conversion(case: Case, _law: Law, _item: ServiceItem, _tongue: Tongue) -> Sequence[Part]:
    filled = {each.field.code: each for each in filled_form(case)}
    used: set[str] = set()

    def take(*codes: str) -> list[Filled]:
        used.update(codes)
        return [filled[code] for code in codes if code in filled]

    parts = [
        *_pairs(take("application_number")),
        *map(_cells, take("number")),
        *_pairs(take("name", "sex", "nation")),
        *_household(take("household_province", "household_county", "household_address")),
        *_pairs(take("residence_address")),
        *map(_boxes, take("conversion_type")),
        _proofs(take("employment_proof", "dwelling_proof", "rented_dwelling_proof", "study_proof")),
        *[words({"label": each.field.words}, say("papers.conversion_tip")) for each in take("tip")],
        *[_declaration(each) for each in take("declaration")],
        _three_opinions(take("clerk_opinion", "reviewer_opinion", "approver_opinion")),
        *[words({"label": each.field.words}, say("papers.conversion_remark")) for each in take("remark")],
    ]
    # What the place's pack asks besides, at the end: a field is never lost for want of a place.
    return [*parts, *_pairs([each for code, each in filled.items() if code not in used])]


def _pairs(found: Sequence[Filled]) -> list[Part]:
    return [plain_row([(each.field.words, each.text) for each in found])] if found else []


def _cells(number: Filled) -> Part:
    count = number.field.cells or len(number.text)
    characters = [*number.text[:count], *[""] * (count - len(number.text))]
    return {"kind": "cells", "label": number.field.words, "cells": characters}


def _household(found: Sequence[Filled]) -> list[Part]:
    """常住户口省县: the province, the county, and the address in detail."""
    by_code = {each.field.code: each for each in found}
    place = "　".join(
        each.text for code in ("household_province", "household_county") if (each := by_code.get(code)) is not None
    )
    pairs = [("常住户口省县", place)]
    if address := by_code.get("household_address"):
        pairs.append((address.field.words, address.text))
    return [plain_row(pairs)]


def _boxes(filled: Filled) -> Part:
    return {"kind": "choices", "label": filled.field.words, "second": "", "choices": _ticked(filled)}


def _ticked(filled: Filled) -> list[Mapping[str, object]]:
    return [choice(each.words, each.code in filled.ticked) for each in filled.field.choices]


def _proofs(found: Sequence[Filled]) -> Part:
    """证明材料, in columns as printed: the rented dwelling is a group within the column of the dwelling."""
    columns: dict[str, dict[str, object]] = {}
    for each in found:
        name = "dwelling" if each.field.group == "rented_dwelling" else each.field.group
        column = columns.setdefault(name, {"label": each.field.words, "groups": [], "width": 1})
        label = each.field.words if each.field.group == "rented_dwelling" else ""
        column["groups"] = [*column["groups"], {"label": label, "choices": _ticked(each)}]  # type: ignore[misc]
    return {"kind": "columns", "label": "证明材料", "columns": list(columns.values())}


def _declaration(filled: Filled) -> Part:
    signed = say("papers.applicant_signs") if filled.field.signed else ""
    return words({"label": filled.field.words}, say("papers.conversion_declaration"), signed=signed, on=filled.on)


def _three_opinions(found: Sequence[Filled]) -> Part:
    given = []
    for each in found:
        told = say("papers.by_rule", facts={"rule": f"casework.rule_{each.rule}"}) if each.rule else each.text
        given.append((f"{each.field.words}：", told, each.on))
    return opinions("审核部门意见", given)


# ---- the other three ----


def _hmt(case: Case, law: Law, item: ServiceItem, tongue: Tongue) -> Sequence[Part]:
    person, answers = case.person, case.application.answers
    return [
        _kinds(law, item, tongue),
        *_ground(case, item, tongue),
        row(tongue, name=person.name, latin_name=person.latin_name),
        row(tongue, sex=_SEXES[person.sex], birth_date=day(person.birth_date), region=_region(person.region)),
        *_travel_document(case, law, tongue),
        row(tongue, residence_address=answers.get("residence_address", "")),
        row(tongue, phone=answers.get("phone", ""), service_point=case.office.name),
        *_claims(case, item, tongue),
        _papers(case, law, item, tongue),
        *_delivery(case, tongue),
        *_representative(case, tongue),
        _own_declaration(case, tongue, "papers.declaration_of_own_will"),
        _given_opinions(case, tongue),
    ]


def _zhejiang(case: Case, law: Law, item: ServiceItem, tongue: Tongue) -> Sequence[Part]:
    person, answers = case.person, case.application.answers
    number = current_number(person, DocumentKind.RESIDENT_ID)
    return [
        _kinds(law, item, tongue),
        *_ground(case, item, tongue),
        {**_cell_row(str(number.number) if number else "", tongue)},
        row(tongue, name=person.name, sex=_SEXES[person.sex], nation=person.nation or ""),
        row(tongue, birth_date=day(person.birth_date), household_region=name_of(person.hukou_region) or ""),
        row(tongue, household_address=person.hukou_address or ""),
        row(tongue, residence_address=answers.get("residence_address", "")),
        row(tongue, phone=answers.get("phone", ""), service_point=case.office.name),
        *_claims(case, item, tongue),
        _papers(case, law, item, tongue),
        *_delivery(case, tongue),
        *_representative(case, tongue),
        _own_declaration(case, tongue, "papers.declaration_true"),
        _given_opinions(case, tongue),
    ]


def _settlement(case: Case, law: Law, item: ServiceItem, tongue: Tongue) -> Sequence[Part]:
    person, answers = case.person, case.application.answers
    return [
        row(tongue, name=person.name, latin_name=person.latin_name),
        row(tongue, sex=_SEXES[person.sex], birth_date=day(person.birth_date), region=_region(person.region)),
        *_travel_document(case, law, tongue),
        row(tongue, settles_at=answers.get("residence_address", "")),
        row(tongue, phone=answers.get("phone", ""), service_point=case.office.name),
        *_ground(case, item, tongue),
        _papers(case, law, item, tongue),
        *_delivery(case, tongue),
        *_representative(case, tongue),
        _own_declaration(case, tongue, "papers.declaration_of_own_will"),
        _given_opinions(case, tongue),
    ]


_PARTS: Mapping[str, Callable[[Case, Law, ServiceItem, Tongue], Sequence[Part]]] = {
    HMT_FORM: _hmt,
    ZHEJIANG_FORM: _zhejiang,
    CONVERSION_FORM: _conversion,
    SETTLEMENT_FORM: _settlement,
}


def _kinds(law: Law, item: ServiceItem, tongue: Tongue) -> Part:
    """What is asked for: every item of the same form, this one ticked."""
    same = [each for each in law.items.values() if each.form == item.form]
    return choices(tongue, "applies_for", [choice(each.name.zh_hans, each.code == item.code) for each in same])


def _ground(case: Case, item: ServiceItem, tongue: Tongue) -> list[Part]:
    if not item.grounds:
        return []
    name = "settlement" if item.outcome == "settlement" else "applications"
    boxes = [
        choice(
            tongue.words(f"{name}.ground_{each}"),
            each == case.application.ground,
            tongue.second(f"{name}.ground_{each}"),
        )
        for each in item.grounds
    ]
    return [choices(tongue, "ground", boxes)]


def _cell_row(number: str, tongue: Tongue) -> Part:
    return {"kind": "cells", "label": tongue.words("papers.label_identity_number"), "cells": [*f"{number:18.18}"]}


def _region(code: str) -> str:
    return say(f"papers.region_{code}")


def _travel_document(case: Case, law: Law, tongue: Tongue) -> list[Part]:
    document = current_travel_document(case.person)
    if document is None:
        return [row(tongue, travel_document="", travel_document_number="")]
    kind = law.evidence.get(document.kind)
    name = kind.name.zh_hans if kind else say(f"papers.document_{document.kind}")
    return [
        row(tongue, travel_document=name),
        row(tongue, travel_document_number=str(document.number), travel_document_until=day(document.valid_until)),
    ]


def _claims(case: Case, item: ServiceItem, tongue: Tongue) -> list[Part]:
    if not any(document.when.startswith("claim:") for document in item.documents):
        return []
    boxes = [
        choice(
            tongue.words(f"applications.claim_{each}"),
            each in case.application.claims,
            tongue.second(f"applications.claim_{each}"),
        )
        for each in _CLAIMS
    ]
    return [choices(tongue, "claims", boxes)]


def _papers(case: Case, law: Law, item: ServiceItem, tongue: Tongue) -> Part:
    """The papers handed in, by the law's names of document and kind."""
    names = {document.code: document.name.zh_hans for document in item.documents}
    handed_in = case.application.evidence.filter(is_withdrawn=False).order_by("document_code", "kind")
    lines = dict.fromkeys(
        f"{names.get(code, code)}（{law.evidence[kind].name.zh_hans}）"
        if kind in law.evidence
        else names.get(code, code)
        for code, kind in handed_in.values_list("document_code", "kind")
    )
    return row(tongue, papers="；".join(lines))


def _delivery(case: Case, tongue: Tongue) -> list[Part]:
    answers = case.application.answers
    if not answers.get("delivery"):
        return []
    how = {"delivery": say(f"papers.delivery_{answers['delivery']}")}
    if answers["delivery"] == "post":
        how["delivery_address"] = answers.get("delivery_address", "")
    return [row(tongue, **how)]


def _representative(case: Case, tongue: Tongue) -> list[Part]:
    application = case.application
    if not application.relation:
        return []
    return [
        row(tongue, representative=application.filled_by.name, relation=say(f"people.relation_{application.relation}"))
    ]


def _own_declaration(case: Case, tongue: Tongue, code: str) -> Part:
    declared = case.received_on if case.application.answers.get("declares_true") else None
    return words(
        tongue.label("declaration"), tongue.words(code), told_second=tongue.second(code),
        signed=say("papers.applicant_signs"), on=declared,
    )  # fmt: skip


def _given_opinions(case: Case, tongue: Tongue) -> Part:
    """The three opinions with their days (S4-26); those not given yet are left to be written."""
    given = {each.action: each for each in opinions_of(case)}
    lines = []
    for action, name in _OPINIONS.items():
        each = given.get(action)
        told = ""
        if each is not None:
            told = say("papers.by_rule", facts={"rule": f"casework.rule_{each.rule}"}) if each.rule else each.words
        lines.append((say(f"papers.{name}"), told, each.on if each else None))
    return opinions(tongue.words("papers.label_opinions"), lines)
