"""Turning rows into what goes out."""

from datetime import date

from yizhengtong.foundation.texts import say
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.applications.models import Application, Evidence
from yizhengtong.permitting.casework.models import Appointment, Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.sites.api.schemas import ApplicationOut, AppointmentOut, CaseOut, EvidenceOut, PermitOut


def evidence_out(evidence: Evidence) -> EvidenceOut:
    return EvidenceOut(
        id=public_id("evi", evidence.pk),
        document_code=evidence.document_code,
        kind=evidence.kind,
        media_type=evidence.document.media_type,
        size_bytes=evidence.document.size_bytes,
    )


def application_out(application: Application) -> ApplicationOut:
    return ApplicationOut(
        id=public_id("apl", application.pk),
        item=application.item,
        place=application.place,
        ground=application.ground,
        claims=application.claims,
        state=application.state,
        answers=application.answers,
        version=application.version,
        evidence=[evidence_out(paper) for paper in application.evidence.all() if not paper.is_withdrawn],
    )


def case_out(case: Case, language: str) -> CaseOut:
    return CaseOut(
        id=public_id("cas", case.pk),
        application_id=public_id("apl", case.application_id),
        item=case.item,
        service_point=case.office.code,
        state=case.state,
        state_words=say(f"casework.state_{case.state}", language),
        receipt_number=case.receipt_number,
        received_on=case.received_on,
        accepted_on=case.accepted_on,
        due_on=case.due_on,
        is_due_provisional=case.is_due_provisional,
        awaits_supplement=case.awaits_supplement,
        decided_on=case.decided_on,
        permit_id=public_id("pmt", case.permit_id) if case.permit_id else None,
        version=case.version,
    )


def appointment_out(appointment: Appointment, service_point: str) -> AppointmentOut:
    return AppointmentOut(
        id=public_id("apt", appointment.pk),
        service_point=service_point,
        starts_at=appointment.starts_at,
        ticket_number=appointment.ticket_number,
        state=appointment.state,
    )


def permit_out(permit: Permit, on: date) -> PermitOut:
    now = standing(permit, on)
    return PermitOut(
        id=public_id("pmt", permit.pk),
        kind=permit.kind,
        number=permit.number,
        issue_count=permit.issue_count,
        authority=permit.authority,
        valid_from=permit.valid_from,
        last_valid_day=permit.last_valid_day,
        state=permit.state,
        is_valid=now.is_valid,
        reason=now.reason,
        delivery=permit.delivery,
        made_on=permit.made_on,
        handed_over_on=permit.handed_over_on,
        ended_on=permit.ended_on,
        end_reason=permit.end_reason,
    )
