"""A decision computed again years later, and deadlines once a year is announced."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from tests.support.cases import case_at, fresh
from tests.support.city import City
from tests.support.events import deliver_everything
from tests.support.law import CITY_PACK, LIXIA, TODAY, announced_2027, put_in_force, with_value
from tests.support.people import a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import NotFound
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.models import Edition, PackText
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.applications.facts import Facts
from yizhengtong.permitting.casework.models import Case, Decision, JournalEntry, Notice
from yizhengtong.permitting.casework.rules import decide
from yizhengtong.permitting.casework.services.recomputing import recompute_provisional_deadlines, redecide
from yizhengtong.permitting.casework.states import CaseState

DECEMBER = date(2026, 12, 10)


@pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.REFUSED])
def test_a_decision_computed_again_agrees(town: City, state: CaseState) -> None:
    case, _ = case_at(town, state)
    again = redecide(case.pk)
    assert again.agrees
    assert again.granted is (state == CaseState.COMPLETED)
    assert again.findings == Decision.objects.get(case=case).findings


STRICTER = with_value(
    "residence.requirement", "{measure: months, n: 6", "{measure: months, n: 12", path=CITY_PACK,
    texts=with_value("residence.requirement", "{measure: months, n: 6", "{measure: months, n: 12"),
)  # fmt: skip
MILDER = with_value("residence.requirement", "{measure: months, n: 6", "{measure: months, n: 2")


@pytest.mark.parametrize(
    ("state", "texts", "changes"),
    [
        (CaseState.COMPLETED, STRICTER, "residence.too_short_months"),
        (CaseState.REFUSED, MILDER, "residence.too_short_months"),
    ],
)
def test_a_decision_agrees_also_under_another_law_that_would_find_otherwise(
    town: City, state: CaseState, texts: dict[str, str], changes: str
) -> None:
    since = date(2026, 7, 18) if state == CaseState.REFUSED else date(2026, 3, 18)
    case, _ = case_at(town, state, resident=a_resident(since=since))
    put_in_force(texts)
    decision = Decision.objects.get(case=case)
    facts = replace(Facts.from_json(decision.facts), judged_conditions={})
    present = {each.code for each in decide(facts, law_in_force(LIXIA, "hmt", TODAY), case.item, TODAY).unmet}
    past = {each["code"] for each in decision.findings if not each["met"]}
    assert present ^ past == {changes}
    assert redecide(case.pk).agrees


def tamper(decision: Decision, **changes: Any) -> None:
    """Change a decision behind the database's guard."""
    for name, value in changes.items():
        setattr(decision, name, value)
    with connection.cursor() as sql:
        sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
        sql.execute("ALTER TABLE casework_decision DISABLE TRIGGER USER")
        decision.save()
        sql.execute("ALTER TABLE casework_decision ENABLE TRIGGER USER")


@pytest.mark.parametrize("tampered", ["finding", "outcome", "hash"])
def test_a_stored_result_that_was_changed_no_longer_agrees(town: City, tampered: str) -> None:
    case, _ = case_at(town, CaseState.COMPLETED)
    decision = Decision.objects.get(case=case)
    changes: dict[str, dict[str, Any]] = {
        "finding": {"findings": [{**decision.findings[0], "met": False}, *decision.findings[1:]]},
        "outcome": {"granted": False},
        "hash": {"law_hash": "0" * 64},
    }
    tamper(decision, **changes[tampered])
    again = redecide(case.pk)
    assert not again.agrees
    assert again.granted


def test_facts_that_were_changed_no_longer_agree(town: City) -> None:
    case, _ = case_at(town, CaseState.COMPLETED)
    decision = Decision.objects.get(case=case)
    tamper(decision, facts={**decision.facts, "has_fingerprints": False})
    assert not redecide(case.pk).agrees


@pytest.mark.parametrize("model", [Decision, JournalEntry])
def test_the_database_changes_and_deletes_no_decision_and_no_journal(town: City, model: type[Model]) -> None:
    case_at(town, CaseState.REFUSED)
    rows = model._default_manager.all()
    for act in (lambda: rows.update(id=new_id()), rows.delete):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            act()


def test_the_database_keeps_a_notice_as_it_was_issued(town: City) -> None:
    case_at(town, CaseState.REFUSED)
    rows = Notice.objects.all()
    for act in (lambda: rows.update(issued_on=DECEMBER), lambda: rows.update(kind="supplement"), rows.delete):
        with pytest.raises(DatabaseError, match="Cannot"), transaction.atomic():
            act()
    assert rows.update(answered_on=DECEMBER) == 1


def test_what_was_not_decided_is_not_decided_again(town: City) -> None:
    case, _ = case_at(town, CaseState.REVIEWED)
    for case_id in (case.pk, uuid4()):
        with pytest.raises(NotFound):
            redecide(case_id)


def test_without_a_pack_text_there_is_nothing_to_decide_by(town: City) -> None:
    case, _ = case_at(town, CaseState.COMPLETED)
    decision = Decision.objects.get(case=case)
    tamper(decision, pack_hashes=[*decision.pack_hashes, "f" * 64])
    with pytest.raises(NotFound, match=r"law\.text_missing"):
        redecide(case.pk)


# ---- deadlines ----


def december_case(town: City) -> Case:
    """A case accepted on 2026-12-10, whose clock runs into 2027."""
    case, _ = case_at(town, CaseState.ACCEPTED, resident=a_resident(), on=DECEMBER)
    assert (case.due_on, case.is_due_provisional) == (date(2027, 1, 8), True)
    return case


@pytest.mark.row("S2-13", "D1")
@pytest.mark.django_db(transaction=True)
def test_a_provisional_deadline_becomes_firm_when_the_year_is_announced(town: City) -> None:
    case = december_case(town)
    put_in_force(announced_2027())
    deliver_everything("casework.deadlines")
    case = fresh(case)
    assert (case.due_on, case.urgent_on, case.is_due_provisional) == (date(2027, 1, 11), date(2027, 1, 11), False)
    entry = JournalEntry.objects.filter(case=case).latest("id")
    assert (entry.action, entry.from_state, entry.to_state, entry.by) == (
        "recompute_deadline", "accepted", "accepted", None,
    )  # fmt: skip
    assert "民法典" in entry.source


def test_an_edition_that_announces_nothing_changes_no_deadline(town: City) -> None:
    case = december_case(town)
    put_in_force(with_value("issue.supplement_pauses", "false", "true"))
    assert recompute_provisional_deadlines(on=DECEMBER + timedelta(days=1)) == 0
    assert fresh(case).version == case.version


def test_deadlines_that_are_firm_and_cases_that_are_decided_stay_as_they_are(town: City) -> None:
    firm, _ = case_at(town, CaseState.ACCEPTED)
    decided, _ = case_at(town, CaseState.APPROVED, on=DECEMBER)
    waiting = december_case(town)
    put_in_force(announced_2027())
    assert recompute_provisional_deadlines(on=DECEMBER + timedelta(days=1)) == 1
    assert fresh(firm).due_on == date(2026, 10, 22)
    assert fresh(decided).is_due_provisional
    assert not fresh(waiting).is_due_provisional
    assert recompute_provisional_deadlines(on=DECEMBER + timedelta(days=1)) == 0


def test_a_deadline_counted_again_is_in_the_audit_trail(town: City) -> None:
    case = december_case(town)
    put_in_force(announced_2027())
    recompute_provisional_deadlines(on=DECEMBER + timedelta(days=1))
    assert Entry.objects.filter(object_id=case.pk, actor_kind="system").exists()


def test_the_journal_names_the_day_on_which_a_deadline_was_counted_again(town: City) -> None:
    case = december_case(town)
    put_in_force(announced_2027())
    recompute_provisional_deadlines(on=DECEMBER + timedelta(days=1))
    assert JournalEntry.objects.filter(case=case).latest("id").on == DECEMBER + timedelta(days=1)


def test_texts_once_archived_stay_when_editions_change(town: City) -> None:
    before = set(PackText.objects.values_list("hash", flat=True))
    put_in_force(announced_2027())
    assert before < set(PackText.objects.values_list("hash", flat=True))
    assert Edition.objects.filter(state="in_force").count() == 1
