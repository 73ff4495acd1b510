"""Working data go when their time is over: rows, files and the history of rows; what is needed stays (D11)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from tests.support.cases import an_application, fresh, on_the_way, received
from tests.support.city import City
from tests.support.law import TODAY, law_of
from tests.support.papers import paper_jpeg
from tests.support.people import Resident, a_resident
from tests.support.web_role import say
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.documents.models import Document
from yizhengtong.foundation.documents.services import store_document
from yizhengtong.permitting.applications.forgetting import forget_drafts
from yizhengtong.permitting.applications.models import Application, Evidence
from yizhengtong.permitting.applications.services import attach_evidence, discard_application, withdraw_evidence
from yizhengtong.permitting.casework.forgetting import forget_papers
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState

pytestmark = pytest.mark.row("D11")
LATER = timedelta(days=1)


def a_file(who: Resident, application: Application, code: str = "travel_document", kind: str = "hrp") -> Evidence:
    """Hand in a paper whose file lies on the disk."""
    document = store_document(
        content=paper_jpeg(code), declared_type="image/jpeg", kind="evidence", person_id=who.person.pk,
        by=who.principal, purpose="applications.evidence",
    )  # fmt: skip
    return attach_evidence(
        application_id=application.pk, document_code=code, kind=kind, document=document, law=law_of(),
        acting=who.person, on=TODAY, by=who.principal,
    )  # fmt: skip


def file_of(document_id: Any) -> Path:
    return Path(settings.YZT_FILES) / Document.objects.get(pk=document_id).stored_name


def left(model: Any, *keys: Any) -> tuple[int, int]:
    """Return how many rows, and how many rows of their history, are left."""
    history = model.history.field.model
    return model.objects.filter(pk__in=keys).count(), history.objects.filter(pgh_obj_id__in=keys).count()


def discarded(who: Resident) -> tuple[Application, Evidence]:
    draft = an_application(who, papers={})
    paper = a_file(who, draft)
    discard_application(application_id=draft.pk, acting=who.person, on=TODAY, by=who.principal)
    return draft, paper


def test_a_draft_given_up_goes_with_its_papers_files_and_history(
    town: City, django_capture_on_commit_callbacks: Any
) -> None:
    draft, paper = discarded(a_resident())
    path = file_of(paper.document_id)
    assert path.exists()
    assert left(Application, draft.pk)[1] >= 3
    with django_capture_on_commit_callbacks(execute=True):
        gone = forget_drafts(before=timezone.now() - LATER)
    assert (gone.drafts, gone.papers) == (0, 0)
    make_older(draft)
    with django_capture_on_commit_callbacks(execute=True):
        gone = forget_drafts(before=timezone.now() - LATER)
    assert (gone.drafts, gone.papers) == (1, 1)
    assert left(Application, draft.pk) == left(Evidence, paper.pk) == (0, 0)
    assert not Document.objects.filter(pk=paper.document_id).exists()
    assert not path.exists()
    act = Entry.objects.get(action="applications.forget_drafts")
    assert (act.person_id, act.fields, act.actor_kind) == (None, ["drafts:1", "papers:1"], "system")


def make_older(draft: Application, days: int = 2) -> None:
    """Let a draft have been touched last some days ago."""
    then = timezone.now() - timedelta(days=days)
    Application.objects.filter(pk=draft.pk).update(created_at=then)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE applications_applicationevent SET pgh_created_at = %s WHERE pgh_obj_id = %s", [then, draft.pk]
        )


def test_a_draft_left_lying_goes_and_one_touched_lately_stays(town: City) -> None:
    old, young = an_application(a_resident()), an_application(a_resident(name="陈大文"))
    make_older(old)
    assert forget_drafts(before=timezone.now() - LATER).drafts == 1
    assert list(Application.objects.values_list("pk", flat=True)) == [young.pk]


def test_a_submitted_application_never_goes(town: City) -> None:
    wang = a_resident()
    case = received(wang, an_application(wang))
    make_older(case.application, days=4000)
    assert forget_drafts(before=timezone.now()).drafts == 0
    assert Application.objects.filter(pk=case.application_id).exists()


def test_a_run_cut_off_goes_on_with_what_is_left(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("yizhengtong.permitting.applications.forgetting.AT_ONCE", 1)
    for name in ("王小明", "陈大文", "葉小明"):
        make_older(discarded(a_resident(name=name))[0])
    assert forget_drafts(before=timezone.now() - LATER).drafts == 3
    assert Entry.objects.filter(action="applications.forget_drafts").count() == 3


def withdrawn_paper(who: Resident) -> tuple[Application, Evidence, Evidence]:
    draft = an_application(who, papers={"dwelling_proof": "lease"})
    taken_back, kept = a_file(who, draft), a_file(who, draft)
    withdraw_evidence(application_id=draft.pk, evidence_id=taken_back.pk, acting=who.person, on=TODAY, by=who.principal)
    return draft, taken_back, kept


def decided_case(town: City, to: str) -> tuple[Case, Evidence, Evidence]:
    wang = a_resident()
    draft, taken_back, kept = withdrawn_paper(wang)
    case = on_the_way(received(wang, draft), town, wang, to)
    return fresh(case), taken_back, kept


LAST_DAY = datetime.fromisoformat("2027-03-18").date()
"""The last day for a lawsuit against a decision of TODAY, 2026-09-18: six months."""


@pytest.mark.parametrize(("days", "gone"), [(0, 0), (1, 1)])
def test_a_paper_taken_back_goes_once_nothing_can_be_done_against_the_decision(
    town: City, days: int, gone: int, django_capture_on_commit_callbacks: Any
) -> None:
    case, taken_back, kept = decided_case(town, CaseState.COMPLETED)
    path, on = file_of(taken_back.document_id), LAST_DAY + timedelta(days=days)
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_papers(before=on - timedelta(days=30), on=on) == gone
    assert left(Evidence, taken_back.pk) == ((0, 0) if gone else (1, 2))
    assert path.exists() is not bool(gone)
    assert file_of(kept.document_id).exists()
    assert Evidence.objects.filter(pk=kept.pk).exists()
    assert case.application.evidence.filter(is_withdrawn=False).count() == 2


@pytest.mark.parametrize(("state", "gone"), [(CaseState.WITHDRAWN, 1), (CaseState.REVIEWED, 0), (CaseState.REFUSED, 1)])
def test_of_a_case_withdrawn_it_goes_too_and_of_an_undecided_one_never(town: City, state: str, gone: int) -> None:
    decided_case(town, state)
    on = LAST_DAY + timedelta(days=400)
    assert forget_papers(before=on - timedelta(days=30), on=on) == gone


def test_it_is_kept_as_long_as_the_deployment_keeps_working_data(town: City) -> None:
    decided_case(town, CaseState.WITHDRAWN)
    assert forget_papers(before=TODAY, on=LAST_DAY) == 0
    assert forget_papers(before=TODAY + timedelta(days=1), on=LAST_DAY) == 1


def test_the_workers_role_may_delete_all_of_it_and_the_webs_may_not(town: City, roles: None) -> None:
    draft, _ = discarded(a_resident())
    make_older(draft)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), as_role("yzt_web"):
        forget_drafts(before=timezone.now() - LATER)
    with as_role("yzt_worker"):
        assert forget_drafts(before=timezone.now() - LATER).drafts == 1
    assert left(Application, draft.pk) == (0, 0)


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Run as a process of the platform until the savepoint ends or all went well."""
    say(f"SET LOCAL ROLE {role}")
    yield
    say("RESET ROLE")
