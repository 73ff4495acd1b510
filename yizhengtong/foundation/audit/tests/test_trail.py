"""The trail: written with the act or not at all, and never changed afterwards."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.trail import record_act, record_read, request_id

pytestmark = pytest.mark.django_db
CASE, PERSON = UUID(int=1), UUID(int=2)
OFFICER_LI = Principal(PrincipalKind.STAFF, UUID(int=3), office_id=UUID(int=4), office_path="370100.370102")


def an_act() -> Entry:
    record_act("casework.accept", by=OFFICER_LI, on=("case", CASE), person_id=PERSON, fields=["due_on"])
    return Entry.objects.get()


def test_an_act_says_who_did_what_to_whose_object_from_which_office() -> None:
    entry = an_act()
    assert (entry.kind, entry.action, entry.object_kind, entry.object_id) == ("act", "casework.accept", "case", CASE)
    assert (entry.actor_kind, entry.actor_id, entry.office_id) == ("staff", OFFICER_LI.id, OFFICER_LI.office_id)
    assert (entry.person_id, entry.fields, entry.purpose) == (PERSON, ["due_on"], "casework.accept")


def test_a_read_says_for_which_purpose_and_of_which_fields() -> None:
    record_read(
        "people.read", by=OFFICER_LI, on=("person", PERSON), person_id=PERSON, purpose="casework", fields=["name"]
    )
    entry = Entry.objects.get()
    assert (entry.kind, entry.purpose, entry.fields) == ("read", "casework", ["name"])


def test_what_the_system_does_by_itself_has_no_actor_id() -> None:
    record_act("law.activate", by=SYSTEM, on=("edition", None), person_id=None)
    entry = Entry.objects.get()
    assert (entry.actor_kind, entry.actor_id, entry.office_id) == ("system", None, None)


def test_an_act_that_is_undone_leaves_no_entry() -> None:
    with transaction.atomic():
        an_act()
        transaction.set_rollback(True)
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda: Entry.objects.update(action="nothing"), id="update"),
        pytest.param(lambda: Entry.objects.all().delete(), id="delete"),
        pytest.param(lambda: Entry.objects.get().delete(), id="delete of one"),
        pytest.param(lambda: Entry.objects.get().save(), id="save again"),
    ],
)
def test_the_database_refuses_to_change_or_delete_an_entry(change: Callable[[], object]) -> None:
    an_act()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        change()
    assert Entry.objects.get().action == "casework.accept"


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET person_id = NULL", "DELETE FROM audit_entry"])
def test_raw_sql_is_refused_too(statement: str) -> None:
    an_act()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        connection.cursor().execute(statement)


def test_an_entry_carries_the_id_of_the_request_it_belongs_to() -> None:
    token = request_id.set("0192-request")
    try:
        assert an_act().request_id == "0192-request"
    finally:
        request_id.reset(token)


def test_outside_a_request_there_is_no_request_id() -> None:
    assert an_act().request_id == ""
