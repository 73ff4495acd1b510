"""What every act leaves behind: an audit entry in its own transaction, row history, an event without personal data."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction

from tests.support.cases import PHONE, POST_ADDRESS, case_at, fresh, permit_of
from tests.support.city import City
from tests.support.law import TODAY
from tests.support.people import ADDRESS, Resident, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.models import Case, JournalEntry
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.permitting.casework.services.deciding import accept_case, withdraw_case
from yizhengtong.permitting.casework.services.judging import answer_supplement
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.services import report_found, report_loss, void_permit

ACTS = [
    "casework.receive", "casework.accept", "casework.judge", "casework.review", "casework.approve", "permits.issue",
    "casework.record_made", "permits.record_made", "casework.hand_over", "permits.hand_over",
]  # fmt: skip


def posted_case(town: City, state: str = CaseState.COMPLETED) -> tuple[Case, Resident]:
    wang = a_resident(name="欧阳明月", region="MO", sex="F")
    return case_at(town, state, resident=wang, delivery="post", delivery_address=POST_ADDRESS)


def test_every_act_of_a_case_is_in_the_audit_trail_with_who_where_and_for_whom(town: City) -> None:
    case, wang = posted_case(town)
    entries = Entry.objects.filter(person_id=wang.person.pk, action__in=ACTS)
    assert sorted(each.action for each in entries) == sorted(ACTS)
    officers = {each.action: (each.actor_kind, each.actor_id, each.office_id) for each in entries}
    assert officers["casework.accept"] == ("staff", town.clerk.id, town.clerk.office_id)
    assert officers["casework.review"] == ("staff", town.reviewer.id, town.reviewer.office_id)
    assert officers["casework.approve"] == officers["permits.issue"] == (
        "staff", town.approver.id, town.approver.office_id,
    )  # fmt: skip
    assert officers["casework.receive"] == ("resident", wang.principal.id, None)
    assert {each.object_id for each in entries} == {case.pk, permit_of(case).pk}


@pytest.mark.row("S0-T37")
def test_every_reading_of_a_case_is_recorded_with_its_purpose(town: City) -> None:
    case, wang = posted_case(town, CaseState.ACCEPTED)
    case_for_officer(case_id=case.pk, by=town.reviewer, purpose="casework")
    read = Entry.objects.get(kind="read", object_id=case.pk)
    assert (read.action, read.purpose, read.actor_id, read.person_id) == (
        "casework.read", "casework", town.reviewer.id, wang.person.pk,
    )  # fmt: skip
    assert read.fields == ["application", "person"]


def test_what_is_rolled_back_leaves_no_trace(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    case.signed_form = case.application.evidence.all()[0].document
    case.save()
    before = _counts()
    _accepted_read_and_undone(case, town)
    assert _counts() == before


def _accepted_read_and_undone(case: Case, town: City) -> None:
    before = _counts()
    with transaction.atomic():
        accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=town.clerk)
        case_for_officer(case_id=case.pk, by=town.clerk, purpose="casework")
        assert all(now > then for now, then in zip(_counts(), before, strict=True))
        transaction.set_rollback(True)


def _counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Entry, Event, JournalEntry))


def test_an_act_that_is_refused_leaves_no_trace_of_an_act(town: City) -> None:
    case, wang = posted_case(town)
    before = _counts()
    acting: dict[str, Any] = {"case_id": case.pk, "acting": wang.person, "on": TODAY, "by": wang.principal}
    for service in (withdraw_case, answer_supplement):
        with pytest.raises(Conflict):
            service(**acting)
    with pytest.raises(Conflict):
        accept_case(case_id=case.pk, version=case.version, words="", on=TODAY, by=town.clerk)
    assert _counts() == before


# ---- events ----


def test_each_step_is_told_upwards_in_order(town: City) -> None:
    case, wang = posted_case(town)
    told = Event.objects.filter(person_id=wang.person.pk).order_by("sequence").values_list("kind", flat=True)
    assert [kind for kind in told if kind.split(".")[0] in {"cases", "casework", "permits"}] == [
        "cases.received", "cases.accepted", "casework.review", "permits.issued", "cases.approved",
        "permits.record_made", "casework.record_made", "permits.hand_over", "casework.hand_over",
    ]  # fmt: skip
    assert {each.object_id for each in Event.objects.filter(kind__startswith="casework")} == {case.pk}


def test_facts_of_events_are_codes_and_days(town: City) -> None:
    case, _ = posted_case(town)
    told = {"item": "hmt.first_issue", "office": str(case.office_id)}
    facts = {each.kind: each.facts for each in Event.objects.filter(kind__regex="^(cases|casework|permits)")}
    assert facts["cases.received"] == {**told, "due_on": None}
    assert facts["cases.accepted"] == {**told, "due_on": "2026-10-22"}
    assert facts["permits.issued"] == {"kind": "hmt"}
    assert facts["cases.approved"] == {**told, "due_on": "2026-10-22", "granted": True}
    assert facts["permits.hand_over"] == {"delivery": "post"}


@pytest.mark.row("S0-T38")
@pytest.mark.parametrize("state", [CaseState.COMPLETED, CaseState.REFUSED, CaseState.WITHDRAWN])
def test_no_name_number_phone_or_address_is_in_events_or_the_audit_trail(town: City, state: CaseState) -> None:
    case, wang = posted_case(town, state)
    secrets = ["欧阳", "明月", wang.number, PHONE, POST_ADDRESS, ADDRESS, "EMS-1", "1994-08-23"]
    if case.permit_id:
        permit = permit_of(case)
        secrets.append(permit.number)
        report_loss(permit_id=permit.pk, by=wang.principal)
        report_found(permit_id=permit.pk, by=wang.principal)
        void_permit(permit_id=permit.pk, ground="lost_status", allowed=("lost_status",), on=TODAY, by=town.approver)
    for model in (Event, Entry):
        rows = json.dumps(list(model.objects.values()), default=str, ensure_ascii=False)
        assert len(rows) > 1000
        for secret in secrets:
            assert secret not in rows, model


def test_no_name_number_phone_or_address_lies_open_in_the_columns_of_a_case(town: City) -> None:
    case, wang = posted_case(town)
    rows = json.dumps(list(Case.objects.filter(pk=case.pk).values()), default=str, ensure_ascii=False)
    for secret in ("欧阳", wang.number, PHONE, POST_ADDRESS):
        assert secret not in rows


# ---- history ----


@pytest.mark.parametrize(
    ("label", "states"),
    [
        (
            "casework.CaseEvent",
            ["received", "received", "accepted", "accepted", "reviewed", "approved", "made", "completed"],
        ),
        ("permits.PermitEvent", ["ordered", "made", "held"]),
    ],
)  # fmt: skip
def test_every_state_of_a_case_and_a_permit_is_kept_by_the_database(town: City, label: str, states: list[str]) -> None:
    posted_case(town)
    rows = apps.get_model(label).objects.order_by("pgh_id")
    assert [row.state for row in rows] == states


def test_raw_sql_leaves_history_too(town: City) -> None:
    case, _ = case_at(town, CaseState.RECEIVED)
    events: Any = apps.get_model("casework.CaseEvent")
    before = events.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE casework_case SET awaits_supplement = true WHERE id = %s", [case.pk])
    assert events.objects.count() == before + 1
    assert fresh(case).awaits_supplement


@pytest.mark.parametrize("state", [CaseState.RECEIVED, CaseState.APPROVED, CaseState.WITHDRAWN])
def test_every_step_of_a_case_counts_in_its_version(town: City, state: CaseState) -> None:
    case, _ = case_at(town, state)
    assert fresh(case).version == case.version
    steps = JournalEntry.objects.filter(case=case).count() - 1  # receiving it is version 1
    assert case.version >= 1 + steps
