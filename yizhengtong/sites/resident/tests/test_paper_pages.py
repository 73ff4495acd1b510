"""One's papers by their addresses, nobody else's, and the page where anybody checks one."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.papers.models import IssuedPaper
from yizhengtong.credentials.papers.tests.ofd_reading import words_of as ofd_words
from yizhengtong.credentials.papers.tests.reading import text_of
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.registry.residence.models import Registration
from yizhengtong.sites.resident.tests.applying import on_the_day, somebody
from yizhengtong.sites.resident.tests.browsing import links_of, words_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("roles")]
UNGUESSABLE = "7k2m-9qx4-tb6h-3wzd"


@pytest.fixture
def town(db: None) -> Iterator[City]:
    with on_the_day():
        yield a_city()


@pytest.fixture
def holder(town: City) -> tuple[Client, Case]:
    who, client = somebody()
    return client, case_at(town, CaseState.ACCEPTED, resident=who)[0]


def address_of(case: Case) -> str:
    return f"/cases/{public_id('cas', case.pk)}"


def test_the_case_leads_to_its_papers_and_each_opens_as_a_file_that_nobody_keeps(holder: tuple[Client, Case]) -> None:
    client, case = holder
    with requests_as_web():
        assert f"{address_of(case)}/papers" in links_of(client.get(address_of(case)))
        found = [link for link in links_of(client.get(f"{address_of(case)}/papers")) if link.endswith(".pdf")]
        assert [link.rpartition("/")[2] for link in found] == ["hmt_form.pdf", "submission_receipt.pdf", "receipt.pdf"]
        for link in found:
            answer = client.get(link)
            assert answer.status_code == 200
            assert answer["Content-Type"] == "application/pdf"
            assert answer["Cache-Control"] == "no-store"
            assert case.person.name in text_of(answer.content)
    assert Entry.objects.filter(action="papers.print", person_id=case.person_id).count() == len(found)


def test_somebody_elses_papers_are_not_there(holder: tuple[Client, Case]) -> None:
    _, case = holder
    _, stranger = somebody()
    stay = Registration.objects.get(person=case.person)
    addresses = [
        f"{address_of(case)}/papers",
        f"{address_of(case)}/papers/receipt.pdf",
        f"/permits/{public_id('pmt', case.pk)}/papers/settlement_permit.pdf",
        f"/residence/{public_id('sty', stay.pk)}/voucher.pdf",
    ]
    with requests_as_web():
        for address in addresses:
            assert stranger.get(address).status_code == 404, address
            assert Client().get(address).status_code == 302, address
    assert not IssuedPaper.objects.exists()


def test_ones_own_certificate_of_residence_is_a_file(holder: tuple[Client, Case]) -> None:
    client, _ = holder
    with requests_as_web():
        assert "/residence/certificate.pdf" in links_of(client.get("/residence/certificate"))
        answer = client.get("/residence/certificate.pdf?place=370102")
        assert "和平路47号1单元101" in text_of(answer.content)
        assert client.get("/residence/certificate.pdf?place=x").status_code == 404


def test_the_check_tells_kind_day_and_office_and_nothing_personal(holder: tuple[Client, Case]) -> None:
    client, case = holder
    with requests_as_web():
        told = text_of(client.get(f"{address_of(case)}/papers/receipt.pdf").content)
        reference = told.partition("核对码：")[2][:19]
        shown = Client().get(f"/check-paper/{reference}")
        words = words_of(shown)
    assert shown.status_code == 200
    for each in ("受理回执", "2026年9月18日", case.office.name, "现在有效"):
        assert each in words
    answers = case.application.answers
    for each in (case.person.name, str(case.receipt_number), answers["residence_address"], answers["phone"]):
        assert each not in shown.content.decode()


def test_an_unknown_or_changed_reference_is_of_no_paper(town: City) -> None:
    with requests_as_web():
        for reference in (UNGUESSABLE, "x", "0" * 200, "../etc"):
            answer = Client().get(f"/check-paper/{reference}")
            assert answer.status_code == 404, reference


def test_the_reference_is_typed_in_any_way_and_a_wrong_one_is_told(town: City) -> None:
    client = Client()
    with requests_as_web():
        right = client.post("/check-paper", {"reference": UNGUESSABLE.upper().replace("-", " ")})
        wrong = client.post("/check-paper", {"reference": "7k2m"})
    assert (right.status_code, right["Location"]) == (302, f"/check-paper/{UNGUESSABLE}")
    assert wrong.status_code == 422
    assert 'value="7k2m"' in wrong.content.decode()


def test_references_cannot_be_found_by_trying(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "paper_checks": (2, 3600)})
    statuses = [Client().get(f"/check-paper/{UNGUESSABLE}").status_code for _ in range(3)]
    assert statuses == [404, 404, 429]


def test_papers_are_not_drawn_without_end(holder: tuple[Client, Case], monkeypatch: pytest.MonkeyPatch) -> None:
    client, case = holder
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "papers": (1, 3600)})
    statuses = [client.get(f"{address_of(case)}/papers/receipt.pdf").status_code for _ in range(2)]
    assert statuses == [200, 429]


@pytest.fixture
def permit_holder(town: City) -> tuple[Client, Permit]:
    who, client = somebody()
    case, _ = case_at(town, CaseState.COMPLETED, resident=who)
    return client, Permit.objects.select_related("person").get(case_id=case.pk)


def papers_address(permit: Permit) -> str:
    return f"/permits/{public_id('pmt', permit.pk)}/papers"


def test_the_permit_leads_to_its_document_as_pdf_and_as_ofd(permit_holder: tuple[Client, Permit]) -> None:
    client, permit = permit_holder
    here = papers_address(permit)
    with requests_as_web():
        assert here in links_of(client.get(here.removesuffix("/papers")))
        shown = client.get(here)
        assert "不是法定证件" in words_of(shown)
        found = [link for link in links_of(shown) if link.startswith(f"{here}/")]
        assert found == [f"{here}/permit_copy.pdf", f"{here}/permit_copy.ofd"]
        pdf, ofd = (client.get(link) for link in found)
    assert (pdf["Content-Type"], ofd["Content-Type"]) == ("application/pdf", "application/ofd")
    assert [each["Content-Disposition"] for each in (pdf, ofd)] == [
        'inline; filename="permit_copy.pdf"', 'inline; filename="permit_copy.ofd"',
    ]  # fmt: skip
    assert [each["Cache-Control"] for each in (pdf, ofd)] == ["no-store", "no-store"]
    assert b"/ETSI.CAdES.detached" in pdf.content
    assert permit.number in text_of(pdf.content)
    assert permit.number in ofd_words(ofd.content)
    assert Entry.objects.filter(action="papers.print", person_id=permit.person_id, object_id=permit.pk).count() == 2


def test_somebody_elses_permit_has_no_document_for_me(permit_holder: tuple[Client, Permit]) -> None:
    _, permit = permit_holder
    _, stranger = somebody()
    before = IssuedPaper.objects.count()
    with requests_as_web():
        for address in ("", "/permit_copy.pdf", "/permit_copy.ofd"):
            assert stranger.get(f"{papers_address(permit)}{address}").status_code == 404, address
            assert Client().get(f"{papers_address(permit)}{address}").status_code == 302, address
    assert IssuedPaper.objects.count() == before


@pytest.mark.parametrize("path", ["electronic_permit.pdf", "settlement_permit.ofd", "permit_copy.xml", "x.pdf"])
def test_a_paper_that_the_permit_does_not_have_is_not_there(permit_holder: tuple[Client, Permit], path: str) -> None:
    client, permit = permit_holder
    with requests_as_web():
        assert client.get(f"{papers_address(permit)}/{path}").status_code == 404


def test_a_permit_that_was_lost_has_no_document_and_the_page_says_why(permit_holder: tuple[Client, Permit]) -> None:
    client, permit = permit_holder
    Permit.objects.filter(pk=permit.pk).update(state="lost")
    with requests_as_web():
        assert "须已领取并且有效" in words_of(client.get(papers_address(permit)))
        assert client.get(f"{papers_address(permit)}/permit_copy.pdf").status_code == 404


def test_every_format_counts_among_the_papers_that_may_be_drawn(
    permit_holder: tuple[Client, Permit], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, permit = permit_holder
    monkeypatch.setattr(settings, "YZT_LIMITS", {**settings.YZT_LIMITS, "papers": (1, 3600)})
    statuses = [client.get(f"{papers_address(permit)}/permit_copy.{form}").status_code for form in ("ofd", "pdf")]
    assert statuses == [200, 429]


def test_papers_of_cases_and_certificates_come_as_ofd_too(holder: tuple[Client, Case]) -> None:
    client, case = holder
    with requests_as_web():
        listed = links_of(client.get(f"{address_of(case)}/papers"))
        assert f"{address_of(case)}/papers/receipt.ofd" in listed
        receipt = client.get(f"{address_of(case)}/papers/receipt.ofd")
        assert "/residence/certificate.ofd" in links_of(client.get("/residence/certificate"))
        certificate = client.get("/residence/certificate.ofd")
    assert (receipt["Content-Type"], certificate["Content-Type"]) == ("application/ofd", "application/ofd")
    assert case.person.name in ofd_words(receipt.content)
    assert "和平路47号1单元101" in ofd_words(certificate.content)
