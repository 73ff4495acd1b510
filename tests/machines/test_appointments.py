"""Seats booked, given back and taken at the counter, also by several at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import time_machine
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.machines.running import run_machine
from tests.support.cases import an_application, received
from tests.support.city import City
from tests.support.law import TODAY, law_of
from tests.support.people import Resident, a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.casework.appointments import times_of
from yizhengtong.permitting.casework.models import Appointment, Case
from yizhengtong.permitting.casework.services.reception import book_appointment, cancel_appointment, receive_visitor

SLOTS = [at for days in range(1, 20) for at in times_of(TODAY + timedelta(days=days), law_of().calendar)]
WINDOWS = 2
APPLICANTS = 4
TIMES = st.integers(0, 1)
WHO = st.integers(0, APPLICANTS - 1)


class SeatMachine(RuleBasedStateMachine):
    """A few applicants, two windows, two times."""

    town: ClassVar[City]
    slots: ClassVar[Iterator[datetime]]

    @initialize()
    def begin(self) -> None:
        self.times = [next(SeatMachine.slots), next(SeatMachine.slots)]  # of its own: no example meets another's seats
        self.who: list[tuple[Case, Resident]] = []
        for _ in range(APPLICANTS):
            resident = a_resident()
            self.who.append((received(resident, an_application(resident)), resident))
        self.booked: dict[int, datetime] = {}
        self.arrived: list[datetime] = []
        self.acts = 0

    def book_act(self, who: int, at: datetime) -> partial[Any]:
        case, resident = self.who[who]
        return partial(
            book_appointment, case_id=case.pk, starts_at=at, acting=resident.person, on=TODAY, by=resident.principal
        )

    def free(self, at: datetime) -> int:
        return WINDOWS - list(self.booked.values()).count(at) - self.arrived.count(at)

    @rule(who=WHO, slot=TIMES)
    def book(self, who: int, slot: int) -> None:
        at = self.times[slot]
        may = who not in self.booked and self.free(at) > 0
        try:
            self.book_act(who, at)()
        except Problem:
            assert not may
            return
        assert may
        self.booked[who] = at
        self.acts += 1

    @rule(people=st.lists(WHO, min_size=3, max_size=3, unique=True), slot=TIMES)
    def three_book_at_once(self, people: list[int], slot: int) -> None:
        at = self.times[slot]
        wanting = sum(who not in self.booked for who in people)
        seats = self.free(at)
        (outcome,) = at_once([[self.book_act(who, at) for who in people]])
        won = [who for who, code in zip(people, outcome, strict=True) if not code]
        assert len(won) == min(wanting, seats), outcome
        for who in won:
            assert who not in self.booked
            self.booked[who] = at
        self.acts += len(won)

    @rule(who=WHO, by=WHO)
    def cancel(self, who: int, by: int) -> None:
        if who not in self.booked:
            return
        case, _ = self.who[who]
        other = self.who[by][1]
        appointment = Appointment.objects.get(case=case, state="booked")
        try:
            cancel_appointment(appointment_id=appointment.pk, acting=other.person, on=TODAY, by=other.principal)
        except Problem:
            assert by != who
            return
        assert by == who
        del self.booked[who]
        self.acts += 1

    @rule(who=WHO)
    def arrive(self, who: int) -> None:
        receive_visitor(case_id=self.who[who][0].pk, by=self.town.clerk)
        at = self.booked.pop(who, None)
        if at is not None:
            self.arrived.append(at)
        self.acts += 1

    @invariant()
    def a_seat_has_one_person_and_a_person_one_seat(self) -> None:
        cases = [case.pk for case, _ in self.who]
        booked = Appointment.objects.filter(case_id__in=cases, state="booked")
        assert sorted(booked.values_list("case_id", flat=True)) == sorted(self.who[who][0].pk for who in self.booked)
        seats = list(
            Appointment.objects.filter(ticket_number=None, starts_at__in=self.times)
            .exclude(state="cancelled")
            .values_list("starts_at", "seat")
        )
        assert len(seats) == len(set(seats))
        assert {seat for _, seat in seats} <= set(range(1, WINDOWS + 1))

    @invariant()
    def every_act_is_on_record(self) -> None:
        people = [resident.person.pk for _, resident in self.who]
        actions = ("casework.book", "casework.cancel_appointment", "casework.receive_visitor")
        assert Entry.objects.filter(person_id__in=people, action__in=actions).count() == self.acts


def test_seats_are_never_given_twice_whoever_comes_when(town: City, settings: Any) -> None:
    settings.YZT_WINDOWS_PER_POINT = WINDOWS
    SeatMachine.town, SeatMachine.slots = town, iter(SLOTS)
    with time_machine.travel("2026-09-18T04:00:00Z", tick=True):
        run_machine(SeatMachine, examples=6, steps=18)
