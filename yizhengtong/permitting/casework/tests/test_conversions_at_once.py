"""Conversions at the same moment as something else: one living permit at every instant, never two, never none."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from threading import Event as Signal
from threading import Thread

import pytest
from django.db import connection

from tests.support.law import TODAY
from tests.support.people import Resident
from tests.support.threads import at_once
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_STAYS,
    RUIAN,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    registers_say,
    submitted,
    the_law,
)
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.permitting.permits.states import LIVING
from yizhengtong.permitting.permits.steps import locked, take_step

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 12


@pytest.fixture
def counties(db: None) -> tuple[County, County]:
    the_law()
    return a_county(), a_county(RUIAN, "瑞安市", answering=False)


def holders(ruian: County) -> list[Resident]:
    people = [a_mainlander(half_a_year()) for _ in range(ROUNDS)]
    for who in people:
        a_card(who, ruian)
    return people


def conversion(who: Resident, item: str = "floating.conversion_permit") -> Callable[[], object]:
    return partial(submitted, who, a_draft(who, item))


def living(who: Resident) -> list[str]:
    return list(Permit.objects.filter(person=who.person, state__in=LIVING).values_list("kind", flat=True))


@pytest.mark.row("S4-24")
def test_two_conversions_at_once_leave_one_living_permit(counties: tuple[County, County]) -> None:
    people = holders(counties[1])
    with registers_say():
        at_once([[conversion(who), conversion(who, BY_STAYS)] for who in people])
    for who in people:
        assert living(who) == ["zhejiang_digital"]
        for case in Case.objects.filter(person=who.person):
            assert case.state == "completed" or case.automatic_declined_because


@pytest.mark.row("S4-24")
def test_a_conversion_and_a_loss_report_at_once_never_leave_two_or_none(counties: tuple[County, County]) -> None:
    people = holders(counties[1])
    permits = {who.person.pk: Permit.objects.get(person=who.person).pk for who in people}
    with registers_say():
        at_once(
            [
                [conversion(who), partial(report_loss, permit_id=permits[who.person.pk], by=who.principal)]
                for who in people
            ]
        )
    for who in people:
        case, old = Case.objects.get(person=who.person), Permit.objects.get(pk=permits[who.person.pk])
        if case.state == "completed":
            assert living(who) == ["zhejiang_digital"]
            assert old.state == "ended"
        else:
            assert case.automatic_declined_because == ["casework.declined_unmet"]
            assert (living(who), old.state) == (["zhejiang_card"], "lost")


def test_a_conversion_and_the_suspension_at_once_never_leave_two_or_none(counties: tuple[County, County]) -> None:
    people = holders(counties[1])
    yesterday = TODAY - timedelta(days=1)
    Permit.objects.update(endorsed_until=yesterday)
    from django.db import transaction

    from yizhengtong.foundation.accounts.principals import SYSTEM

    def suspend(permit_id: object) -> None:
        with transaction.atomic():
            take_step(locked(permit_id), "suspend", by=SYSTEM)  # type: ignore[arg-type]

    permits = [Permit.objects.get(person=who.person).pk for who in people]
    with registers_say():
        at_once([[conversion(who, BY_STAYS), partial(suspend, pk)] for who, pk in zip(people, permits, strict=True)])
    for who, pk in zip(people, permits, strict=True):
        case, old = Case.objects.get(person=who.person), Permit.objects.get(pk=pk)
        assert (case.state, living(who)) == ("completed", ["zhejiang_digital"])
        assert old.state == "ended"


@pytest.mark.row("S4-24")
def test_whoever_looks_meanwhile_always_sees_exactly_one(counties: tuple[County, County]) -> None:
    people = holders(counties[1])
    seen: set[int] = set()
    done = Signal()

    def look() -> None:
        keys = [who.person.pk for who in people]
        while not done.is_set():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM permits_permit WHERE person_id = ANY(%s) AND state = ANY(%s) "
                    "GROUP BY person_id",
                    [keys, list(LIVING)],
                )
                counts = [row[0] for row in cursor.fetchall()]
            seen.update(counts if len(counts) == len(keys) else {0})
        connection.close()

    watcher = Thread(target=look)
    watcher.start()
    try:
        with registers_say():
            for who in people:
                conversion(who)()
    finally:
        done.set()
        watcher.join()
    assert seen == {1}
    assert all(living(who) == ["zhejiang_digital"] for who in people)
