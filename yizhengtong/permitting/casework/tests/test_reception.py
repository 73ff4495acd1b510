"""From submission to the counter: one case an item, seats, tickets, captures, the signed form, the receipt."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from tests.support.cases import accepted, an_application, capture_all, case_at, fresh, received
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.papers import paper_jpeg, photo_jpeg
from tests.support.people import FAR, a_resident
from yizhengtong.foundation.documents.models import Document
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound, Stale
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.applications.models import Application
from yizhengtong.permitting.casework.appointments import free_seats, free_times
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Appointment, AppointmentState, Case
from yizhengtong.permitting.casework.queries import look_ahead
from yizhengtong.permitting.casework.services.deciding import accept_case, withdraw_case
from yizhengtong.permitting.casework.services.reception import (
    book_appointment,
    cancel_appointment,
    capture,
    print_form,
    receive_application,
    receive_visitor,
    use_photo_receipt,
)
from yizhengtong.permitting.casework.states import CaseState

pytestmark = pytest.mark.usefixtures("_on_friday_noon")
MONDAY_NINE = datetime(2026, 9, 21, 1, 0, tzinfo=UTC)
"""09:00 in Jinan on the first working Monday after TODAY."""


@pytest.fixture
def _on_friday_noon(town: City) -> Any:
    with time_machine.travel("2026-09-18T04:00:00Z", tick=False):
        yield


def book(case: Case, who: Any, at: datetime = MONDAY_NINE) -> Appointment:
    return book_appointment(case_id=case.pk, starts_at=at, acting=who.person, on=TODAY, by=who.principal)


# ---- receiving ----


@pytest.mark.row("S2-14", "S1-036")
def test_a_submitted_application_is_a_case_at_the_point_that_was_chosen(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    assert (case.office.code, case.office_path) == ("370100-01", "370100.370102.370100-01")
    assert case.application.state == "submitted"


def test_one_undecided_case_an_item(town: City) -> None:
    _, wang = case_at(town, CaseState.RECEIVED)
    again = an_application(wang)
    with pytest.raises(Conflict, match=r"casework\.undecided_case_exists"):
        received(wang, again)
    assert Application.objects.get(pk=again.pk).state == "draft"
    assert Case.objects.count() == 1


def test_the_database_keeps_one_undecided_case_an_item_too(town: City) -> None:
    first, wang = case_at(town, CaseState.WITHDRAWN)
    case_at(town, CaseState.RECEIVED, resident=wang)
    with pytest.raises(IntegrityError, match="casework_one_undecided_an_item"), transaction.atomic():
        Case.objects.filter(pk=first.pk).update(state="received")


def test_a_point_without_an_office_does_not_receive(town: City) -> None:
    wang = a_resident()
    draft = an_application(wang)
    draft.answers = {**draft.answers, "service_point": "370100-16"}
    draft.save()
    with pytest.raises(Invalid, match=r"casework\.service_point_closed"):
        received(wang, draft)
    assert Application.objects.get(pk=draft.pk).state == "draft"


def test_a_strangers_draft_and_a_stale_one_are_not_received(town: City) -> None:
    wang, chen = a_resident(), a_resident(name="陈嘉欣")
    draft = an_application(wang)
    facts: dict[str, Any] = {"application_id": draft.pk, "on": TODAY}
    with pytest.raises(NotFound):
        receive_application(acting=chen.person, by=chen.principal, version=draft.version, **facts)
    with pytest.raises(Stale):
        receive_application(acting=wang.person, by=wang.principal, version=draft.version - 1, **facts)


# ---- before booking ----


@pytest.mark.row("S1-038")
def test_a_one_time_permit_is_told_before_anybody_books(town: City) -> None:
    lin = a_resident(name="林淑芬", region="TW", sex="F", kind=DocumentKind.MTP_TAIWAN_ONE_TIME)
    draft = an_application(lin, papers={"travel_document": "mtp_five_year", "dwelling_proof": "lease"})
    outcome = look_ahead(application=draft, on=TODAY)
    assert [each.facts["problem"] for each in outcome.unmet] == ["applications.travel_document_mtp_one_time"]
    assert not Case.objects.exists()


def test_looking_ahead_asks_nothing_that_only_the_visit_can_meet(town: City) -> None:
    assert look_ahead(application=an_application(a_resident()), on=TODAY).granted


# ---- appointments ----


@pytest.mark.row("S1-035")
def test_a_seat_is_booked_and_given_back(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    booked = book(case, wang)
    assert (booked.seat, booked.ticket_number, booked.state) == (1, None, AppointmentState.BOOKED)
    with pytest.raises(Conflict, match=r"casework\.booked_already"):
        book(case, wang, MONDAY_NINE + timedelta(minutes=20))
    cancel: dict[str, Any] = {
        "appointment_id": booked.pk, "acting": wang.person, "on": TODAY, "by": wang.principal,
    }  # fmt: skip
    cancel_appointment(**cancel)
    with pytest.raises(Conflict, match=r"casework\.appointment_over"):
        cancel_appointment(**cancel)
    assert book(case, wang).seat == 1


def test_when_every_window_is_taken_the_time_is_full_and_no_longer_offered(town: City, settings: Any) -> None:
    settings.YZT_WINDOWS_PER_POINT = 2
    calendar = law_for("hmt.first_issue", "370102", TODAY).calendar
    for seat in (1, 2):
        case, who = case_at(town, CaseState.RECEIVED)
        assert MONDAY_NINE in free_times(case.office_id, MONDAY_NINE.date(), calendar)
        assert book(case, who).seat == seat
    case, who = case_at(town, CaseState.RECEIVED)
    assert MONDAY_NINE not in free_times(case.office_id, MONDAY_NINE.date(), calendar)
    with pytest.raises(Conflict, match=r"casework\.slot_full"):
        book(case, who)


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 9, 18, 1, 0, tzinfo=UTC),  # this morning
        datetime(2026, 9, 19, 1, 0, tzinfo=UTC),  # Saturday
        datetime(2026, 9, 25, 1, 0, tzinfo=UTC),  # 中秋节
        datetime(2026, 9, 21, 1, 10, tzinfo=UTC),  # between two times
        datetime(2026, 9, 21, 4, 0, tzinfo=UTC),  # noon
        datetime(2026, 9, 21, 9, 0, tzinfo=UTC),  # closing time
        datetime(2026, 11, 20, 1, 0, tzinfo=UTC),  # beyond the horizon
    ],
)
def test_only_times_at_which_the_point_receives_are_booked(town: City, at: datetime) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    with pytest.raises(Invalid, match=r"casework\.point_closed_then"):
        book(case, wang, at)


def test_a_sunday_that_is_worked_in_exchange_can_be_booked(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    assert book(case, wang, datetime(2026, 9, 20, 1, 0, tzinfo=UTC)).seat == 1


def test_nobody_books_or_cancels_for_a_stranger_nor_after_acceptance(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    chen = a_resident(name="陈嘉欣")
    with pytest.raises(NotFound):
        book(case, chen)
    booked = book(case, wang)
    with pytest.raises(NotFound):
        cancel_appointment(appointment_id=booked.pk, acting=chen.person, on=TODAY, by=chen.principal)
    other, who = case_at(town, CaseState.ACCEPTED)
    with pytest.raises(Conflict, match=r"casework\.not_now"):
        book(other, who)


def test_a_withdrawn_case_gives_its_seat_back(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    book(case, wang)
    withdraw_case(case_id=case.pk, acting=wang.person, on=TODAY, by=wang.principal)
    assert 1 in free_seats(case.office_id, MONDAY_NINE)


def test_the_database_keeps_one_person_a_seat_and_one_appointment_a_case(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    other, _ = case_at(town, CaseState.RECEIVED)
    book(case, wang)
    for taken, at, name in (
        (other, MONDAY_NINE, "casework_one_person_a_seat"),
        (case, MONDAY_NINE + timedelta(hours=1), "casework_one_appointment_a_case"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Appointment.objects.create(case=taken, office_id=case.office_id, starts_at=at, seat=1)


@pytest.mark.row("S1-035")
def test_who_booked_arrives_and_who_did_not_draws_a_ticket(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    book(case, wang)
    arrived = receive_visitor(case_id=case.pk, by=town.clerk)
    assert (arrived.state, arrived.ticket_number, arrived.starts_at) == (AppointmentState.ARRIVED, None, MONDAY_NINE)
    drawn = []
    for _ in range(2):
        walk_in, _who = case_at(town, CaseState.RECEIVED)
        drawn.append(receive_visitor(case_id=walk_in.pk, by=town.clerk).ticket_number)
    assert drawn == [1, 2]


def test_tickets_begin_anew_on_the_next_legal_day(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    assert receive_visitor(case_id=case.pk, by=town.clerk).ticket_number == 1
    with time_machine.travel("2026-09-18T16:30:00Z", tick=False):  # half past midnight in Jinan
        assert receive_visitor(case_id=case.pk, by=town.clerk).ticket_number == 1


# ---- captures ----


@pytest.mark.row("S2-18", "S1-030", "D8")
def test_photograph_and_fingerprints_are_captured_on_site_also_when_filled_in_online(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    content = {"photo": photo_jpeg(), "fingerprints": paper_jpeg("f")}
    for kind, bytes_ in content.items():
        case = capture(case_id=case.pk, kind=kind, content=bytes_, declared_type="image/jpeg", by=town.clerk)
    assert case.photo is not None
    assert case.fingerprints is not None
    assert (case.photo_from, case.photo.kind, case.fingerprints.kind) == ("captured", "photo", "fingerprint")
    assert set(Document.objects.filter(uploaded_by=town.clerk.id).values_list("person_id", flat=True)) == {
        wang.person.pk
    }


@pytest.mark.row("S1-041", "S1-042", "D9")
def test_the_form_is_printed_before_it_is_signed_and_signed_before_it_is_accepted(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    sign: dict[str, Any] = {
        "case_id": case.pk, "kind": "signed_form", "content": paper_jpeg("s"), "declared_type": "image/jpeg",
        "by": town.clerk,
    }  # fmt: skip
    with pytest.raises(Conflict, match=r"casework\.form_not_printed"):
        capture(**sign)
    with pytest.raises(Conflict, match=r"casework\.form_not_signed"):
        accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=town.clerk)
    print_form(case_id=case.pk, by=town.clerk)
    case = capture(**sign)
    assert accepted(case, town.clerk).state == CaseState.ACCEPTED


@pytest.mark.parametrize("state", [CaseState.REVIEWED, CaseState.COMPLETED, CaseState.REFUSED, CaseState.WITHDRAWN])
def test_nothing_is_captured_once_the_case_left_the_counter(town: City, state: CaseState) -> None:
    case, _ = case_at(town, state)
    with pytest.raises(Conflict, match=r"casework\.not_now"):
        capture(case_id=case.pk, kind="photo", content=photo_jpeg(), declared_type="image/jpeg", by=town.clerk)


def _receipt(folder: Path, *, passed: bool = True, image: bytes | None = None) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    answer = {"receipt": "JN2026-7", "passed": passed, "taken_on": "2026-09-01", "region": "370100"}
    if image is not None:
        answer["image"] = base64.b64encode(image).decode()
    (folder / "JN2026-7.json").write_text(json.dumps(answer))
    return "JN2026-7"


@pytest.mark.row("S1-039", "D8")
@pytest.mark.parametrize("has_image", [True, False])
def test_the_receipt_of_the_photo_test_is_looked_up(town: City, settings: Any, tmp_path: Path, has_image: bool) -> None:
    settings.YZT_PHOTO_RECEIPTS = tmp_path / "receipts"
    receipt = _receipt(settings.YZT_PHOTO_RECEIPTS, image=photo_jpeg() if has_image else None)
    case, _ = case_at(town, CaseState.RECEIVED)
    case = use_photo_receipt(case_id=case.pk, receipt=receipt, by=town.clerk)
    assert (case.photo_from, case.photo is not None) == ("receipt", has_image)


@pytest.mark.row("S1-039")
def test_a_photograph_that_failed_its_test_is_not_taken_nor_one_of_an_unknown_receipt(
    town: City, settings: Any, tmp_path: Path
) -> None:
    settings.YZT_PHOTO_RECEIPTS = tmp_path / "receipts"
    receipt = _receipt(settings.YZT_PHOTO_RECEIPTS, passed=False)
    case, _ = case_at(town, CaseState.RECEIVED)
    with pytest.raises(Invalid, match=r"casework\.photo_failed_test"):
        use_photo_receipt(case_id=case.pk, receipt=receipt, by=town.clerk)
    with pytest.raises(NotFound):
        use_photo_receipt(case_id=case.pk, receipt="JN2026-8", by=town.clerk)
    assert fresh(case).photo_from == ""


# ---- the receipt ----


@pytest.mark.row("S1-043", "D25")
def test_every_accepted_case_has_a_receipt_number_of_its_own(town: City) -> None:
    numbers = {case_at(town, CaseState.ACCEPTED)[0].receipt_number for _ in range(5)}
    assert len(numbers) == 5
    assert None not in numbers


@pytest.mark.row("S1-043")
def test_the_database_refuses_an_acceptance_without_a_receipt_and_a_number_given_twice(town: City) -> None:
    first, _ = case_at(town, CaseState.ACCEPTED)
    second, _ = case_at(town, CaseState.ACCEPTED)
    with pytest.raises(IntegrityError, match="casework_accepted_has_receipt"), transaction.atomic():
        Case.objects.filter(pk=first.pk).update(receipt_number=None)
    with pytest.raises(IntegrityError, match="receipt_number"), transaction.atomic():
        Case.objects.filter(pk=first.pk).update(receipt_number=second.receipt_number)


def test_a_case_accepted_without_photograph_still_lacks_it(town: City) -> None:
    wang = a_resident(valid_until=FAR)
    case = capture_all(received(wang, an_application(wang)), wang, without=("photo", "fingerprints"))
    assert accepted(case, town.clerk).photo_id is None
