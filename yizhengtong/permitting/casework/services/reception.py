"""From submission to the counter: receive, book, arrive, capture, print, sign."""

from collections.abc import Mapping
from datetime import date, datetime, time
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.accounts.services import office_for_new_work
from yizhengtong.foundation.audit.trail import record_act
from yizhengtong.foundation.documents.photo_receipts import photo_receipts
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.foundation.transactions import together, use_case
from yizhengtong.foundation.vault.indexes import bigram_indexes
from yizhengtong.kernel.dates import CHINA, legal_day
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.applications.policies import ensure_may_touch
from yizhengtong.permitting.applications.services import WINDOW, item_of, submit_application
from yizhengtong.permitting.casework.appointments import free_seats, is_open_at
from yizhengtong.permitting.casework.forms import has_number, missing_online
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Appointment, AppointmentState, Case
from yizhengtong.permitting.casework.policies import ensure_may_work
from yizhengtong.permitting.casework.rules import is_accepted_online
from yizhengtong.permitting.casework.services.automatic import accept_by_system, decide_by_rules
from yizhengtong.permitting.casework.services.receipts import application_number
from yizhengtong.permitting.casework.services.steps import lock_case, tell, write_journal
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.takingin import ensure_takes_in, serves
from yizhengtong.registry.people.minors import ask_for_appointment
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.names import folded
from yizhengtong.registry.people.queries import search_key


@use_case
def receive_application(
    *,
    application_id: UUID,
    acting: Person,
    version: int,
    on: date,
    by: Principal,
    confirms: Mapping[str, bool] | None = None,
) -> Case:
    """Submit a draft and open its case at the service point that was chosen.

    What is filled in online and needs no counter is accepted by the system at once, and decided by its rules where the
    pack lets them (S4-13). `confirms`: answers of the last step, the declaration among them. Raises
    Invalid with every field, Stale, Conflict `casework.undecided_case_exists`, NotFound.
    """
    draft = Application.objects.filter(pk=application_id).values("item", "place").first()
    if draft is None:
        raise NotFound("not_found")
    law = law_for(draft["item"], draft["place"], on)
    application = submit_application(
        application_id=application_id,
        law=law,
        acting=acting,
        version=version,
        on=on,
        by=by,
        confirms=confirms,
        also=missing_online,
    )
    office = office_for_new_work(application.answers["service_point"])
    if office is None or not serves(office, application.place, law):
        raise Invalid("casework.service_point_closed")
    ensure_takes_in(office, law)
    item = item_of(law, application.item)
    case = Case(
        application=application,
        person=application.person,
        item=application.item,
        office=office,
        office_path=office.path,
        received_on=on,
        search_keys=search_keys(application.person),
        application_number=application_number(application.place, on) if has_number(law, item) else None,
    )
    try:
        with together():
            case.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("casework.undecided_case_exists") from error
    write_journal(case, "receive", "", item.source.text, by=by, on=on)
    record_act("casework.receive", by=by, on=("case", case.pk), person_id=case.person_id)
    tell(case, "cases.received")
    if is_accepted_online(item, law) and application.answers.get("channel") != WINDOW:
        accept_by_system(case, law, on=on)
        decide_by_rules(case, law, on=on)
    return case


def search_keys(person: Person) -> list[str]:
    """Return the keyed hashes by which officers find a case: the name's bigrams, the whole of each number."""
    numbers = [search_key(number.number_index) for number in person.numbers.all() if number.is_current]
    names = bigram_indexes("casework.search", folded(person.name))
    return sorted({*names, *numbers})


@use_case
def book_appointment(*, case_id: UUID, starts_at: datetime, acting: Person, on: date, by: Principal) -> Appointment:
    """Book a free seat at the case's service point; free of charge, one a person (Q11).

    Raises Invalid `casework.point_closed_then`, Conflict `casework.slot_full` or `casework.booked_already`.
    """
    case = lock_case(case_id)
    ensure_may_touch(case.application, acting, on)
    if case.state != CaseState.RECEIVED:
        raise Conflict("casework.not_now", state=f"casework.state_{case.state}")
    law = law_for(case.item, case.application.place, on)
    ensure_takes_in(case.office, law)
    if not is_open_at(starts_at, law.calendar):
        raise Invalid("casework.point_closed_then")
    if case.appointments.filter(state=AppointmentState.BOOKED).exists():
        raise Conflict("casework.booked_already")
    for seat in free_seats(case.office_id, starts_at):
        appointment = Appointment(case=case, office_id=case.office_id, starts_at=starts_at, seat=seat)
        try:
            with transaction.atomic():
                appointment.save(force_insert=True)
        except IntegrityError:
            continue
        record_act("casework.book", by=by, on=("appointment", appointment.pk), person_id=case.person_id)
        ask_for_appointment(person=case.person, office_path=case.office_path, starts_at=starts_at, by=by)
        return appointment
    raise Conflict("casework.slot_full")


@use_case
def cancel_appointment(*, appointment_id: UUID, acting: Person, on: date, by: Principal) -> None:
    """Give a booked seat back."""
    locked = Appointment.objects.select_for_update(of=("self",)).select_related("case__application__person")
    appointment = locked.filter(pk=appointment_id).first()
    if appointment is None:
        raise NotFound("not_found")
    ensure_may_touch(appointment.case.application, acting, on)
    if appointment.state != AppointmentState.BOOKED:
        raise Conflict("casework.appointment_over")
    appointment.state = AppointmentState.CANCELLED
    appointment.save()
    record_act(
        "casework.cancel_appointment", by=by, on=("appointment", appointment.pk), person_id=appointment.case.person_id
    )


@use_case
def receive_visitor(*, case_id: UUID, by: Principal) -> Appointment:
    """Note that the applicant stands at the counter: by the appointment, or with a ticket drawn on site (S1-035)."""
    case = lock_case(case_id)
    ensure_may_work(case, by, Role.CLERK)
    appointment = case.appointments.filter(state=AppointmentState.BOOKED).first() or _ticket(case)
    appointment.state = AppointmentState.ARRIVED
    appointment.save()
    record_act("casework.receive_visitor", by=by, on=("appointment", appointment.pk), person_id=case.person_id)
    return appointment


def _ticket(case: Case) -> Appointment:
    """Draw the office's next ticket of the day; the office is locked, so that no two visitors get the same."""
    Office.objects.select_for_update(no_key=True).get(pk=case.office_id)
    now = timezone.now()
    midnight = datetime.combine(legal_day(now), time.min, CHINA)
    drawn = Appointment.objects.filter(
        office_id=case.office_id, ticket_number__isnull=False, starts_at__gte=midnight
    ).count()
    return Appointment(case=case, office_id=case.office_id, starts_at=now, seat=0, ticket_number=drawn + 1)


@use_case
def capture(*, case_id: UUID, kind: str, content: bytes, declared_type: str, by: Principal) -> Case:
    """Store a photograph, fingerprints or the signed form, captured at the counter (S2-18, S1-042)."""
    case = _at_counter(case_id, by)
    if kind == "signed_form" and case.form_printed_at is None:
        raise Conflict("casework.form_not_printed")
    document = store_document(
        content=content,
        declared_type=declared_type,
        kind="signature" if kind == "signed_form" else kind.rstrip("s"),
        person_id=case.person_id,
        by=by,
        purpose="casework.capture",
    )
    setattr(case, kind, document)
    if kind == "photo":
        case.photo_from = "captured"
    return _save_captured(case, kind, by)


@use_case
def use_photo_receipt(*, case_id: UUID, receipt: str, by: Principal) -> Case:
    """Look up the receipt of the digital-photo test that the applicant brought, and take its photograph (S1-039).

    Raises Invalid `casework.photo_failed_test`; what the look-up raises when the receipt or the service fails.
    """
    case = _at_counter(case_id, by)
    test = photo_receipts().look_up(receipt)
    if not test.passed:
        raise Invalid("casework.photo_failed_test")
    if test.image is not None:
        case.photo = store_document(
            content=test.image,
            declared_type="image/jpeg",
            kind="photo",
            person_id=case.person_id,
            by=by,
            purpose="casework.capture",
        )
    case.photo_from = "receipt"
    return _save_captured(case, "photo", by)


@use_case
def print_form(*, case_id: UUID, by: Principal) -> Case:
    """Note that the form was printed for checking and signing at the counter (S1-041, D9)."""
    case = _at_counter(case_id, by)
    case.form_printed_at = timezone.now()
    case.save()
    record_act("casework.print_form", by=by, on=("case", case.pk), person_id=case.person_id)
    return case


def _at_counter(case_id: UUID, by: Principal) -> Case:
    case = lock_case(case_id)
    ensure_may_work(case, by, Role.CLERK)
    if case.state not in {CaseState.RECEIVED, CaseState.ACCEPTED}:
        raise Conflict("casework.not_now", state=f"casework.state_{case.state}")
    return case


def _save_captured(case: Case, what: str, by: Principal) -> Case:
    case.version += 1
    case.save()
    record_act("casework.capture", by=by, on=("case", case.pk), person_id=case.person_id, fields=[what])
    return case
