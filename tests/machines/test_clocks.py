"""Cases of every kind of limit, taken in on any day around holidays, worked weekends and the turn of the year.

The model walks from day to day by the days as they are written in the calendar's pack, before and after next year's
notice comes.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from typing import ClassVar

import yaml
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.support.cases import accepted, an_application, capture_all, fresh, received
from tests.support.city import City
from tests.support.law import CALENDAR_PACK, announced_2027, library, put_in_force
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Conflict
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import clock_of
from yizhengtong.permitting.casework.services.recomputing import recompute_provisional_deadlines
from yizhengtong.permitting.casework.tests.qingyuan import (
    BY_STAYS,
    QINGYUAN,
    RUIAN,
    County,
    a_county,
    a_draft,
    a_mainlander,
    submitted,
)

DAY = timedelta(days=1)
FIRST = date(2026, 9, 18)
DAYS = st.one_of(
    st.integers(0, 160).map(lambda days: FIRST + timedelta(days=days)),
    st.sampled_from([date(2026, 9, 24), date(2026, 9, 30), date(2026, 12, 16), date(2026, 12, 31), date(2027, 1, 8)]),
)
"""Any day, and more often the eve of a holiday, of a worked weekend, of the year."""
PAPERS = {"identity": "identity_card", "dwelling_proof": "own_home"}
LIMITS = {"hmt.first_issue": (20, True), "floating.first_issue": (15, False), BY_STAYS: (2, True)}
"""Item → how many days, and whether working days: 81号 art. 10, 浙江 art. 18, 庆政办发〔2023〕43号 二.2."""


class Days:
    """Days off and worked as a text of the calendar's pack lists them."""

    def __init__(self, text: str) -> None:
        self.off: set[date] = set()
        self.worked: set[date] = set()
        self.announced: set[int] = set()
        for year in yaml.safe_load(text)["years"]:
            if year["announced"]:
                self.announced.add(year["year"])
            self.worked |= set(year.get("worked", ()))
            for span in year["days_off"]:
                self.off |= {span["first"] + DAY * n for n in range((span["last"] - span["first"]).days + 1)}

    def is_worked(self, day: date) -> bool:
        return day in self.worked or (day not in self.off and day.isoweekday() < 6)

    def due(self, accepted_on: date, n: int, counts_working_days: bool) -> tuple[date, bool]:
        """The last day, and whether it may still change, day by day."""
        day, left = accepted_on, n
        while left:
            day += DAY
            left -= self.is_worked(day) or not counts_working_days
        while not self.is_worked(day):
            day += DAY
        return day, any(year not in self.announced for year in range((accepted_on + DAY).year, day.year + 1))


class ClockMachine(RuleBasedStateMachine):
    """The model: on which day each case was accepted, and which calendar is in force."""

    town: ClassVar[City]
    ruian: ClassVar[County]

    @initialize()
    def begin(self) -> None:
        put_back_the_law()
        self.days = Days(library().texts[CALENDAR_PACK])
        self.accepted: dict[str, tuple[str, date]] = {}

    @rule(item=st.sampled_from(sorted(LIMITS)), on=DAYS)
    def take_in(self, item: str, on: date) -> None:
        taken: dict[str, Callable[[date], Case]] = {
            "hmt.first_issue": self.at_jinan, "floating.first_issue": self.at_ruian, BY_STAYS: self.online,
        }  # fmt: skip
        self.accepted[str(taken[item](on).pk)] = (item, on)

    def at_jinan(self, on: date) -> Case:
        who = a_resident(valid_until=date(2035, 1, 1))
        case = capture_all(received(who, an_application(who, on=on), on=on), who)
        return accepted(case, self.town.clerk, on=on)

    def at_ruian(self, on: date) -> Case:
        who = a_mainlander((RUIAN, date(2026, 1, 1), None))
        draft = a_draft(
            who, "floating.first_issue", county=RUIAN, on=on, claims=("dwelling",), papers=PAPERS, promises=False,
            delivery="collect",
        )  # fmt: skip
        case = capture_all(submitted(who, draft, on=on), who)
        return accepted(case, self.ruian.officer(Role.CLERK), on=on)

    def online(self, on: date) -> Case:
        who = a_mainlander((QINGYUAN, date(2026, 1, 1), None))
        papers = {"identity": "identity_card", "employment_proof": "labour_contract"}
        return fresh(submitted(who, a_draft(who, BY_STAYS, on=on, papers=papers), on=on))

    @precondition(lambda self: 2027 not in self.days.announced)
    @rule()
    def the_notice_of_next_year_comes(self) -> None:
        """Provisional deadlines are counted again, firm ones stay."""
        texts = announced_2027()
        put_in_force(texts)
        before = {str(case.pk) for case in Case.objects.filter(is_due_provisional=True)}
        changed = recompute_provisional_deadlines(on=date(2026, 11, 20))
        assert changed == len(before)
        assert recompute_provisional_deadlines(on=date(2026, 11, 20)) == 0
        self.days = Days(texts[CALENDAR_PACK])

    @invariant()
    def every_clock_is_as_the_days_are_counted(self) -> None:
        for case in Case.objects.filter(pk__in=self.accepted):
            item, on = self.accepted[str(case.pk)]
            assert case.accepted_on == on
            assert (case.due_on, case.is_due_provisional) == self.days.due(on, *LIMITS[item]), (item, on)
            if item == BY_STAYS:
                assert clock_of(case).push_due_on == case.due_on


def put_back_the_law() -> None:
    """Put the packs of the checkout in force again, and leave deadlines of an earlier example as they are."""
    Case.objects.filter(is_due_provisional=True).update(is_due_provisional=False)
    with suppress(Conflict):
        put_in_force(library().texts)


def test_no_clock_is_wrong_over_holidays_worked_weekends_and_the_turn_of_the_year(town: City) -> None:
    ClockMachine.town = town
    ClockMachine.ruian = a_county(RUIAN, "瑞安市", answering=False)
    a_county()
    run_machine(ClockMachine, examples=6, steps=14)
