"""Which papers there are of a case or a permit, what stands on them, and how a paper that is shown stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.utils import timezone

from yizhengtong.credentials.papers import certificates, forms, notices
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.papers.permit_sheets import ELECTRONIC_PERMIT, PERMIT_COPY, permit_kind, permit_sheet
from yizhengtong.credentials.papers.references import normal, reference_hash
from yizhengtong.credentials.papers.sheet import Sheet, Tongue
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.trail import Actor
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import NotFound
from yizhengtong.permitting.applications.services import item_of
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case, Notice
from yizhengtong.permitting.permits.kinds import SETTLEMENT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.settlement.models import ApprovalNotice

About = IssuedPaper.About
_SUPPLEMENT, _REFUSAL = Notice.Kind.SUPPLEMENT, Notice.Kind.REFUSAL


def papers_of_case(case: Case) -> list[str]:
    """Return the kinds of papers that a case has now, the form first, what its permit says of itself last."""
    law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
    item = item_of(law, case.item)
    told = set(case.notices.values_list("kind", flat=True))
    is_settled = item.outcome == "settlement" and ApprovalNotice.objects.filter(case_id=case.pk).exists()
    there = {
        forms.form_kind(item): True,
        certificates.FLOW: item.outcome == "conversion",
        notices.SUBMISSION_RECEIPT: True,
        notices.RECEIPT: case.accepted_on is not None,
        notices.SUPPLEMENT: _SUPPLEMENT in told,
        notices.REFUSAL: _REFUSAL in told,
        certificates.APPROVAL_NOTICE: is_settled,
        certificates.SETTLEMENT_PERMIT: is_settled,
        _form_of_permit(case): True,
    }
    return [kind for kind, is_there in there.items() if kind and is_there]


def _form_of_permit(case: Case) -> str:
    permit = Permit.objects.select_related("person").filter(case_id=case.pk).first()
    return permit_kind(permit, legal_day(timezone.now())) if permit else ""


def papers_of_permit(permit: Permit, on: date) -> list[str]:
    """Return the kinds of papers that a permit has on a legal day."""
    if permit.kind != SETTLEMENT:
        kind = permit_kind(permit, on)
        return [kind] if kind else []
    has_notice = ApprovalNotice.objects.filter(permit_id=permit.pk).exists()
    return [*([certificates.APPROVAL_NOTICE] if has_notice else []), certificates.SETTLEMENT_PERMIT]


def sheet_of_case(case: Case, kind: str, tongue: Tongue, by: Actor = SYSTEM) -> tuple[Sheet, str, UUID]:
    """Return what stands on a paper of a case, and which object it is about. Raises NotFound.

    `by`: who opens the photograph of a permit.
    """
    there = papers_of_case(case)
    kind = _meant(kind, there)
    if kind not in there:
        raise NotFound("not_found")
    if kind in forms.FORMS:
        return forms.form_sheet(case, tongue), About.CASE, case.pk
    if kind == certificates.FLOW:
        law = law_for(case.item, case.application.place, case.accepted_on or case.received_on)
        return certificates.flow_sheet(law, case.office.name, case.received_on, tongue), About.CASE, case.pk
    if kind in (notices.SUPPLEMENT, notices.REFUSAL):
        notice = case.notices.filter(kind=kind).order_by("-id")[0]
        return notices.notice_sheet(case, notice, tongue), About.NOTICE, notice.pk
    if kind in (ELECTRONIC_PERMIT, PERMIT_COPY):
        permit = Permit.objects.select_related("person").get(case_id=case.pk)
        return sheet_of_permit(permit, kind, tongue, legal_day(timezone.now()), by)
    if kind in (certificates.APPROVAL_NOTICE, certificates.SETTLEMENT_PERMIT):
        return _settlement(Permit.objects.get(case_id=case.pk), kind, tongue)
    made = notices.receipt if kind == notices.RECEIPT else notices.submission_receipt
    return made(case, tongue), About.CASE, case.pk


def _meant(kind: str, there: Sequence[str]) -> str:
    """Return the kind that an address means: `form` is the form of the item, `notice` what was told last."""
    told = [each for each in (notices.REFUSAL, notices.SUPPLEMENT) if each in there]
    meant = {"form": there[0] if there[0] in forms.FORMS else "", "notice": told[0] if told else ""}
    return meant.get(kind, kind)


def sheet_of_permit(permit: Permit, kind: str, tongue: Tongue, on: date, by: Actor) -> tuple[Sheet, str, UUID]:
    """Return what stands on a paper of a permit on a legal day. Raises NotFound."""
    if kind not in papers_of_permit(permit, on):
        raise NotFound("not_found")
    if permit.kind == SETTLEMENT:
        return _settlement(permit, kind, tongue)
    return permit_sheet(permit, tongue, on, by), About.PERMIT, permit.pk


def _settlement(permit: Permit, kind: str, tongue: Tongue) -> tuple[Sheet, str, UUID]:
    if kind == certificates.SETTLEMENT_PERMIT:
        return certificates.settlement_permit(permit, tongue), About.PERMIT, permit.pk
    notice = ApprovalNotice.objects.get(permit_id=permit.pk)
    return certificates.approval_notice(notice, tongue), About.PERMIT, permit.pk


@dataclass(frozen=True, slots=True)
class Shown:
    """How a paper stands whose reference was shown: what it is, its day, whose it is, and whether it still holds.

    `standing`: current, replaced (a newer one says something else), ended (what it is about is over). Nobody's name.
    """

    kind: str
    dated: date
    office: str
    standing: str


def check_paper(reference: str, on: date) -> Shown | None:
    """Return how the paper with this reference stands on a day; None where there is none."""
    asked = normal(reference)
    if not asked:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM papers_checked(%s, %s)", [reference_hash(asked), on])
        row = cursor.fetchone()
    return Shown(*row) if row else None
