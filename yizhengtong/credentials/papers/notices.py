"""What an office tells in writing: that it has the papers, that it accepts, what is missing, why it refuses."""

from datetime import date

from yizhengtong.credentials.papers.sheet import CHINESE, Part, Sheet, Tongue, day, heading, item, row, table, text
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case, Notice
from yizhengtong.permitting.casework.wording import Worded, worded_notice

SUBMISSION_RECEIPT, RECEIPT, SUPPLEMENT, REFUSAL = "submission_receipt", "receipt", "supplement", "refusal"


def submission_receipt(case: Case, tongue: Tongue) -> Sheet:
    """收件凭证: what was handed in, on which day, and where."""
    parts = [
        *_about(case, tongue),
        _handed_in(case, tongue),
        text(tongue.words("papers.submission_says"), tongue.second("papers.submission_says")),
    ]
    return _signed(case, SUBMISSION_RECEIPT, parts, case.received_on, tongue)


def receipt(case: Case, tongue: Tongue) -> Sheet:
    """受理回执: number, day, and the last day of the decision where the law gives one (S3-31, 81号 art. 10)."""
    due = row(tongue, accepted_on=day(case.accepted_on), due_on=_due(case, tongue))
    parts = [*_about(case, tongue), due, _handed_in(case, tongue)]
    if case.is_due_provisional:
        parts.append(text(tongue.words("papers.due_is_provisional"), tongue.second("papers.due_is_provisional")))
    parts.append(text(tongue.words("papers.receipt_says"), tongue.second("papers.receipt_says")))
    return _signed(case, RECEIPT, parts, case.accepted_on or case.received_on, tongue)


def notice_sheet(case: Case, notice: Notice, tongue: Tongue) -> Sheet:
    """一次性告知 or refusal: every point at once with article, fix and day, and what can be done against it."""
    told = worded_notice(notice, CHINESE, case.person.region)
    other = worded_notice(notice, tongue.language, case.person.region) if tongue.language != CHINESE else None
    kind = REFUSAL if notice.kind == Notice.Kind.REFUSAL else SUPPLEMENT
    parts: list[Part] = [
        text(tongue.words("papers.to", name=case.person.name), is_indented=False),
        text(_opening(case, kind, tongue)),
        {
            "kind": "list",
            "items": [
                _point(each, other.findings[at] if other else None, tongue) for at, each in enumerate(told.findings)
            ],
        },
    ]
    if told.remedies:
        parts.append(heading(tongue.words("papers.remedies")))
    for at, remedy in enumerate(told.remedies):
        named, _, article = notice.remedies[at].get("source", "").partition(" art. ")
        basis = tongue.words("papers.basis", source=f"{named}{cited_article(article)}")
        parts.append(text(f"{remedy}（{basis}）", other.remedies[at] if other else ""))
    if kind == SUPPLEMENT:
        parts.append(text(tongue.words("papers.supplement_says"), tongue.second("papers.supplement_says")))
    return _signed(case, kind, parts, notice.issued_on, tongue)


def _opening(case: Case, kind: str, tongue: Tongue) -> str:
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    item_name = item_of(law, case.item).name.zh_hans
    return tongue.words(f"papers.{kind}_opens", day=case.received_on, item=item_name, number=case.receipt_number or "—")


def _point(told: Worded, other: Worded | None, tongue: Tongue) -> dict[str, object]:
    lines = [told.detail]
    if told.fix:
        lines.append(tongue.words("papers.fix", fix=told.fix))
    if told.met_on:
        lines.append(tongue.words("papers.met_on", day=told.met_on))
    second = f"{other.title}. {other.detail} {other.fix}".strip() if other else ""
    return item(told.title, lines, second=second, source=tongue.words("papers.basis", source=_cited(told)))


def _cited(told: Worded) -> str:
    source = told.source
    quoted = f"：“{source.words}”" if source.words else ""
    return f"{source.text}{cited_article(source.article)}{quoted}"


def cited_article(article: str) -> str:
    """Return an article as Chinese papers cite it: 第9条; what is no number, such as 附件1, stands as it is."""
    if not article:
        return ""
    return f"第{article}条" if article.replace(".", "").replace("-", "").isdigit() else f" {article}"


def _about(case: Case, tongue: Tongue) -> list[Part]:
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    return [
        row(tongue, name=case.person.name),
        row(tongue, applies_for=item_of(law, case.item).name.zh_hans),
        row(tongue, received_on=day(case.received_on), service_point=case.office.name),
    ]


def _handed_in(case: Case, tongue: Tongue) -> Part:
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    names = {document.code: document.name.zh_hans for document in item_of(law, case.item).documents}
    papers = case.application.evidence.filter(is_withdrawn=False).order_by("document_code", "kind")
    rows = [
        (str(at), names.get(code, code), law.evidence[kind].name.zh_hans if kind in law.evidence else kind)
        for at, (code, kind) in enumerate(papers.values_list("document_code", "kind"), 1)
    ]
    return table(tongue, {"serial": 1, "paper": 5, "paper_kind": 5}, rows or [("—", "—", "—")])


def _due(case: Case, tongue: Tongue) -> str:
    return day(case.due_on) if case.due_on else tongue.words("papers.no_due_day")


def _signed(case: Case, kind: str, parts: list[Part], dated: date, tongue: Tongue) -> Sheet:
    number = tongue.words("papers.receipt_number", number=case.receipt_number) if case.receipt_number else ""
    if not number and case.application_number:
        number = tongue.words("papers.application_number", number=case.application_number)
    return Sheet(
        kind=kind,
        title=tongue.words(f"papers.kind_{kind}"),
        title_second=tongue.second(f"papers.kind_{kind}"),
        parts=parts,
        dated=dated,
        office=case.office.name,
        number=number,
        signed_by=tongue.words("papers.stamp", office=case.office.name),
        is_signed=True,
    )
