"""Reading the trail: the right entries, newest first, page by page."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import time_machine

from yizhengtong.foundation.accounts.principals import SYSTEM, Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.audit.queries import Wanted, entries_of, entries_on, search_trail
from yizhengtong.foundation.audit.trail import record_act, record_read

pytestmark = pytest.mark.django_db
ALICE, BOB, CASE = UUID(int=1), UUID(int=2), UUID(int=3)
OFFICER_LI = Principal(PrincipalKind.STAFF, UUID(int=4), office_id=UUID(int=5))


def read(person: UUID, *, at: datetime = datetime(2026, 9, 18, 4, tzinfo=UTC), action: str = "people.read") -> None:
    with time_machine.travel(at, tick=False):
        record_read(action, by=OFFICER_LI, on=("person", person), person_id=person, purpose="casework")


def test_a_persons_entries_come_newest_first_and_page_by_page_without_gap_or_double() -> None:
    for hour in (1, 2, 3, 3, 3, 4):
        read(ALICE, at=datetime(2026, 9, 18, hour, tzinfo=UTC))
        read(BOB, at=datetime(2026, 9, 18, hour, tzinfo=UTC))
    whole = entries_of(person_id=ALICE, limit=100)
    assert [entry.at.hour for entry in whole] == [4, 3, 3, 3, 2, 1]
    first = entries_of(person_id=ALICE, limit=2)
    second = entries_of(person_id=ALICE, before=(first[-1].at, first[-1].pk), limit=2)
    third = entries_of(person_id=ALICE, before=(second[-1].at, second[-1].pk), limit=9)
    assert [*first, *second, *third] == whole


def test_kinds_can_be_chosen() -> None:
    read(ALICE)
    record_act("people.correct_person", by=OFFICER_LI, on=("person", ALICE), person_id=ALICE)
    assert [entry.kind for entry in entries_of(person_id=ALICE, kinds=["read"], limit=9)] == ["read"]


def test_entries_on_an_object_are_of_its_kind() -> None:
    record_act("casework.accept", by=OFFICER_LI, on=("case", CASE), person_id=ALICE)
    record_act("documents.store", by=OFFICER_LI, on=("document", CASE), person_id=ALICE)
    assert [entry.action for entry in entries_on(on=("case", CASE), limit=9)] == ["casework.accept"]


def test_a_day_begins_and_ends_at_midnight_in_china() -> None:
    for at in (datetime(2026, 9, 17, 15, 59), datetime(2026, 9, 17, 16), datetime(2026, 9, 18, 15, 59),
               datetime(2026, 9, 18, 16)):  # fmt: skip
        read(ALICE, at=at.replace(tzinfo=UTC))
    wanted = Wanted(since=date(2026, 9, 18), until=date(2026, 9, 19))
    assert [entry.at.hour for entry in search_trail(wanted, offices=None, limit=9)] == [15, 16]


@pytest.mark.parametrize(
    ("wanted", "actions"),
    [
        (Wanted(person_id=BOB), ["a.bob"]),
        (Wanted(officer_id=OFFICER_LI.id), ["a.alice", "a.bob"]),
        (Wanted(office_id=OFFICER_LI.office_id), ["a.alice", "a.bob"]),
        (Wanted(action="a.system"), ["a.system"]),
        (Wanted(person_id=ALICE, action="a.bob"), []),
    ],
)
def test_each_question_of_an_auditor_leaves_out_what_does_not_fit(wanted: Wanted, actions: list[str]) -> None:
    read(ALICE, action="a.alice")
    read(BOB, action="a.bob")
    record_act("a.system", by=SYSTEM, on=("edition", None), person_id=None)
    assert sorted(entry.action for entry in search_trail(wanted, offices=None, limit=9)) == actions


def test_an_area_shows_its_own_offices_alone() -> None:
    read(ALICE)
    record_act("a.system", by=SYSTEM, on=("edition", None), person_id=None)
    assert [e.action for e in search_trail(Wanted(), offices=[UUID(int=5)], limit=9)] == ["people.read"]
    assert search_trail(Wanted(), offices=[UUID(int=6)], limit=9) == []


def test_an_auditors_pages_join_without_gap_or_double() -> None:
    for _ in range(5):
        read(ALICE)
    first = search_trail(Wanted(person_id=ALICE), offices=None, limit=2)
    rest = search_trail(Wanted(person_id=ALICE), offices=None, before=first[-1].pk, limit=9)
    assert {entry.pk for entry in [*first, *rest]} == set(Entry.objects.values_list("pk", flat=True))
    assert len(first) + len(rest) == 5


@pytest.mark.parametrize(
    ("kind", "by", "action", "expected"),
    [
        ("act", SYSTEM, "casework.accept", "archive"),
        ("act", SYSTEM, "applications.save", "log"),
        ("read", OFFICER_LI, "casework.read", "work"),
        ("read", Principal(PrincipalKind.RESIDENT, ALICE), "casework.read", "log"),
        ("read", Principal(PrincipalKind.PARTNER, ALICE), "checks.match", "work"),
    ],
)
def test_an_entry_is_written_with_its_class(kind: str, by: Principal, action: str, expected: str) -> None:
    if kind == "act":
        record_act(action, by=by, on=("case", CASE), person_id=ALICE)
    else:
        record_read(action, by=by, on=("case", CASE), person_id=ALICE, purpose="p")
    assert Entry.objects.get().retention == expected
