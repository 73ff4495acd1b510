"""The window: the day, calling, walking in, what is captured, and what its pages may do in a browser."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.support.cases import an_application, fresh, received
from tests.support.people import a_resident, travel_number
from tests.support.web_role import as_web, requests_as_web
from yizhengtong.foundation.accounts.models import Office
from yizhengtong.foundation.documents.tests.files import jpeg
from yizhengtong.foundation.postgresql.readers import Reader
from yizhengtong.kernel.numbers import DocumentKind
from yizhengtong.permitting.casework.devices.contract import AGENT
from yizhengtong.permitting.casework.models import Appointment, Case
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.residence.models import Registration
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.tests.desk import Desk, window_of

pytestmark = pytest.mark.django_db


def a_case(**answers: Any) -> Case:
    who = a_resident()
    return received(who, an_application(who, on=today(), **answers), on=today())


def filled(**changes: Any) -> dict[str, Any]:
    return {
        "item": "hmt.first_issue",
        "residence_address": "和平路47号1单元101",
        "phone": "+852 5550 0100",
        "claims": ["dwelling"],
        "delivery": "collect",
        "declares_own_will": "on",
        "declares_true": "on",
        "place": "370102",
        **changes,
    }


def newcomer(**changes: str) -> dict[str, str]:
    return {"name": "陈䶮", "latin_name": "", "birth_date": "1990-03-15", "sex": "F", "region": "HK", **changes}


def test_tickets_are_called_in_the_order_of_arrival_and_each_once(desk: Desk) -> None:
    first, second = a_case(), a_case()
    for case in (first, second):
        assert desk.post("clerk", f"{window_of(case)}/arrived").status_code == 302
    called = [desk.post("clerk", "/desk/window/call")["Location"] for _ in range(2)]
    assert [address.partition("?")[0] for address in called] == [window_of(first), window_of(second)]
    nobody = desk.post("clerk", "/desk/window/call")
    assert nobody.status_code == 409
    assert "没有人在等候" in nobody.content.decode()
    assert desk.post("reviewer", "/desk/window/call").status_code == 403


def test_the_day_shows_appointments_of_this_office_alone(desk: Desk) -> None:
    case = a_case()
    Appointment.objects.create(case=case, office=case.office, starts_at=timezone.now(), seat=1)
    tomorrow = a_case()
    Appointment.objects.create(case=tomorrow, office=case.office, starts_at=timezone.now() + timedelta(days=1), seat=1)
    page = desk.get("clerk", "/desk/window/").content.decode()
    assert window_of(case) in page
    assert window_of(tomorrow) not in page
    assert window_of(case) not in desk.get("elsewhere", "/desk/window/").content.decode()


@pytest.mark.row("S2-18")
@pytest.mark.row("S3-29")
@pytest.mark.row("S3-30")
@pytest.mark.row("S4-08")
def test_somebody_unknown_walks_in_and_leaves_with_a_case(desk: Desk) -> None:
    number = travel_number(DocumentKind.HRP, "HK")
    shown = desk.post("clerk", "/desk/window/person", kind="hrp", number=number)
    assert shown.status_code == 302
    assert number not in shown["Location"]
    page = desk.get("clerk", "/desk/window/apply").content.decode()
    assert "没有登记过" in page
    sent = desk.post("clerk", "/desk/window/apply", **newcomer(), **filled(lives_since="2026-01-05"))
    assert sent.status_code == 302, sent.content.decode()
    case = Case.objects.get()
    assert (case.person.name, case.state, case.application.answers["channel"]) == ("陈䶮", "received", "window")
    assert Registration.objects.get(person=case.person).start.isoformat() == "2026-01-05"
    assert case.person.account_id is None
    assert desk.get("clerk", sent["Location"]).status_code == 200
    assert desk.get("clerk", "/desk/window/apply").status_code == 302  # the document is off the counter


def test_somebody_known_is_found_by_the_document_and_not_registered_again(desk: Desk) -> None:
    who = a_resident(name="王小明")
    desk.post("clerk", "/desk/window/person", kind="hrp", number=who.number)
    page = desk.get("clerk", "/desk/window/apply").content.decode()
    assert "王小明" in page
    sent = desk.post("clerk", "/desk/window/apply", **filled())
    assert sent.status_code == 302, sent.content.decode()
    assert Case.objects.get().person_id == who.person.pk
    assert Person.objects.count() == 1


def test_what_is_missing_is_told_at_its_field_and_nothing_is_registered(desk: Desk) -> None:
    desk.post("clerk", "/desk/window/person", kind="hrp", number=travel_number(DocumentKind.HRP, "HK"))
    answer = desk.post(
        "clerk", "/desk/window/apply", **newcomer(name=""), **filled(phone="abc", residence_address="留着的地址")
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "留着的地址" in page
    assert 'href="#id_phone"' in page
    assert 'href="#id_name"' in page
    assert not Person.objects.exists()


def test_a_second_application_for_the_same_is_told_and_leaves_nothing(desk: Desk) -> None:
    who = a_resident()
    received(who, an_application(who, on=today()), on=today())
    desk.post("clerk", "/desk/window/person", kind="hrp", number=who.number)
    answer = desk.post("clerk", "/desk/window/apply", **filled())
    assert answer.status_code == 409
    assert Case.objects.count() == 1


@pytest.mark.parametrize("who", ["reviewer", "approver", "auditor"])
@pytest.mark.parametrize("address", ["/desk/window/person", "/desk/window/apply"])
def test_only_clerks_take_walk_ins(desk: Desk, who: str, address: str) -> None:
    assert desk.get(who, address).status_code == 403
    assert desk.post(who, address, kind="hrp", number="H0123456789").status_code == 403


def test_a_number_that_is_wrong_is_told_and_stays_in_its_field(desk: Desk) -> None:
    answer = desk.post("clerk", "/desk/window/person", kind="hrp", number="H12")
    assert answer.status_code == 422
    assert 'value="H12"' in answer.content.decode()


@pytest.mark.row("S4-12")
def test_a_paper_brought_along_is_handed_in_for_its_document(desk: Desk) -> None:
    case = a_case()
    file = SimpleUploadedFile("lease.jpg", jpeg(), "image/jpeg")
    sent = desk.post("clerk", f"{window_of(case)}/papers/dwelling_proof", kind="lease", file=file)
    assert sent.status_code == 302
    assert case.application.evidence.filter(document_code="dwelling_proof", kind="lease").count() == 2
    assert desk.get("clerk", f"{window_of(case)}/papers/nothing").status_code == 404


def test_the_signed_form_waits_for_the_printed_one(desk: Desk) -> None:
    case = a_case()
    file = SimpleUploadedFile("form.jpg", jpeg(), "image/jpeg")
    answer = desk.post("clerk", f"{window_of(case)}/capture/signed-form", file=file)
    assert answer.status_code == 409
    assert fresh(case).signed_form_id is None


def test_only_the_page_of_the_photograph_may_use_the_camera(desk: Desk) -> None:
    case = a_case()
    allowed = desk.get("clerk", f"{window_of(case)}/capture/photo")["Permissions-Policy"]
    assert "camera=(self)" in allowed
    assert "microphone=()" in allowed
    for address in (window_of(case), "/desk/window/", f"{window_of(case)}/capture/fingerprints", "/desk/"):
        assert "camera=()" in desk.get("clerk", address)["Permissions-Policy"]


def test_only_pages_that_read_a_device_may_speak_to_the_agent(desk: Desk) -> None:
    case = a_case()
    for address in (f"{window_of(case)}/capture/fingerprints", "/desk/window/person"):
        policy = desk.get("clerk", address)["Content-Security-Policy"]
        assert f"connect-src 'self' {AGENT};" in f"{policy};"
    for address in (f"{window_of(case)}/capture/photo", window_of(case), "/desk/"):
        policy = desk.get("clerk", address)["Content-Security-Policy"]
        assert AGENT not in policy
        assert "media-src" not in policy
        assert "blob:" not in policy


def test_the_visit_page_asks_a_bounded_number_of_statements(desk: Desk, django_assert_max_num_queries: Any) -> None:
    case = a_case()
    with django_assert_max_num_queries(22):
        assert desk.get("clerk", window_of(case)).status_code == 200


@pytest.mark.parametrize("is_known", [True, False])
def test_a_walk_in_is_taken_under_the_row_policies_of_the_web_server(desk: Desk, roles: None, is_known: bool) -> None:
    number = a_resident(county="370103").number if is_known else travel_number(DocumentKind.HRP, "HK")
    with requests_as_web():
        desk.post("clerk", "/desk/window/person", kind="hrp", number=number)
        sent = desk.post("clerk", "/desk/window/apply", **({} if is_known else newcomer()), **filled())
        assert sent.status_code == 302, sent.content.decode()
        assert desk.get("clerk", sent["Location"]).status_code == 200
    assert Case.objects.get().person.numbers.get().number == number


def test_an_officer_reads_no_draft_and_nobody_from_elsewhere_without_the_document(desk: Desk, roles: None) -> None:
    who = a_resident(county="370103")
    draft = an_application(who, on=today())
    reader = Reader("staff", str(desk.accounts["clerk"]), Office.objects.get(code="370100-01").path)
    with as_web(reader):
        assert not Person.objects.filter(pk=who.person.pk).exists()
        assert not type(draft).objects.filter(pk=draft.pk).exists()
