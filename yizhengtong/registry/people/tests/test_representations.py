"""Guardians and near relatives."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.law.law import Law
from yizhengtong.law.reading import load
from yizhengtong.registry.people.models import Person, Representation
from yizhengtong.registry.people.queries import may_act_for, wards_of
from yizhengtong.registry.people.representations import (
    appoint_representative,
    confirm_representation,
    end_representation,
)
from yizhengtong.registry.people.tests.persons import OFFICER_LI, a_person

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
BORN = date(2010, 5, 20)
SIXTEEN = date(2026, 5, 20)
CLERK = UUID(int=0x11)


def law_on(on: date, subject: str = "hmt") -> Law:
    return load().law("370102", subject, on)


def appoint(
    guardian: Person, ward: Person, on: date, *, relation: str = "guardian", subject: str = "hmt",
    confirmed_by: UUID | None = CLERK,
) -> Representation:  # fmt: skip
    return appoint_representative(
        representative=guardian, represented=ward, relation=relation, law=law_on(on, subject), on=on,
        confirmed_by=confirmed_by, by=OFFICER_LI,
    )  # fmt: skip


@pytest.fixture
def mother() -> Person:
    return a_person(name="陳美玲", sex="F")


@pytest.fixture
def child() -> Person:
    return a_person(birth_date=BORN)


@pytest.mark.row("D3", "S2-10", "S1-034")
def test_a_guardian_acts_until_the_day_before_the_sixteenth_birthday(mother: Person, child: Person) -> None:
    appointed = appoint(mother, child, SIXTEEN - DAY)
    assert appointed.until == SIXTEEN
    days = (SIXTEEN - 2 * DAY, SIXTEEN - DAY, SIXTEEN)
    assert [may_act_for(mother, child, day) for day in days] == [False, True, False]
    assert (wards_of(mother, SIXTEEN - DAY), wards_of(mother, SIXTEEN)) == ((child,), ())


@pytest.mark.row("D3")
def test_on_the_sixteenth_birthday_nobody_is_appointed_any_more(mother: Person, child: Person) -> None:
    with pytest.raises(Invalid, match=r"people\.may_act_alone"):
        appoint(mother, child, SIXTEEN)


@pytest.mark.row("D3", "D14")
def test_near_relatives_act_where_that_subject_s_law_says_so_and_an_officer_saw_the_proof(mother: Person) -> None:
    grandfather, on = a_person(birth_date=date(1940, 1, 1)), date(2026, 5, 20)
    with pytest.raises(Invalid, match=r"people\.relation_not_allowed"):
        appoint(mother, grandfather, on, relation="near_relative")
    with pytest.raises(Invalid, match=r"people\.officer_must_confirm"):
        appoint(mother, grandfather, on, relation="near_relative", subject="floating", confirmed_by=None)
    appointed = appoint(mother, grandfather, on, relation="near_relative", subject="floating")
    assert (appointed.until, may_act_for(mother, grandfather, on)) == (None, True)


def test_nobody_acts_for_others_unless_appointed_and_everybody_for_themselves(mother: Person, child: Person) -> None:
    appoint(mother, child, SIXTEEN - DAY)
    assert not may_act_for(child, mother, SIXTEEN - DAY)
    assert may_act_for(child, child, SIXTEEN)
    with pytest.raises(Invalid, match=r"people\.represents_self"):
        appoint(child, child, SIXTEEN - DAY)


def test_a_second_appointment_of_the_same_two_is_refused_until_the_first_has_ended(
    mother: Person, child: Person
) -> None:
    on = date(2026, 1, 10)
    first = appoint(mother, child, on)
    with pytest.raises(Conflict, match=r"people\.already_represented"):
        appoint(mother, child, on + DAY)
    end_representation(representation=first, on=on + DAY, by=OFFICER_LI)
    assert [may_act_for(mother, child, day) for day in (on, on + DAY)] == [True, False]
    with pytest.raises(Conflict, match=r"people\.already_ended"):
        end_representation(representation=first, on=on + DAY, by=OFFICER_LI)
    assert appoint(mother, child, on + DAY).pk != first.pk


def test_it_cannot_end_before_it_begins(mother: Person, child: Person) -> None:
    first = appoint(mother, child, date(2026, 1, 10))
    with pytest.raises(Invalid, match=r"people\.representation_ends_before_it_begins"):
        end_representation(representation=first, on=date(2026, 1, 9), by=OFFICER_LI)


def test_an_officer_confirms_once(mother: Person, child: Person) -> None:
    first = appoint(mother, child, date(2026, 1, 10), confirmed_by=None)
    assert confirm_representation(representation=first, confirmed_by=CLERK, by=OFFICER_LI).confirmed_by == CLERK
    with pytest.raises(Conflict, match=r"people\.already_confirmed"):
        confirm_representation(representation=first, confirmed_by=CLERK, by=OFFICER_LI)
