"""Stays declared, ended and corrected in any order: a person lives in one place a day, and nothing is forgotten."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.support.city import City
from tests.support.law import LIXIA, SHIZHONG, TODAY
from tests.support.people import ADDRESS, a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Problem
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.services import correct_stay, declare_stay, end_stay

FIRST = date(2025, 1, 1)
STARTS = st.integers(0, 120).map(lambda days: FIRST + timedelta(days=days))
LENGTHS = st.none() | st.integers(0, 60)
COUNTIES = st.sampled_from([LIXIA, SHIZHONG])


class StayMachine(RuleBasedStateMachine):
    """One person; the model is the set of days lived somewhere."""

    @initialize()
    def begin(self) -> None:
        self.resident = a_resident(since=None)
        self.days: dict[str, set[int]] = {}
        self.done = 0
        self.superseded = 0

    @rule(start=STARTS, length=LENGTHS, county=COUNTIES)
    def declare(self, start: date, length: int | None, county: str) -> None:
        until = None if length is None else start + timedelta(days=length)
        try:
            stay = declare_stay(
                person=self.resident.person, region=county, address=ADDRESS, start=start, until=until,
                reported_by="self", declared_on=TODAY, by=self.resident.principal,
            ).registration  # fmt: skip
        except Problem:
            assert length == 0 or self.overlaps(days_of(start, until)), "a stay that stands in nobody's way was refused"
            return
        assert not self.overlaps(days_of(start, until))
        self.days[str(stay.pk)] = days_of(start, until)
        self.done += 1

    @precondition(lambda self: self.days)
    @rule(which=st.integers(0, 50), length=st.integers(-3, 90), is_stale=st.integers(0, 5))
    def end(self, which: int, length: int, is_stale: int) -> None:
        stay = self.pick(which)
        version, until = stay.version - (is_stale == 0), stay.start + timedelta(days=length)
        may = stay.until is None and length > 0 and is_stale != 0
        try:
            end_stay(registration=stay, until=until, by=self.resident.principal, version=version)
        except Problem:
            assert not may
            return
        assert may
        self.days[str(stay.pk)] = days_of(stay.start, until)
        self.done += 1

    @precondition(lambda self: self.days)
    @rule(which=st.integers(0, 50), start=STARTS, length=LENGTHS, county=COUNTIES)
    def correct(self, which: int, start: date, length: int | None, county: str) -> None:
        stay = self.pick(which)
        until = None if length is None else start + timedelta(days=length)
        before = self.days.pop(str(stay.pk))
        may = length != 0 and not self.overlaps(days_of(start, until))
        try:
            new = correct_stay(
                registration=stay, region=county, address=ADDRESS, start=start, until=until, reported_by="self",
                reason="wrong_dates", on=TODAY, by=self.resident.principal, version=stay.version,
            ).registration  # fmt: skip
        except Problem:
            assert not may
            self.days[str(stay.pk)] = before
            return
        assert may
        self.days[str(new.pk)] = days_of(start, until)
        self.done += 1
        self.superseded += 1

    def pick(self, which: int) -> Registration:
        return Registration.objects.get(pk=sorted(self.days)[which % len(self.days)])

    def overlaps(self, days: set[int]) -> bool:
        return any(days & lived for lived in self.days.values())

    @invariant()
    def a_person_lives_in_one_place_a_day(self) -> None:
        current = Registration.objects.filter(person=self.resident.person, is_current=True).order_by("start")
        stays = list(current)
        assert {str(stay.pk) for stay in stays} == set(self.days)
        assert all(first.until is not None and first.until <= second.start for first, second in pairwise(stays))

    @invariant()
    def what_was_corrected_is_kept_and_everything_is_on_record(self) -> None:
        person = self.resident.person.pk
        superseded = Registration.objects.filter(person_id=person, is_current=False)
        assert superseded.count() == self.superseded
        assert all(hasattr(stay, "corrected_by") for stay in superseded)
        acts = Entry.objects.filter(person_id=person, action__startswith="residence.", kind="act")
        assert acts.count() == self.done


def days_of(start: date, until: date | None) -> set[int]:
    last = (until or FIRST + timedelta(days=400)).toordinal()
    return set(range(start.toordinal(), last))


def test_stays_never_overlap_whatever_is_declared_ended_and_corrected(town: City) -> None:
    run_machine(StayMachine, examples=12, steps=25)
