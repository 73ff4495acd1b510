"""Rows of several tables by one statement: all of them or none."""

import pytest
from django.db import IntegrityError, transaction

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.trail import entry_of_reading
from yizhengtong.foundation.events.journal import event_of
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.postgresql.readers import read_as_nobody
from yizhengtong.foundation.postgresql.together import Insert, insert
from yizhengtong.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def rows() -> tuple[Insert, Insert]:
    on = ("check", new_id())
    entry = entry_of_reading("checks.match", by=SYSTEM, on=on, person_id=None, purpose="bank", fields=["name"])
    return entry, event_of("checks.made", on=on, person_id=None, facts={"way": "match"})


def test_one_statement_writes_them_all(django_assert_num_queries: object) -> None:
    read_as_nobody()
    Event.objects.exists()  # tells the connection who reads
    with django_assert_num_queries(1):  # type: ignore[operator]
        insert(*rows())
    assert (Entry.objects.get().object_id, Entry.objects.get().fields) == (Event.objects.get().object_id, ["name"])
    assert Event.objects.get().facts == {"way": "match"}


def test_one_row_alone_is_written_too() -> None:
    insert(rows()[1])
    assert Event.objects.count() == 1


@pytest.mark.parametrize("broken", [0, 1])
def test_where_one_cannot_be_written_none_is(broken: int) -> None:
    written = list(rows())
    insert(written[broken])
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(*written)
    assert (Entry.objects.count(), Event.objects.count()) == ((1, 0), (0, 1))[broken]
