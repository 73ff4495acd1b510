"""A conversion ends every earlier permit and issues one, at one instant: never two alive, never none (S4-24)."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction

from tests.support.people import Resident, a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.permits import issuing
from yizhengtong.permitting.permits.kinds import (
    ZHEJIANG,
    ZHEJIANG_CARD,
    ZHEJIANG_ELECTRONIC,
    ZHEJIANG_PAPER,
    family_of,
)
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import living_in_family
from yizhengtong.permitting.permits.sweeping import suspend_overdue
from yizhengtong.permitting.permits.tests.zhejiang import (
    ISSUED,
    QINGYUAN,
    RUIAN,
    County,
    a_county,
    a_held_permit,
    a_permit,
    convert,
    fresh,
)

LATER = date(2021, 6, 1)
REPEATS = 200


@pytest.fixture
def ruian(town: Any) -> County:
    return a_county(RUIAN)


def old_ones(county: County, who: Resident) -> list[Permit]:
    """Return a card and a paper permit of one person, as were issued before forms were one family."""
    card = a_held_permit(county, who, kind=ZHEJIANG_CARD)
    paper = Permit.objects.get(pk=card.pk)
    paper.pk, paper.kind, paper.case_id = new_id(), ZHEJIANG_PAPER, new_id()
    paper.number, paper.card = card.number, dict(card.card)
    for field in ("delivery_address", "tracking_number"):
        setattr(paper, field, "")
    paper._state.adding = True
    paper.save(force_insert=True)
    return [card, paper]


@pytest.mark.row("S4-24", "D12")
def test_all_earlier_permits_end_and_one_electronic_one_lives(ruian: County) -> None:
    who = a_resident(since=None)
    old = old_ones(ruian, who)
    new = convert(ruian, who, on=LATER)
    assert list(living_in_family(who.person, ZHEJIANG_CARD)) == [new]
    for each in map(fresh, old):
        assert (each.state, each.end_reason, each.ended_on) == ("ended", "converted", LATER)
        assert each.succeeded_by_id == new.pk
    assert (new.kind, new.state, new.replaces) == (ZHEJIANG_ELECTRONIC, "held", None)
    told = Event.objects.filter(kind="permits.convert")
    assert {event.object_id for event in told} == {each.pk for each in old}
    assert {event.facts["successor"] for event in told} == {public_id("pmt", new.pk)}
    assert Entry.objects.filter(action="permits.convert").count() == len(old)


@pytest.mark.row("S4-24")
def test_an_older_electronic_permit_ends_too(ruian: County) -> None:
    who = a_resident(since=None)
    first = convert(ruian, who, on=ISSUED)
    second = convert(a_county(QINGYUAN), who, on=LATER)
    assert (fresh(first).state, fresh(first).succeeded_by_id) == ("ended", second.pk)


@pytest.mark.row("S4-24")
def test_a_conversion_that_fails_cancels_nothing(ruian: County, monkeypatch: pytest.MonkeyPatch) -> None:
    who = a_resident(since=None)
    old = old_ones(ruian, who)
    before = Event.objects.count()

    def fails(*_: Any, **__: Any) -> str:
        raise Conflict("permits.numbers_used_up")

    monkeypatch.setattr(issuing, "number_of", fails)
    with pytest.raises(Conflict):
        convert(ruian, who, on=LATER)
    assert {fresh(each).state for each in old} == {"held"}
    assert Event.objects.count() == before


def test_a_permit_of_another_family_is_not_touched(ruian: County) -> None:
    from yizhengtong.law.values import Validity

    who = a_resident(since=None)
    hmt = a_held_permit(ruian, who, kind="hmt", validity=Validity(n=5, unit="year", endorsement="none"))
    convert(ruian, who, on=LATER)
    assert fresh(hmt).state == "held"
    assert family_of("hmt") == ("hmt",)


@pytest.mark.row("D22")
def test_years_go_on_from_the_permit_that_counted_longest_and_was_in_force(ruian: County) -> None:
    who = a_resident(since=None)
    a_held_permit(ruian, who)
    assert convert(ruian, who, on=LATER).years_count_from == ISSUED
    late = a_resident(since=None)
    a_held_permit(ruian, late)
    suspend_overdue(on=date(2022, 1, 1))
    new = convert(ruian, late, on=date(2022, 6, 1))
    assert (new.years_count_from, new.endorsed_until) == (date(2022, 6, 1), date(2023, 5, 31))


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("S4-24")
def test_no_reader_ever_sees_two_permits_or_none_while_conversions_run(town: Any) -> None:
    county, who = a_county(RUIAN), a_resident(since=None)
    a_held_permit(county, who)
    seen: set[int] = set()
    looks, done = [0], Signal()

    def read() -> None:
        living = "SELECT count(*) FROM permits_permit WHERE person_id = %s AND state <> 'ended' AND kind = ANY(%s)"
        with connection.cursor() as cursor:
            while not done.is_set():
                cursor.execute(living, [who.person.pk, list(ZHEJIANG)])
                seen.add(cursor.fetchone()[0])
                looks[0] += 1
        connection.close()

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for at in range(REPEATS):
            convert(county, who, on=ISSUED + timedelta(days=at))
    finally:
        done.set()
        for reader in readers:
            reader.join(60)
    assert seen == {1}
    assert looks[0] > REPEATS
    assert Permit.objects.filter(person=who.person, state="ended", end_reason="converted").count() == REPEATS


@pytest.mark.django_db(transaction=True)
@pytest.mark.row("S4-24")
def test_a_reader_between_the_end_and_the_issue_sees_the_old_permit_alone(town: Any) -> None:
    county, who = a_county(RUIAN), a_resident(since=None)
    old = a_held_permit(county, who)
    seen: list[list[Any]] = []

    def look() -> None:
        seen.append([permit.pk for permit in living_in_family(who.person, ZHEJIANG_CARD)])
        connection.close()

    with transaction.atomic():
        new = convert(county, who, on=LATER)
        reader = Thread(target=look)
        reader.start()
        reader.join(60)
    assert seen == [[old.pk]]
    assert list(living_in_family(who.person, ZHEJIANG_CARD)) == [new]


@pytest.mark.django_db(transaction=True)
def test_of_a_conversion_and_a_first_issue_at_once_one_permit_lives(town: Any) -> None:
    county = a_county(RUIAN)
    people = [a_resident(since=None) for _ in range(30)]

    def acts(who: Resident) -> list[Callable[[], object]]:
        return [
            partial(convert, county, who, on=LATER),
            partial(a_permit, county, who, on=LATER),
            partial(convert, county, who, on=LATER),
        ]

    outcomes = at_once([acts(who) for who in people])
    for who, codes in zip(people, outcomes, strict=True):
        assert set(codes) <= {"", "permits.already_holds_one"}
        assert codes[0] == codes[2] == "", "a conversion takes the place of whatever came before it"
        assert living_in_family(who.person, ZHEJIANG_CARD).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_and_conversions_at_once_do_not_stop_each_other(town: Any) -> None:
    county = a_county(RUIAN)
    people = [a_resident(since=None) for _ in range(30)]
    for who in people:
        old_ones(county, who)
    on = date(2022, 1, 1)
    acts: list[list[Callable[[], object]]] = [
        [partial(convert, county, who, on=on), partial(suspend_overdue, on=on, at_once=7)] for who in people
    ]
    assert {code for codes in at_once(acts) for code in codes} == {""}
    for who in people:
        assert [permit.kind for permit in living_in_family(who.person, ZHEJIANG_CARD)] == [ZHEJIANG_ELECTRONIC]
