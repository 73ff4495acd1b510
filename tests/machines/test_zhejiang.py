"""The Zhejiang permit in every form over the years: endorsed in time or late, swept, lost, converted, ended, reissued.

The model counts days by itself: a year is full on the day of issue, or on the last day of a month that has no such day.
"""

from calendar import monthrange
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import time_machine
from django.apps import apps
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.support.city import City
from tests.support.people import Resident, a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Problem
from yizhengtong.permitting.permits.kinds import ZHEJIANG, ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Endorsement, Permit, Reminder, Sweep
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.services import (
    end_functions,
    hand_over_card,
    record_made,
    report_found,
    report_loss,
)
from yizhengtong.permitting.permits.states import LIVING, PermitState
from yizhengtong.permitting.permits.sweeping import remind_due, suspend_overdue
from yizhengtong.permitting.permits.tests.zhejiang import RUIAN, County, a_county, a_permit, convert, endorsed

CHINA = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
BEGINNINGS = st.sampled_from(
    [date(2023, 12, 31), date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 31), date(2024, 10, 1), date(2025, 1, 1)]
)
"""Days on which years, months, leap days and holidays end or begin."""
LEAPS = st.sampled_from([0, 1, 2, 14, 28, 30, 31, 59, 180, 330, 334, 335, 336, 360, 364, 365, 366, 367, 400, 735])
GROUNDS = ("not_eligible", "local_household", "death", "other")
ENDORSABLE = (PermitState.ORDERED, PermitState.MADE, PermitState.HELD)


def full_year(issued: date, years: int) -> date:
    """The day on which a year is full, counted by hand."""
    year = issued.year + years
    return date(year, issued.month, min(issued.day, monthrange(year, issued.month)[1]))


def a_month_before(day: date) -> date:
    """The day a month before, counted by hand."""
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class Model:
    """What one permit should be. `last`: the last day of the endorsed year; `since`: from when residence counts."""

    def __init__(self, kind: str, issued: date, since: date) -> None:
        self.kind, self.issued, self.since = kind, issued, since
        self.is_electronic = kind == ZHEJIANG_ELECTRONIC
        self.state = PermitState.HELD if self.is_electronic else PermitState.ORDERED
        self.before = self.state
        self.last = full_year(issued, 1) - DAY
        self.endorsements = 0

    def year_of(self, day: date) -> int:
        """Which year since the issue a day lies in."""
        return next(year for year in range(1, 99) if day < full_year(self.issued, year))

    def opens(self) -> date:
        return a_month_before(full_year(self.issued, self.year_of(self.last)))

    def endorse(self, on: date) -> None:
        """In the window a year more; late the year that runs, and the next where its window is open already."""
        year = self.year_of(on)
        is_open = on >= a_month_before(full_year(self.issued, year))
        if on > self.last:
            self.since = on
        self.last = full_year(self.issued, year + (1 if is_open else 0)) - DAY
        self.state = self.before if self.state == PermitState.SUSPENDED else self.state
        self.endorsements += 1

    def move(self, to: PermitState) -> None:
        if to in ENDORSABLE:
            self.before = to
        self.state = to


class ZhejiangMachine(RuleBasedStateMachine):
    """One person's permits of the family while years pass; the model is a list of them."""

    county: ClassVar[County]

    @initialize(begins=BEGINNINGS)
    def begin(self, begins: date) -> None:
        self.who: Resident = a_resident(since=None)
        self.models: dict[str, Model] = {}
        self.acts: Counter[str] = Counter()
        Sweep.objects.all().delete()
        suspend_overdue(on=date(2300, 1, 1))  # whoever an earlier example left behind
        self.travel(begins)

    def travel(self, to: date) -> None:
        self.today = to
        self.stop()
        self.clock = time_machine.travel(datetime(to.year, to.month, to.day, 0, 5, tzinfo=CHINA), tick=True)
        self.clock.start()

    def stop(self) -> None:
        clock = getattr(self, "clock", None)
        if clock is not None:
            clock.stop()
            del self.clock

    def teardown(self) -> None:
        self.stop()

    def living(self) -> list[str]:
        return [key for key, model in self.models.items() if model.state in LIVING]

    @rule(days=LEAPS)
    def days_pass(self, days: int) -> None:
        self.travel(self.today + timedelta(days=days))

    @precondition(lambda self: self.living())
    @rule(off=st.integers(-1, 2), edge=st.sampled_from(["opens", "closes"]))
    def an_edge_of_the_window_comes(self, off: int, edge: str) -> None:
        """To the day before the window opens, its first, its last, the one after."""
        model = self.models[self.living()[0]]
        to = (model.opens() if edge == "opens" else model.last) + timedelta(days=off)
        if to > self.today:
            self.travel(to)

    @rule()
    def issue(self) -> None:
        try:
            permit = a_permit(self.county, self.who, kind=ZHEJIANG_CARD, on=self.today)
        except Problem:
            assert self.living()
            return
        assert not self.living()
        self.models[str(permit.pk)] = Model(ZHEJIANG_CARD, self.today, self.today)
        self.acts["permits.issue"] += 1

    @rule()
    def convert_all(self) -> None:
        """Every living permit ends, one electronic one begins; years go on from what was in force."""
        before = self.living()
        new = convert(self.county, self.who, on=self.today)
        self.note_conversion(str(new.pk), before)

    def note_conversion(self, new: str, before: list[str]) -> None:
        counted = [self.models[key].since for key in before if self.today <= self.models[key].last]
        for key in before:
            self.models[key].move(PermitState.ENDED)
        self.models[new] = Model(ZHEJIANG_ELECTRONIC, self.today, min(counted, default=self.today))
        self.acts["permits.issue"] += 1
        self.acts["permits.convert"] += len(before)

    @rule()
    def convert_and_lose_at_once(self) -> None:
        """A conversion and the report of a loss at one moment: one permit lives afterwards, whoever was first."""
        before = self.living()
        if not before or self.models[before[0]].state == PermitState.LOST:
            return
        acts = [
            lambda: convert(self.county, self.who, on=self.today),
            lambda: report_loss(permit_id=Permit.objects.get(pk=before[0]).pk, by=self.who.principal),
        ]
        (outcome,) = at_once([acts])
        assert outcome[0] == ""
        if not outcome[1]:
            self.models[before[0]].move(PermitState.LOST)
            self.acts["permits.report_loss"] += 1
        new = Permit.objects.filter(person=self.who.person).exclude(state="ended").get()
        self.note_conversion(str(new.pk), before)

    @precondition(lambda self: self.living())
    @rule(which=st.integers(0, 3))
    def endorse(self, which: int) -> None:
        key = self.living()[which % len(self.living())]
        model, permit = self.models[key], Permit.objects.get(pk=key)
        may = self.today >= model.opens() and model.state != PermitState.LOST
        was_late, was_swept = self.today > model.last, model.state == PermitState.SUSPENDED
        try:
            endorsed(permit, self.county, on=self.today)
        except Problem:
            assert not may
            return
        assert may
        model.endorse(self.today)
        self.acts["permits.suspend"] += was_late and not was_swept
        self.acts["permits.restore" if was_late or was_swept else "permits.endorse"] += 1
        if was_late and not was_swept:
            model.state = model.before

    @rule()
    def sweep(self) -> None:
        """The daily sweep, which may have stood still for long; and once more, which changes nothing."""
        overdue = [each for each in self.models.values() if each.state in ENDORSABLE and each.last < self.today]
        assert suspend_overdue(on=self.today) == len(overdue)
        assert suspend_overdue(on=self.today) == 0
        for model in overdue:
            model.state = PermitState.SUSPENDED
        self.acts["permits.suspend"] += len(overdue)

    @rule()
    def remind(self) -> None:
        before = Reminder.objects.count()
        told = sum(remind_due(on=self.today).values())
        assert Reminder.objects.count() == before + told
        assert sum(remind_due(on=self.today).values()) == 0

    @precondition(lambda self: self.living())
    @rule(action=st.sampled_from(["record_made", "hand_over", "report_loss", "report_found", "end_functions"]))
    def step(self, action: str) -> None:
        key = self.living()[0]
        model = self.models[key]
        to = self.after(model, action)
        try:
            self.act(key, action)
        except Problem:
            assert to is None, f"{action} was refused to a permit that is {model.state}"
            return
        assert to is not None
        self.acts[f"permits.{action}"] += 1
        self.acts["permits.suspend"] += action == "report_found" and to == PermitState.SUSPENDED
        model.state = to
        if to in ENDORSABLE:
            model.before = to

    def after(self, model: Model, action: str) -> PermitState | None:
        """Where an action leads by the model; None: it is refused."""
        if action == "end_functions":
            return PermitState.ENDED
        if action == "report_found":
            back = PermitState.SUSPENDED if self.today > model.last else model.before
            return back if model.state == PermitState.LOST else None
        if action == "report_loss":
            return None if model.state == PermitState.LOST else PermitState.LOST
        wanted = (PermitState.ORDERED, PermitState.MADE) if action == "record_made" else (
            PermitState.MADE, PermitState.HELD)  # fmt: skip
        return wanted[1] if model.state == wanted[0] else None

    def act(self, key: str, action: str) -> object:
        permit_id = Permit.objects.get(pk=key).pk
        by, holder = self.county.approver, self.who.principal
        acts: dict[str, Any] = {
            "record_made": lambda: record_made(permit_id=permit_id, on=self.today, by=by),
            "hand_over": lambda: hand_over_card(permit_id=permit_id, on=self.today, by=by, asks_old_card_back=False),
            "report_loss": lambda: report_loss(permit_id=permit_id, by=holder),
            "report_found": lambda: report_found(permit_id=permit_id, by=holder, on=self.today),
            "end_functions": lambda: end_functions(
                permit_id=permit_id, ground=GROUNDS[0], allowed=GROUNDS, on=self.today, by=by
            ),
        }
        return acts[action]()

    @invariant()
    def never_two_of_the_family_live_and_none_is_missing(self) -> None:
        living = Permit.objects.filter(person=self.who.person, kind__in=ZHEJIANG).exclude(state="ended")
        assert {str(each.pk) for each in living} == set(self.living())
        assert len(self.living()) <= 1
        for old in Permit.objects.filter(person=self.who.person, end_reason="converted"):
            assert old.succeeded_by_id is not None
            new = Permit.objects.get(pk=old.succeeded_by_id)
            assert (new.kind, new.valid_from) == (ZHEJIANG_ELECTRONIC, old.ended_on)

    @invariant()
    def every_permit_stands_as_the_model_counts(self) -> None:
        for permit in Permit.objects.filter(person=self.who.person):
            model = self.models[str(permit.pk)]
            assert (permit.state, permit.endorsed_until) == (model.state, model.last)
            assert permit.years_count_from == model.since
            assert permit.last_valid_day == date.max
            assert Endorsement.objects.filter(permit=permit).count() == model.endorsements
            is_good = model.state in ENDORSABLE and self.today <= model.last
            assert standing(permit, self.today).is_valid == is_good
            if model.state in ENDORSABLE:
                assert standing(permit, model.last).is_valid
                assert not standing(permit, model.last + DAY).is_valid

    @invariant()
    def an_endorsement_lies_in_its_window_or_says_that_it_was_late(self) -> None:
        for each in Endorsement.objects.filter(permit__person=self.who.person):
            assert each.on >= each.window_from
            assert each.was_late == (each.on > each.window_until)
            assert each.endorsed_until >= each.on
        for told in Reminder.objects.filter(permit__person=self.who.person):
            assert told.on <= told.last_day

    @invariant()
    def every_act_is_on_record_and_told_once(self) -> None:
        person = self.who.person.pk
        acts = Entry.objects.filter(person_id=person, kind="act", action__startswith="permits.")
        found = Counter(acts.exclude(action="permits.remind").values_list("action", flat=True))
        assert found == +self.acts
        events = Event.objects.filter(person_id=person, kind__startswith="permits.")
        told = Counter(events.values_list("kind", flat=True))
        reminders = told.pop("permits.endorsement_due", 0)
        assert reminders == Reminder.objects.filter(permit__person_id=person).count()
        assert told == +Counter({"permits.issued" if k == "permits.issue" else k: n for k, n in self.acts.items()})
        history = apps.get_model("permits.PermitEvent")._default_manager
        for permit in Permit.objects.filter(person_id=person):
            versions = history.filter(pgh_obj_id=permit.pk).values_list("version", flat=True)
            assert sorted(versions) == list(range(1, permit.version + 1))


def test_the_family_of_a_person_stays_one_permit_over_years_windows_and_leap_days(town: City) -> None:
    ZhejiangMachine.county = a_county(RUIAN)
    run_machine(ZhejiangMachine, examples=10, steps=25)
