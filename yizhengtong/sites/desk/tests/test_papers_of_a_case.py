"""Papers at the desk: of one's own area only, and the form that was printed is on record."""

import pytest

from tests.support.cases import case_at, fresh
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.papers.tests.ofd_reading import words_of
from yizhengtong.credentials.papers.tests.reading import text_of
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.sites.desk.tests.desk import Desk, address_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]


@pytest.mark.row("S1-041")
def test_the_clerk_prints_the_form_and_that_is_noted(desk: Desk) -> None:
    case, _ = case_at(desk.city, CaseState.RECEIVED)
    assert case.form_printed_at is None
    with requests_as_web():
        assert "打印登记表" in desk.get("clerk", f"{address_of(case)}/papers").content.decode()
        answer = desk.post("clerk", f"{address_of(case)}/papers/printed-form")
        assert (answer.status_code, answer["Location"]) == (302, f"{address_of(case)}/papers/form.pdf")
        form = desk.get("clerk", answer["Location"])
    assert form["Content-Type"] == "application/pdf"
    assert "《港澳台居民居住证申领登记表》" in text_of(form.content)
    assert fresh(case).form_printed_at is not None
    assert Entry.objects.filter(action="casework.print_form", object_id=case.pk).exists()


def test_the_case_leads_to_its_papers_and_a_second_line_can_be_chosen(desk: Desk) -> None:
    case, _ = case_at(desk.city, CaseState.ACCEPTED)
    with requests_as_web():
        assert f'{address_of(case)}/papers"' in desk.get("clerk", address_of(case)).content.decode()
        english = desk.get("clerk", f"{address_of(case)}/papers/receipt.pdf?second=en")
    assert "Receiptofacceptance" in text_of(english.content)


def test_the_permit_that_a_case_granted_is_among_its_papers_in_both_formats(desk: Desk) -> None:
    case, _ = case_at(desk.city, CaseState.COMPLETED)
    with requests_as_web():
        listed = desk.get("clerk", f"{address_of(case)}/papers").content.decode()
        assert f'{address_of(case)}/papers/permit_copy.pdf"' in listed
        assert f'{address_of(case)}/papers/permit_copy.ofd"' in listed
        pdf, ofd = (desk.get("clerk", f"{address_of(case)}/papers/permit_copy.{form}") for form in ("pdf", "ofd"))
    assert (pdf["Content-Type"], ofd["Content-Type"]) == ("application/pdf", "application/ofd")
    assert "不是法定证件" in text_of(pdf.content)
    assert "不是法定证件" in words_of(ofd.content)


@pytest.mark.parametrize("path", ["papers", "papers/form.pdf", "papers/receipt.pdf", "papers/receipt.ofd"])
def test_papers_of_another_office_are_not_there(desk: Desk, path: str) -> None:
    case, _ = case_at(desk.city, CaseState.ACCEPTED)
    with requests_as_web():
        assert desk.get("elsewhere", f"{address_of(case)}/{path}").status_code == 404


def test_an_officer_without_the_role_does_not_note_a_printing(desk: Desk) -> None:
    case, _ = case_at(desk.city, CaseState.RECEIVED)
    with requests_as_web():
        assert desk.post("reviewer", f"{address_of(case)}/papers/printed-form").status_code == 403
    assert fresh(case).form_printed_at is None
