"""The daily sweep: everything overdue and nothing else, once, in parts, whatever interrupts it; reminders before."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.support.people import Resident, a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits import sweeping
from yizhengtong.permitting.permits.models import Permit, Reminder
from yizhengtong.permitting.permits.queries import due_permits
from yizhengtong.permitting.permits.sweeping import count_overdue, remind_due, suspend_overdue
from yizhengtong.permitting.permits.tests.zhejiang import (
    RUIAN,
    County,
    a_county,
    a_held_permit,
    endorsed,
    floating_law,
    fresh,
)

LAST_DAY = date(2021, 12, 31)
FIRST_DAY_LATE = date(2022, 1, 1)
DAYS_BEFORE = (30, 14, 3, 0)


@pytest.fixture
def ruian(town: Any) -> County:
    return a_county(RUIAN)


def copies(permit: Permit, count: int, *, last_day: date | None = None) -> list[Permit]:
    """Copy a permit for as many new persons, by rows alone."""
    made = []
    for _ in range(count):
        who: Resident = a_resident(since=None)
        values = {field.attname: getattr(permit, field.attname) for field in Permit._meta.concrete_fields}
        copy = Permit(**{**values, "id": new_id(), "person_id": who.person.pk, "case_id": new_id()})
        copy.endorsed_until = last_day or permit.endorsed_until
        copy.save(force_insert=True)
        made.append(copy)
    return made


def due_events() -> Counter[tuple[str, int]]:
    found = Event.objects.filter(kind="permits.endorsement_due").values_list("object_id", "facts")
    return Counter((str(key), facts["days_before"]) for key, facts in found)


# ---- suspending ----


@pytest.mark.row("D22", "S3-26")
def test_functions_are_suspended_the_day_after_the_last_day_and_not_before(ruian: County) -> None:
    permit = a_held_permit(ruian)
    assert suspend_overdue(on=LAST_DAY) == 0
    assert fresh(permit).state == "held"
    assert suspend_overdue(on=FIRST_DAY_LATE) == 1
    swept = fresh(permit)
    assert (swept.state, swept.version) == ("suspended", permit.version + 1)


def test_each_is_suspended_once_on_record_and_told_with_its_history(ruian: County) -> None:
    first = a_held_permit(ruian)
    copies(first, 6)
    assert (count_overdue(FIRST_DAY_LATE), suspend_overdue(on=FIRST_DAY_LATE, at_once=3)) == (7, 7)
    assert suspend_overdue(on=FIRST_DAY_LATE) == 0
    assert Event.objects.filter(kind="permits.suspend").values("object_id").distinct().count() == 7
    entries = Entry.objects.filter(action="permits.suspend", actor_kind="system")
    assert set(entries.values_list("object_id", flat=True)) == set(Permit.objects.values_list("pk", flat=True))
    assert first.history.filter(state="suspended").count() == 1  # type: ignore[attr-defined]


def test_what_is_endorsed_ended_or_not_due_is_left_alone(ruian: County) -> None:
    permit = a_held_permit(ruian)
    endorsed(permit, ruian, on=date(2021, 12, 5))
    hmt = a_held_permit(ruian, kind="hmt", validity=floating_five_years())
    assert suspend_overdue(on=FIRST_DAY_LATE) == 0
    assert {fresh(permit).state, fresh(hmt).state} == {"held"}


def floating_five_years() -> Any:
    from yizhengtong.law.values import Validity

    return Validity(n=5, unit="year", endorsement="none")


def test_a_sweep_that_is_cut_off_goes_on_where_it_was(ruian: County, monkeypatch: pytest.MonkeyPatch) -> None:
    copies(a_held_permit(ruian), 8)
    real, calls = sweeping._record, []

    def breaks(action: str, done: Any) -> None:
        calls.append(action)
        if len(calls) == 3:
            raise ConnectionError
        real(action, done)

    monkeypatch.setattr(sweeping, "_record", breaks)
    with pytest.raises(ConnectionError):
        suspend_overdue(on=FIRST_DAY_LATE, at_once=2)
    assert Permit.objects.filter(state="suspended").count() == 4, "a part is done whole or not at all"
    monkeypatch.undo()
    assert suspend_overdue(on=FIRST_DAY_LATE, at_once=2) == 5
    assert Event.objects.filter(kind="permits.suspend").count() == 9


def test_a_permit_costs_the_same_among_few_and_many(ruian: County) -> None:
    copies(a_held_permit(ruian), 11)

    def statements(at_once: int, count: int) -> int:
        Permit.objects.filter(pk__in=list(Permit.objects.values_list("pk", flat=True)[:count])).update(state="held")
        with CaptureQueriesContext(connection) as captured:
            assert suspend_overdue(on=FIRST_DAY_LATE, at_once=at_once) == count
        return len(captured)

    suspend_overdue(on=FIRST_DAY_LATE)
    few, many = statements(100, 2), statements(100, 12)
    assert many == few, "one part, whatever the number in it"


def test_who_follows_is_woken_by_a_sweep_once_a_part(ruian: County, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[str] = []
    monkeypatch.setattr(sweeping, "wake_followers", woken.append)
    suspend_overdue(on=FIRST_DAY_LATE)
    assert woken == []
    copies(a_held_permit(ruian), 2)
    suspend_overdue(on=FIRST_DAY_LATE, at_once=2)
    assert woken == ["permits.suspend"] * 2


def test_the_sweep_reads_the_index_of_due_permits(ruian: County) -> None:
    permit = a_held_permit(ruian)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("ANALYZE permits_permit")
        for other_way in ("seqscan", "bitmapscan", "sort"):  # what one row would be read by
            cursor.execute(f"SET LOCAL enable_{other_way} = off")
        cursor.execute("EXPLAIN " + sweeping._SUSPEND, [FIRST_DAY_LATE, date.min, permit.pk, 1000])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "permits_due" in plan


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_suspend_and_remind_each_once(town: Any) -> None:
    county = a_county(RUIAN)
    first = a_held_permit(county)
    copies(first, 30)
    copies(first, 30, last_day=date(2022, 1, 15))

    def sweep() -> None:
        suspend_overdue(on=FIRST_DAY_LATE, at_once=4)
        remind_due(on=FIRST_DAY_LATE, at_once=4)

    assert at_once([[sweep] * 2]) == [["", ""]]
    assert Permit.objects.filter(state="suspended").count() == 31
    assert Event.objects.filter(kind="permits.suspend").count() == 31
    assert set(due_events().values()) == {1}
    assert len(due_events()) == 30


@pytest.mark.django_db(transaction=True)
def test_a_permit_that_somebody_works_on_holds_nobody_up_and_is_found_the_next_time(town: Any) -> None:
    from threading import Thread

    permit, other = (a_held_permit(a_county(place)) for place in (RUIAN, "331126"))
    swept: list[int] = []

    def sweep() -> None:
        swept.append(suspend_overdue(on=FIRST_DAY_LATE))
        connection.close()

    with transaction.atomic():
        Permit.objects.select_for_update().get(pk=permit.pk)
        thread = Thread(target=sweep)
        thread.start()
        thread.join(60)
        assert not thread.is_alive()
    assert swept == [1]
    assert (fresh(permit).state, fresh(other).state) == ("held", "suspended")
    assert suspend_overdue(on=FIRST_DAY_LATE) == 1


# ---- reminders ----


@pytest.mark.row("D22")
def test_each_holder_is_reminded_on_each_of_the_packs_days_and_never_twice(ruian: County) -> None:
    assert floating_law(RUIAN).value("endorsement.reminders") == DAYS_BEFORE
    permit = a_held_permit(ruian)
    told: dict[date, int] = {}
    for offset in range(-40, 5):
        on = LAST_DAY + timedelta(days=offset)
        before = due_events().total()
        remind_due(on=on)
        remind_due(on=on)
        if due_events().total() > before:
            told[on] = due_events().total() - before
    assert told == {LAST_DAY - timedelta(days=days): 1 for days in DAYS_BEFORE}
    assert Reminder.objects.filter(permit=permit).count() == len(DAYS_BEFORE)
    facts = Event.objects.filter(kind="permits.endorsement_due").latest("sequence").facts
    assert facts == {"kind": permit.kind, "last_day": LAST_DAY.isoformat(), "days_before": 0}


def test_who_was_endorsed_meanwhile_is_reminded_of_the_next_year_only(ruian: County) -> None:
    permit = a_held_permit(ruian)
    remind_due(on=date(2021, 12, 1))
    endorsed(permit, ruian, on=date(2021, 12, 5))
    for day in range(2, 32):
        remind_due(on=date(2021, 12, day))
    assert due_events().total() == 1
    remind_due(on=date(2022, 12, 1))
    assert due_events().total() == 2


def test_days_without_a_sweep_are_made_up_for_by_the_nearest_reminder_alone(ruian: County) -> None:
    a_held_permit(ruian)
    remind_due(on=date(2021, 11, 20))
    assert remind_due(on=date(2021, 12, 20)) == Counter({14: 1, 30: 0, 3: 0, 0: 0})
    assert remind_due(on=date(2021, 12, 28))[3] == 1
    assert remind_due(on=date(2022, 1, 10)).total() == 0, "it is too late to remind"


def test_a_place_whose_law_names_no_days_reminds_nobody(ruian: County) -> None:
    permit = a_held_permit(ruian)
    Permit.objects.filter(pk=permit.pk).update(region="370102")
    assert remind_due(on=LAST_DAY).total() == 0


# ---- command and list ----


def test_the_command_sweeps_and_says_how_many(ruian: County, capsys: pytest.CaptureFixture[str]) -> None:
    first = a_held_permit(ruian)
    copies(first, 2, last_day=date(2022, 1, 4))
    call_command("permits", "sweep", "--on", "2022-01-01")
    out = capsys.readouterr().out
    assert "2022-01-01: 1 suspended, 2 reminded." in out
    call_command("permits", "sweep", "--on", "2022-01-01")
    assert "2022-01-01: 0 suspended, 0 reminded." in capsys.readouterr().out


def test_officers_see_the_permits_of_their_area_that_are_due_the_nearest_first(ruian: County) -> None:
    first = a_held_permit(ruian)
    later = copies(first, 1, last_day=date(2022, 1, 20))[0]
    far = copies(first, 1, last_day=date(2022, 3, 1))[0]
    elsewhere = a_held_permit(a_county("331126"))
    on = date(2021, 12, 25)
    found = due_permits(by=ruian.approver, on=on, days=30, limit=10)
    assert [permit.pk for permit in found] == [first.pk, later.pk]
    rest = due_permits(by=ruian.approver, on=on, days=90, after=(LAST_DAY, first.pk), limit=10)
    assert [permit.pk for permit in rest] == [later.pk, far.pk]
    assert elsewhere.pk not in {permit.pk for permit in found}
