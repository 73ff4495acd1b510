"""What one handed in can be opened again: by oneself, by who acts for one, by nobody else; each time on record."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.law import TODAY
from tests.support.papers import paper_jpeg
from tests.support.people import Resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.applications.models import Evidence
from yizhengtong.registry.people.models import Representation
from yizhengtong.sites.resident.apply.uploads import _handed_over
from yizhengtong.sites.resident.tests.applying import begun, handed_in, on_the_day, somebody
from yizhengtong.sites.resident.tests.browsing import links_of, words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db: None) -> Iterator[City]:
    with on_the_day():
        yield a_city()


@pytest.fixture
def handed(town: City) -> tuple[Resident, Client, str, str]:
    """Return who handed a paper in, their browser, the draft's address and the paper's."""
    who, client = somebody()
    address = begun(client)
    handed_in(client, address, dwelling_proof="lease")
    evidence = Evidence.objects.get()
    return who, client, address, f"{address}/papers/dwelling_proof/{public_id('evi', evidence.pk)}/file"


def test_it_stands_in_the_task_list_and_opens_as_it_is_kept_and_the_read_is_on_record(
    handed: tuple[Resident, Client, str, str],
) -> None:
    who, client, address, file = handed
    assert file in links_of(client.get(address))
    assert file in links_of(client.get(f"{address}/papers/dwelling_proof"))
    answer = client.get(file)
    document = Document.objects.get()
    assert (answer.status_code, answer["Content-Type"], len(answer.content)) == (
        200, document.media_type, document.size_bytes,
    )  # fmt: skip
    assert answer["Content-Disposition"].startswith('inline; filename="evi_')
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("no-store", "nosniff")
    read = Entry.objects.get(action="documents.open")
    assert (read.person_id, read.object_id, read.purpose) == (who.person.pk, document.pk, "own data")


def test_of_a_case_it_stands_on_the_case_page_and_opens(town: City) -> None:
    who, client = somebody()
    case, _ = case_at(town, "received", resident=who)
    for evidence in Evidence.objects.filter(application_id=case.application_id):
        evidence.document = store_document(
            content=paper_jpeg(evidence.document_code), declared_type="image/jpeg", kind="evidence",
            person_id=who.person.pk, by=who.principal, purpose="casework",
        )  # fmt: skip
        evidence.save()
    page = client.get(f"/cases/{public_id('cas', case.pk)}")
    files = [link for link in links_of(page) if link.endswith("/file")]
    assert len(files) == Evidence.objects.filter(application_id=case.application_id).count() > 0
    assert "已交的材料" in words_of(page)
    assert all(client.get(each).status_code == 200 for each in files)


def test_nobody_else_opens_it_and_who_acts_for_one_does(handed: tuple[Resident, Client, str, str]) -> None:
    who, _, _, file = handed
    other, stranger = somebody()
    assert stranger.get(file).status_code == 404
    assert not Entry.objects.filter(action="documents.open").exists()
    Representation.objects.create(
        representative=other.person, represented=who.person, relation="guardian", since=TODAY - timedelta(days=9)
    )
    assert stranger.get(file).status_code == 200
    assert Client().get(file).status_code == 302


def test_a_paper_of_another_application_another_document_or_none_is_not_there(
    handed: tuple[Resident, Client, str, str], town: City
) -> None:
    _, client, address, file = handed
    _, theirs = somebody()
    mine = begun(theirs)
    evidence = file.split("/")[-2]
    for wrong in (
        f"{mine}/papers/dwelling_proof/{evidence}/file",
        f"{address}/papers/travel_document/{evidence}/file",
        f"{address}/papers/dwelling_proof/{public_id('evi', new_id())}/file",
        f"{address}/papers/dwelling_proof/x/file",
    ):
        assert (theirs if wrong.startswith(mine) else client).get(wrong).status_code == 404, wrong


def test_what_was_taken_back_or_waits_to_be_scanned_is_not_opened(handed: tuple[Resident, Client, str, str]) -> None:
    _, client, address, file = handed
    Document.objects.update(scan="waiting", scanned_at=None)
    assert client.get(file).status_code == 409
    assert file not in links_of(client.get(address))
    assert "正在检查" in words_of(client.get(address))
    Evidence.objects.update(is_withdrawn=True)
    assert client.get(file).status_code == 404


@pytest.mark.parametrize(
    ("media_type", "served", "disposition"),
    [
        ("image/png", "image/png", 'inline; filename="evi_x.png"'),
        ("application/pdf", "application/pdf", 'attachment; filename="evi_x.pdf"'),
        ("text/html", "application/octet-stream", 'attachment; filename="evi_x.bin"'),
        ("image/svg+xml", "application/octet-stream", 'attachment; filename="evi_x.bin"'),
    ],
)
def test_only_plain_pictures_are_shown_in_the_browser(media_type: str, served: str, disposition: str) -> None:
    answer: Any = _handed_over(media_type, b"x", "evi_x")
    assert (answer["Content-Type"], answer["Content-Disposition"]) == (served, disposition)
