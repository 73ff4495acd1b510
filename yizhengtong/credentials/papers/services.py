"""Print a paper: keep that it was printed, with a reference, draw it and sign it.

No file is kept: the same content has the same reference again, and a signature of its own.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.credentials.papers.certificates import account_slip, residence_certificate, voucher_sheet
from yizhengtong.credentials.papers.codes import code_text, permit_shown, picture_of
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.papers.ofd.writing import write_ofd
from yizhengtong.credentials.papers.queries import sheet_of_case, sheet_of_permit
from yizhengtong.credentials.papers.references import content_hash, reference_hash, reference_of
from yizhengtong.credentials.papers.rendering import render
from yizhengtong.credentials.papers.sheet import PaperFormat, Sheet, Tongue
from yizhengtong.credentials.papers.signing import ofd_signers, pdf_signer
from yizhengtong.foundation.accounts.models import Account, Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.recovering import CONFIRMERS
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.transactions import use_case
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.duties import MAINLAND, value_of
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.queries import registrations_of, timeline_of
from yizhengtong.registry.residence.vouchers import voucher_of

CHECK_PATH = "/check-paper/"
About = IssuedPaper.About


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper as PDF or OFD, a name for its file without personal data, and the reference that stands on it."""

    content: bytes = field(repr=False)
    filename: str
    reference: str = field(repr=False)
    media_type: str = PaperFormat.PDF.media_type


@use_case
def print_case_paper(
    *, case: Case, kind: str, language: str, origin: str, by: Principal, form: PaperFormat = PaperFormat.PDF
) -> Printed:
    """Print a paper of a case that the caller was allowed to open. `origin`: scheme and host of the check's address.

    Raises NotFound where the case has no such paper (yet), what `render` and `write_ofd` raise.
    """
    tongue = Tongue(language, case.person.region)
    sheet, about, object_id = sheet_of_case(case, kind, tongue, by)
    return _print(sheet, about, object_id, case.person, tongue, origin, by, form)


@use_case
def print_permit_paper(
    *, permit: Permit, kind: str, language: str, origin: str, by: Principal, on: date | None = None,
    form: PaperFormat = PaperFormat.PDF,
) -> Printed:  # fmt: skip
    """Print a paper of a permit as it stands on a legal day, today if none is said. Raises NotFound as above."""
    tongue, on = Tongue(language, permit.person.region), on or legal_day(timezone.now())
    sheet, about, object_id = sheet_of_permit(permit, kind, tongue, on, by)
    return _print(sheet, about, object_id, permit.person, tongue, origin, by, form, on)


@use_case
def print_residence_certificate(
    *, person: Person, place: str, language: str, origin: str, on: date, by: Principal,
    form: PaperFormat = PaperFormat.PDF,
) -> Printed:  # fmt: skip
    """Print where a person is registered as living, with the source of each period, and what counts at a place.

    `place`: GB/T 2260 code of a county; empty for where the person was registered last.
    """
    tongue = Tongue(language, person.region)
    stays = registrations_of(person, by, "papers")
    place = place or (stays[-1].region if stays else "")
    law, line = _law_of(person, place, on), None
    if law is not None and "residence.requirement" in law:
        line = timeline_of(
            person, law.value("residence.requirement"), place, on, by, "papers",
            gap_tolerance_days=value_of(law, "residence.gap_tolerance_days") or 0,
            from_declaration=value_of(law, "residence.counts_from") == "declaration",
            districts_are_one=bool(value_of(law, "residence.districts_are_one")),
        )  # fmt: skip
    sheet = residence_certificate(person, stays, line, place, on, tongue)
    return _print(sheet, About.PERSON, person.pk, person, tongue, origin, by, form)


@use_case
def print_voucher(
    *, registration: Registration, language: str, origin: str, by: Principal, form: PaperFormat = PaperFormat.PDF
) -> Printed:
    """Print the voucher of a registration. Raises NotFound where the rules of the place give none."""
    if not registration.voucher_number or not registration.is_current:
        raise NotFound("not_found")
    person = registration.person
    tongue = Tongue(language, person.region)
    sheet = voucher_sheet(voucher_of(registration, person.name), tongue)
    return _print(sheet, About.REGISTRATION, registration.pk, person, tongue, origin, by, form)


@use_case
def print_account_slip(
    *,
    account: Account,
    password: str,
    language: str,
    until: date | None,
    on: date,
    by: Principal,
    address: str = "",
    region: str = "",
) -> Printed:
    """Print the one-time password of an account that was made at the window; `until`: the last day it is good.

    `address`: where to sign in; `region`: of the person, where one is on file.

    It bears no name and no code, and nothing of it is kept: whoever holds it could sign in. Raises Forbidden for
    anybody but a clerk, or a supervisor who gave the account back.
    """
    office = Office.objects.filter(pk=by.office_id).first() if by.office_id else None
    if office is None or not by.roles.intersection(CONFIRMERS):
        raise Forbidden("papers.only_at_the_window")
    tongue = Tongue(language, region)
    sheet = account_slip(account.username, password, until, address, office.name, on, tongue)
    record_act("papers.print", by=by, on=("account", account.pk), person_id=None, fields=[sheet.kind])
    return Printed(render(sheet.as_values()), f"{sheet.kind}.pdf", "")


def _law_of(person: Person, place: str, on: date) -> Law | None:
    """Return the law of a place for a person (D14); None where none is in force there."""
    try:
        return law_in_force(place, "floating" if person.region == MAINLAND else "hmt", on)
    except NotFound:
        return None


def _print(
    sheet: Sheet, about: str, object_id: UUID, person: Person, tongue: Tongue, origin: str, by: Principal,
    form: PaperFormat, on: date | None = None,
) -> Printed:  # fmt: skip
    content = content_hash(sheet.said())
    reference = reference_of(sheet.kind, about, object_id, tongue.language, content)
    _keep(sheet, about, object_id, person, tongue.language, content, reference)
    record_act("papers.print", by=by, on=(about, object_id), person_id=person.pk, fields=[sheet.kind])
    address = f"{origin.rstrip('/')}{CHECK_PATH}{reference}"
    permit = permit_shown(sheet, object_id)
    code = picture_of(code_text(sheet, reference, permit, on or legal_day(timezone.now())))
    footer = [
        *sheet.footer,
        tongue.words("papers.check_here", address=address),
        tongue.words("papers.reference_is", reference=reference),
        *filter(None, [tongue.second("papers.check_second")]),
    ]
    values = {**sheet.as_values(), "footer": footer, "code_words": tongue.words("papers.code_words")}
    made = _as_ofd if form is PaperFormat.OFD else _as_pdf
    return Printed(
        made(sheet, values, code, reference, tongue), f"{sheet.kind}.{form}", reference, media_type=form.media_type
    )


def _as_pdf(sheet: Sheet, values: dict[str, Any], code: bytes, _reference: str, tongue: Tongue) -> bytes:
    signer = pdf_signer() if sheet.signed_by else None
    told = _sealed(sheet, tongue) if signer else {}
    return render({**values, **told, "code": list(code)}, signer=signer, authority=sheet.office)


def _as_ofd(sheet: Sheet, values: dict[str, Any], code: bytes, reference: str, tongue: Tongue) -> bytes:
    by = ofd_signers() if sheet.signed_by else ()
    told = _sealed(sheet, tongue) if by else {}
    return write_ofd({**values, **told}, code=code, identity=reference, signers=by, at=timezone.now())


def _sealed(sheet: Sheet, tongue: Tongue) -> dict[str, str]:
    """What is said of the signature on the page: words, and no picture of a seal."""
    code = "papers.sealed"
    return {
        "sealed": tongue.words(code, office=sheet.office), "sealed_second": tongue.second(code, office=sheet.office),
    }  # fmt: skip


def _keep(
    sheet: Sheet, about: str, object_id: UUID, person: Person, language: str, content: bytes, reference: str
) -> None:
    """Keep that this content is current, and that another one of the same paper no longer is."""
    key = {"about": about, "object_id": object_id, "kind": sheet.kind, "language": language}
    found = reference_hash(reference)
    current = IssuedPaper.objects.select_for_update(of=("self",)).filter(**key, replaced_at=None).first()
    if current is not None and bytes(current.reference_hash) == found:
        return
    if current is not None:
        current.replaced_at = timezone.now()
        current.save(update_fields=["replaced_at"])
    if IssuedPaper.objects.filter(reference_hash=found).update(replaced_at=None):
        return  # what it says is what it said once before
    paper = IssuedPaper(
        **key, reference_hash=found, person=person, content_hash=content, dated=sheet.dated, office=sheet.office
    )
    try:
        with transaction.atomic():
            paper.save(force_insert=True)
    except IntegrityError:  # printed twice at the same instant: the same content, else the next print puts it right
        return
