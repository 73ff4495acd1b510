"""Drafts: started, left and resumed, filled, submitted once, given up."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support.cases import a_paper, add_paper, an_application, answers_of
from tests.support.city import City
from tests.support.law import LIXIA, TODAY, law_of
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Conflict, Invalid, NotFound, Stale
from yizhengtong.permitting.applications.models import Application, ApplicationState, Evidence
from yizhengtong.permitting.applications.services import (
    attach_evidence,
    discard_application,
    save_answers,
    start_application,
    submit_application,
    withdraw_evidence,
)
from yizhengtong.registry.people.representations import appoint_representative, end_representation

pytestmark = pytest.mark.usefixtures("town")


@pytest.fixture
def wang(town: City) -> Resident:
    return a_resident()


def start(who: Resident, acting: Resident | None = None, **changes: Any) -> Application:
    facts: dict[str, Any] = {"item": "hmt.first_issue", "place": LIXIA, "law": law_of(), "on": TODAY}
    actor = acting or who
    return start_application(person=who.person, acting=actor.person, by=actor.principal, **(facts | changes))


def save(application: Application, who: Resident, answers: dict[str, Any], **changes: Any) -> Application:
    facts: dict[str, Any] = {"claims": None, "version": application.version, "on": TODAY}
    return save_answers(
        application_id=application.pk, answers=answers, acting=who.person, by=who.principal, **(facts | changes)
    )


def submit(application: Application, who: Resident, version: int | None = None) -> Application:
    return submit_application(
        application_id=application.pk, law=law_of(), acting=who.person, version=version or application.version,
        on=TODAY, by=who.principal,
    )  # fmt: skip


def fields_of(refused: pytest.ExceptionInfo[Invalid]) -> dict[str, str]:
    return {error.field: error.code for error in refused.value.errors}


def test_a_draft_is_left_and_resumed_and_what_is_not_named_stays(wang: Resident) -> None:
    draft = start(wang)
    save(draft, wang, {"phone": "1", "delivery": "collect"})
    again = save(Application.objects.get(pk=draft.pk), wang, {"phone": "2"}, claims=["study", "dwelling", "study"])
    assert again.answers == {"phone": "2", "delivery": "collect"}
    assert (again.claims, again.version, again.state) == (["dwelling", "study"], 3, ApplicationState.DRAFT)


def test_an_older_version_of_a_draft_does_not_overwrite_a_newer(wang: Resident) -> None:
    draft = start(wang)
    save(draft, wang, {"phone": "1"})
    with pytest.raises(Stale, match=r"web\.stale_version"):
        save(draft, wang, {"phone": "2"}, version=1)


def test_one_draft_an_item(wang: Resident) -> None:
    start(wang)
    with pytest.raises(Conflict, match=r"applications\.draft_exists"):
        start(wang)
    assert start(wang, item="hmt.replacement", ground="moved").ground == "moved"


def test_the_database_keeps_one_draft_an_item_too(wang: Resident) -> None:
    start(wang)
    with pytest.raises(IntegrityError, match="applications_one_draft_an_item"), transaction.atomic():
        Application.objects.create(person=wang.person, filled_by=wang.person, item="hmt.first_issue", place=LIXIA)


def test_a_discarded_draft_is_gone_and_makes_room(wang: Resident) -> None:
    draft = start(wang)
    discard_application(application_id=draft.pk, acting=wang.person, on=TODAY, by=wang.principal)
    with pytest.raises(NotFound):
        save(draft, wang, {"phone": "1"})
    assert start(wang).pk != draft.pk


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"item": "hmt.gift"}, "item"),
        ({"ground": "moved"}, "ground"),
        ({"item": "hmt.replacement"}, "ground"),
        ({"item": "hmt.replacement", "ground": "lost"}, "ground"),
        ({"item": "hmt.reissue", "ground": "moved"}, "ground"),
    ],
)
def test_items_and_grounds_that_the_law_does_not_know_are_refused(
    wang: Resident, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        start(wang, **changes)
    assert fields_of(refused) == {field: f"applications.{field}_unknown"}


# ---- for whom ----


def test_nobody_starts_reads_or_fills_for_a_stranger(wang: Resident) -> None:
    stranger = a_resident(name="陈嘉欣")
    with pytest.raises(NotFound):
        start(wang, acting=stranger)
    draft = start(wang)
    for act in (
        lambda: save(draft, stranger, {"phone": "1"}),
        lambda: submit(draft, stranger),
        lambda: add_paper(draft, stranger, "travel_document", "hrp"),
        lambda: discard_application(application_id=draft.pk, acting=stranger.person, on=TODAY, by=stranger.principal),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotFound):
        save_answers(
            application_id=uuid4(), answers={}, claims=None, acting=wang.person, version=1, on=TODAY, by=wang.principal
        )


@pytest.mark.row("S1-034", "S2-10", "D3")
def test_a_guardian_acts_for_a_child_until_the_guardianship_ends(wang: Resident) -> None:
    child = a_resident(name="王小小", birth_date=date(2016, 5, 1))
    held = appoint_representative(
        representative=wang.person, represented=child.person, relation="guardian", law=law_of(), on=TODAY,
        confirmed_by=None, by=wang.principal,
    )  # fmt: skip
    draft = start(child, acting=wang)
    assert (draft.relation, draft.filled_by_id, draft.person_id) == ("guardian", wang.person.pk, child.person.pk)
    end_representation(representation=held, on=TODAY, by=wang.principal)
    with pytest.raises(NotFound):
        save(draft, wang, {"phone": "1"})


# ---- submitting ----


@pytest.mark.row("S0-T11", "S2-15")
def test_everything_that_is_missing_is_told_at_once(wang: Resident) -> None:
    draft = start(wang)
    with pytest.raises(Invalid, match=r"applications\.incomplete") as refused:
        submit(draft, wang)
    assert fields_of(refused) == {
        "answers.residence_address": "web.field_missing",
        "answers.phone": "web.field_missing",
        "answers.delivery": "web.field_missing",
        "answers.service_point": "web.field_missing",
        "answers.declares_true": "applications.declaration_needed",
        "claims": "applications.claim_needed",
    }
    draft.refresh_from_db()
    assert (draft.state, draft.version) == (ApplicationState.DRAFT, 1)


@pytest.mark.row("S1-045", "S2-14", "D25")
@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"delivery": "post"}, {"answers.delivery_address": "applications.delivery_address_needed"}),
        ({"delivery": "pigeon"}, {"answers.delivery": "applications.delivery_unknown"}),
        ({"service_point": "370100-17"}, {"answers.service_point": "applications.service_point_unknown"}),
        ({"delivery": "post", "delivery_address": "x"}, {}),
        ({"delivery": "collect"}, {}),
        ({"service_point": "370100-16"}, {}),
    ],
)
def test_the_card_is_collected_or_posted_and_the_point_is_one_of_the_sixteen(
    wang: Resident, changes: dict[str, str], wrong: dict[str, str]
) -> None:
    draft = save(start(wang), wang, answers_of(**changes), claims=["dwelling"])
    if not wrong:
        assert submit(draft, wang).state == ApplicationState.SUBMITTED
        return
    with pytest.raises(Invalid) as refused:
        submit(draft, wang)
    assert fields_of(refused) == wrong


def test_a_replacement_asks_for_no_claim(wang: Resident) -> None:
    draft = save(start(wang, item="hmt.replacement", ground="damaged"), wang, answers_of())
    assert submit(draft, wang).submitted_at is not None


def test_what_conditions_ask_does_not_stop_a_submission(wang: Resident) -> None:
    draft = save(start(wang), wang, answers_of(declares_own_will=False), claims=["study"])
    assert submit(draft, wang).state == ApplicationState.SUBMITTED


def test_an_application_is_submitted_once_and_then_no_longer_changed(wang: Resident) -> None:
    sent = submit(an_application(wang), wang)
    for act in (
        lambda: submit(sent, wang),
        lambda: save(sent, wang, {"phone": "1"}),
        lambda: discard_application(application_id=sent.pk, acting=wang.person, on=TODAY, by=wang.principal),
    ):
        with pytest.raises(Conflict, match=r"applications\.submitted_already"):
            act()
    assert start(wang).pk != sent.pk


def test_a_stale_version_is_not_submitted(wang: Resident) -> None:
    with pytest.raises(Stale):
        submit(an_application(wang), wang, version=1)


# ---- papers ----


def test_papers_of_an_unknown_document_or_a_wrong_kind_are_refused(wang: Resident) -> None:
    draft = start(wang)
    for code, kind, field in (("horoscope", "lease", "document_code"), ("dwelling_proof", "student_card", "kind")):
        with pytest.raises(Invalid) as refused:
            add_paper(draft, wang, code, kind)
        assert [error.field for error in refused.value.errors] == [field]
    assert not Evidence.objects.exists()


def test_a_paper_taken_back_stays_on_file(wang: Resident) -> None:
    draft = start(wang)
    paper = attach_evidence(
        application_id=draft.pk, document_code="dwelling_proof", kind="lease", document=a_paper(wang), law=law_of(),
        acting=wang.person, on=TODAY, by=wang.principal,
    )  # fmt: skip
    take_back: dict[str, Any] = {
        "application_id": draft.pk, "evidence_id": paper.pk, "acting": wang.person, "on": TODAY, "by": wang.principal,
    }  # fmt: skip
    withdraw_evidence(**take_back)
    paper.refresh_from_db()
    assert paper.is_withdrawn
    with pytest.raises(NotFound):
        withdraw_evidence(**take_back)


# ---- traces ----


def test_each_act_on_a_draft_is_in_the_audit_trail_without_what_was_entered(wang: Resident) -> None:
    draft = an_application(wang)
    submit(draft, wang)
    entries = Entry.objects.filter(action__startswith="applications.", person_id=wang.person.pk).order_by("id")
    assert [entry.action.partition(".")[2] for entry in entries] == [
        "start", "save", "attach_evidence", "attach_evidence", "submit",
    ]  # fmt: skip
    assert {entry.actor_id for entry in entries} == {wang.principal.id}
    assert entries[1].fields == sorted(answers_of())


def test_every_state_of_a_draft_is_kept_in_its_history(wang: Resident) -> None:
    draft = an_application(wang)
    submit(draft, wang)
    with connection.cursor() as cursor:
        cursor.execute("SELECT state FROM applications_applicationevent WHERE id = %s ORDER BY pgh_id", [draft.pk])
        assert [row[0] for row in cursor.fetchall()] == ["draft", "draft", "submitted"]
