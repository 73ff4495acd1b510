"""Confirm the notice, issue both papers, check them at the household register, hand over the duty."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.events.journal import publish
from yizhengtong.foundation.transactions import use_case
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Conflict, FieldError, Invalid
from yizhengtong.kernel.ids import public_id
from yizhengtong.law.law import Law
from yizhengtong.law.queries import law_in_force
from yizhengtong.law.values import Validity
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.services import save_answers
from yizhengtong.permitting.permits.kinds import SETTLEMENT
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import issue_permit
from yizhengtong.permitting.settlement.household import Shown, shown_papers
from yizhengtong.permitting.settlement.informing import ITEM, information_notice
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration, VoluntaryConfirmation
from yizhengtong.permitting.settlement.policies import ensure_may_register_households
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.queries import current_travel_document

_NUMBER = "{region}-{year}-{running:06d}"
"""No source fixes the shape of the notice's number (N); it is of the platform's own series."""


@use_case
def confirm_notice(
    *, application_id: UUID, text_hash: str, language: str, acting: Person, version: int, on: date, by: Principal
) -> Application:
    """Keep that the notice was read and that one applies of one's own will (S0-T03, S0-T33), with the text's hash.

    Raises NotFound, Stale, Conflict `applications.submitted_already`, Invalid `settlement.not_a_settlement`, Conflict
    `settlement.notice_changed` when the text is not, or no longer, that of the place.
    """
    application = save_answers(
        application_id=application_id, answers={"declares_own_will": True}, claims=None, acting=acting,
        version=version, on=on, by=by,
    )  # fmt: skip
    if application.item != ITEM:
        raise Invalid("settlement.not_a_settlement")
    if information_notice(law_in_force(application.place, SETTLEMENT, on)).hash != text_hash:
        raise Conflict("settlement.notice_changed")
    VoluntaryConfirmation.objects.create(application=application, text_hash=text_hash, language=language)
    record_act("settlement.confirm_notice", by=by, on=("application", application.pk), person_id=application.person_id)
    return application


def missing_confirmation(application: Application, law: Law) -> list[FieldError]:
    """Return what a submission lacks: the notice of today, read and confirmed by the applicant."""
    newest = application.voluntary_confirmations.order_by("-id").values_list("text_hash", flat=True).first()
    if newest == information_notice(law).hash:
        return []
    return [FieldError("answers.declares_own_will", "settlement.notice_not_confirmed")]


@use_case
def issue_settlement(
    *,
    person: Person,
    case_id: UUID,
    office_id: UUID,
    office_path: str,
    region: str,
    authority: str,
    address: str,
    validity: Validity,
    notice_last_day: date | None,
    photo_id: UUID | None,
    on: date,
    by: Principal,
) -> Permit:
    """Issue 《台湾居民定居证》 and 《批准定居通知书》 of one decision, both or neither (S0-T24, S0-T25, S0-T26).

    `address`: where is settled; `notice_last_day`: of the notice, None where no law says one. Returns the permit.
    Raises Conflict `permits.already_holds_one`.
    """
    document = current_travel_document(person)
    paper = {
        "name": person.name,
        "sex": person.sex,
        "birth_date": person.birth_date.isoformat(),
        "travel_document_number": str(document.number) if document else "",
        "settles_at": address,
        "authority": authority,
    }
    permit = issue_permit(
        person=person, kind=SETTLEMENT, validity=validity, case_id=case_id, office_id=office_id,
        office_path=office_path, region=region, authority=authority, card=paper, photo_id=photo_id,
        delivery="collect", delivery_address="", on=on, by=by,
    )  # fmt: skip
    _issue_notice(permit, case_id, paper, notice_last_day, by)
    return permit


def _issue_notice(
    permit: Permit, case_id: UUID, paper: dict[str, Any], last_valid_day: date | None, by: Principal
) -> ApprovalNotice:
    notice = ApprovalNotice.objects.create(
        person_id=permit.person_id,
        case_id=case_id,
        permit_id=permit.pk,
        permit_number_index=blind_index("permits.number", permit.number),
        number=_NUMBER.format(region=permit.region, year=permit.valid_from.year, running=_next_running()),
        region=permit.region,
        authority=permit.authority,
        issued_on=permit.valid_from,
        last_valid_day=last_valid_day,
        paper=paper,
    )
    about = ("approval_notice", notice.pk)
    record_act("settlement.issue_notice", by=by, on=about, person_id=permit.person_id)
    publish("settlement.approved", on=about, person_id=permit.person_id, facts={"permit": public_id("pmt", permit.pk)})
    return notice


def _next_running() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('settlement_notice_number')")
        running: int = cursor.fetchone()[0]
        return running


@use_case
def register_household(*, notice_number: str, permit_number: str, on: date, by: Principal) -> HouseholdRegistration:
    """Note the household registration on both papers, and hand over the duty to apply for the identity card.

    S0-T30, S0-T31, S0-T32; 居民身份证法 art. 9. Raises Invalid `settlement.papers_missing` naming just what is missing,
    Conflict `settlement.registered_already`, Forbidden.
    """
    ensure_may_register_households(by)
    shown = shown_papers(notice_number, permit_number, region=by.office_region, on=on)
    notice = shown.notice
    if notice is None or shown.missing:
        raise Invalid("settlement.papers_missing", errors=_missing(shown))
    registration = HouseholdRegistration(
        notice=notice, registered_on=on, by=by.id, holds_residence_permit=shown.holds_residence_permit
    )
    try:
        with transaction.atomic():
            registration.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("settlement.registered_already") from error
    about = ("household_registration", registration.pk)
    record_act("settlement.register_household", by=by, on=about, person_id=notice.person_id)
    publish("settlement.household_registered", on=("approval_notice", notice.pk), person_id=notice.person_id)
    return registration


def _missing(shown: Shown) -> list[FieldError]:
    return [FieldError(f"{paper}_number", f"settlement.{paper}_missing") for paper in shown.missing]
