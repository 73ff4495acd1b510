"""Personal fields: they come back as they went in, lie sealed in the row, and cannot be searched or bulk-changed.

The officers' table stands for every table that has one: its name is personal and its rows keep their history.
"""

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection, transaction

from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, key_of, open_envelope
from yizhengtong.foundation.vault.fields import PersonalDate, PersonalJSON, PersonalText, Sealed
from yizhengtong.foundation.vault.keyring import keyring
from yizhengtong.kernel.ids import new_id

pytestmark = pytest.mark.django_db
NAME = "欧阳·𠮷野 O'Neil"


@pytest.fixture
def officer() -> StaffMember:
    """One officer of one office."""
    office = Office.objects.create(code="370102", name="历下分局", region="370102", path="370102")
    account = Account.objects.create(username="officer-li")
    return StaffMember.objects.create(account=account, office=office, name=NAME, roles=["clerk"])


def stored(officer: StaffMember) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_staffmember WHERE id = %s", [officer.pk])
        return bytes(cursor.fetchone()[0])


def test_text_comes_back_exactly_as_it_was_written(officer: StaffMember) -> None:
    assert StaffMember.objects.get(pk=officer.pk).name == NAME


def test_the_row_holds_an_envelope_not_the_text(officer: StaffMember) -> None:
    assert key_of(stored(officer)) == keyring().sealing.id
    assert NAME.encode() not in stored(officer)
    assert open_envelope(stored(officer), Place("accounts_staffmember", "name", str(officer.pk))) == NAME.encode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (PersonalText, "一"),
        (PersonalText, ""),
        (PersonalDate, date(2010, 2, 28)),
        (PersonalDate, date(1, 1, 1)),
        (PersonalJSON, {"地址": "演示路1号", "declares_true": True, "none": None, "n": [1, {"deep": "值"}]}),
        (PersonalJSON, []),
    ],
)
def test_every_kind_of_field_reads_what_it_wrote(field: Any, value: object) -> None:
    assert field.decode(field.encode(value)) == value


def test_a_listed_row_stays_closed_until_the_value_is_read(officer: StaffMember) -> None:
    listed = StaffMember.objects.get(pk=officer.pk)
    assert isinstance(listed.__dict__["name"], Sealed)
    assert listed.name == NAME
    assert str(listed.__dict__["name"]) == NAME


def test_a_row_that_cannot_be_opened_can_still_be_listed_and_saved(officer: StaffMember) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_staffmember SET name = %s WHERE id = %s", [b"\x01\0\0\0\x09secret", officer.pk])
    listed = StaffMember.objects.get(pk=officer.pk)
    listed.is_serving = False
    listed.save()
    assert stored(officer) == b"\x01\0\0\0\x09secret"
    with pytest.raises(UnknownEnvelope):
        _ = listed.name


def test_saving_another_column_leaves_the_envelope_untouched(officer: StaffMember) -> None:
    listed = StaffMember.objects.get(pk=officer.pk)
    listed.roles = ["reviewer"]
    listed.save()
    assert StaffMember.objects.get(pk=officer.pk).name == NAME


def test_a_deferred_value_is_fetched_when_it_is_read(officer: StaffMember) -> None:
    assert StaffMember.objects.defer("name").get(pk=officer.pk).name == NAME


@pytest.mark.parametrize("lookup", ["name", "name__in", "name__contains", "name__gt", "name__icontains"])
def test_filtering_by_a_personal_field_is_refused(lookup: str, officer: StaffMember) -> None:
    with pytest.raises(FieldError, match="blind index"):
        list(StaffMember.objects.filter(**{lookup: [NAME] if lookup.endswith("in") else NAME}))


def test_only_whether_there_is_a_value_can_be_asked(officer: StaffMember) -> None:
    assert StaffMember.objects.filter(name__isnull=False).get() == officer


def test_a_refused_filter_does_not_repeat_what_was_looked_for(officer: StaffMember) -> None:
    with pytest.raises(FieldError) as refusal:
        list(StaffMember.objects.filter(name=NAME))
    assert NAME not in str(refusal.value)


def test_bulk_updates_of_personal_data_are_refused(officer: StaffMember) -> None:
    with pytest.raises(FieldError, match="never in bulk"), transaction.atomic():
        StaffMember.objects.update(name="别人")
    assert StaffMember.objects.get(pk=officer.pk).name == NAME


def test_bulk_updates_through_instances_are_refused_too(officer: StaffMember) -> None:
    officer.name = "别人"
    with pytest.raises(FieldError, match="never in bulk"), transaction.atomic():
        StaffMember.objects.bulk_update([officer], ["name"])
    assert StaffMember.objects.get(pk=officer.pk).name == NAME


def test_a_value_that_was_read_and_not_changed_keeps_its_envelope(officer: StaffMember) -> None:
    before = stored(officer)
    read = StaffMember.objects.get(pk=officer.pk)
    assert read.name == NAME
    read.save()
    assert stored(officer) == before
    assert officer.history.count() == 1, "nothing changed"  # type: ignore[attr-defined]


def test_a_value_that_was_changed_in_place_is_sealed_anew(officer: StaffMember) -> None:
    before = stored(officer)
    officer.name = NAME + "。"
    officer.save()
    assert stored(officer) != before
    assert StaffMember.objects.get(pk=officer.pk).name == NAME + "。"


def test_a_copy_under_another_key_is_sealed_for_its_own_place(officer: StaffMember) -> None:
    assert officer.name == NAME
    officer.pk, officer.account = new_id(), Account.objects.create(username="officer-wang")
    officer.save(force_insert=True)
    assert StaffMember.objects.get(pk=officer.pk).name == NAME


def test_an_envelope_copied_to_another_row_does_not_open(officer: StaffMember) -> None:
    other = StaffMember.objects.create(
        account=Account.objects.create(username="officer-zhang"), office=officer.office, name="别人", roles=["clerk"]
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_staffmember SET name = %s WHERE id = %s", [stored(officer), other.pk])
    with pytest.raises(UnknownEnvelope, match=r"^vault\.damaged$"):
        _ = StaffMember.objects.get(pk=other.pk).name


def test_a_history_row_opens_to_the_value_of_its_time(officer: StaffMember) -> None:
    officer.name = "欧阳野"
    officer.save()
    history = list(officer.history.order_by("pgh_id"))  # type: ignore[attr-defined]
    assert [(row.pgh_label, row.name) for row in history] == [("insert", NAME), ("update", "欧阳野")]


def test_a_history_row_opens_with_the_place_of_its_source(officer: StaffMember) -> None:
    row = officer.history.get()  # type: ignore[attr-defined]
    field = StaffMember._meta.get_field("name")
    assert isinstance(field, PersonalText)
    assert row._meta.get_field("name").place(row) == field.place(officer)
    assert field.place(officer).table == "accounts_staffmember"
    assert field.place(officer).key == str(officer.pk)


def test_history_is_written_by_the_database_itself(officer: StaffMember) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_staffmember SET is_serving = false WHERE id = %s", [officer.pk])
    assert [row.is_serving for row in officer.history.order_by("pgh_id")] == [True, False]  # type: ignore[attr-defined]


def test_a_change_that_changes_nothing_leaves_no_history(officer: StaffMember) -> None:
    StaffMember.objects.filter(pk=officer.pk).update(is_serving=True)
    assert officer.history.count() == 1  # type: ignore[attr-defined]


def test_a_deleted_row_leaves_its_last_state(officer: StaffMember) -> None:
    events = StaffMember.history.rel.related_model  # type: ignore[attr-defined]
    key = officer.pk
    officer.delete()
    assert events.objects.filter(pgh_obj_id=key).latest("pgh_id").pgh_label == "delete"
    assert events.objects.filter(pgh_obj_id=key).latest("pgh_id").name == NAME
