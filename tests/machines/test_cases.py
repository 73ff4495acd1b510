"""Officers of several roles and offices step on one case in any order, alone and at once; what must hold, holds."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.support.cases import an_application, capture_all, fresh, received, words_for
from tests.support.city import City
from tests.support.law import JINAN, TODAY
from tests.support.people import a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import NotFound, Problem, Stale
from yizhengtong.permitting.casework.gathering import law_for
from yizhengtong.permitting.casework.models import Case, JournalEntry, Notice
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.permitting.casework.rules import due
from yizhengtong.permitting.casework.services.deciding import (
    accept_case,
    approve_case,
    refuse_case,
    review_case,
    send_back,
    withdraw_case,
)
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.casework.services.judging import answer_supplement, judge, request_supplement
from yizhengtong.permitting.casework.states import STEPS, UNDECIDED, CaseState
from yizhengtong.permitting.permits.models import Permit

OFFICERS = ("li", "wang", "zhang", "all", "city", "elsewhere", "no_factor")
ACTIONS = (
    "accept", "request_supplement", "review", "send_back", "approve", "refuse", "record_made", "hand_over", "withdraw",
)  # fmt: skip
BY_THE_BOOK = {
    CaseState.RECEIVED: ("accept", "li"),
    CaseState.ACCEPTED: ("review", "wang"),
    CaseState.REVIEWED: ("approve", "zhang"),
    CaseState.APPROVED: ("record_made", "li"),
    CaseState.MADE: ("hand_over", "li"),
}
EVENTS = {
    "receive": "cases.received", "accept": "cases.accepted", "approve": "cases.approved", "refuse": "cases.refused",
    "withdraw": "cases.withdrawn",
}  # fmt: skip
ALL_ROLES = (Role.CLERK, Role.REVIEWER, Role.APPROVER)


def officers_of(town: City) -> dict[str, Principal]:
    return {
        "li": town.clerk,
        "wang": town.reviewer,
        "zhang": town.approver,
        "all": town.officer("all", *ALL_ROLES, office="370102"),
        "city": town.officer("city", *ALL_ROLES, office=JINAN),
        "elsewhere": town.officer("elsewhere", *ALL_ROLES, office="370103"),
        "no_factor": town.officer("no_factor", *ALL_ROLES, office=JINAN, has_second_factor=False),
    }


class CaseMachine(RuleBasedStateMachine):
    """One case; what succeeded is compared with the state table, what is there with what succeeded."""

    town: ClassVar[City]

    @initialize(without=st.booleans())
    def begin(self, without: bool) -> None:
        self.officers = officers_of(self.town)
        self.resident = a_resident()
        case = received(self.resident, an_application(self.resident))
        self.case = capture_all(case, self.resident, without=("fingerprints",) if without else ())
        self.version = self.case.version
        self.state = CaseState(self.case.state)
        self.steps: Counter[str] = Counter({"receive": 1})

    @rule(action=st.sampled_from(ACTIONS), officer=st.sampled_from(OFFICERS), stale=st.integers(0, 9))
    def step(self, action: str, officer: str, stale: int) -> None:
        """One step, mostly with the version that is there."""
        by = self.resident.principal if action == "withdraw" else self.officers[officer]
        version = self.version - (stale == 0)
        try:
            self.act(action, by, version)()
        except Problem:
            return
        self.note(action, by, version)

    @rule()
    def go_on(self) -> None:
        """The step that comes next by the book, by an officer whose step it is."""
        action, officer = BY_THE_BOOK.get(self.state, ("", ""))
        if action == "review":
            self.judge_all(officer)
        if action:
            self.step(action, officer, 1)

    @rule(action=st.sampled_from(ACTIONS[:-1]), back=st.integers(1, 3))
    def on_an_older_version(self, action: str, back: int) -> None:
        with pytest.raises(Stale):
            self.act(action, self.officers["city"], self.version - back)()

    @rule(officer=st.sampled_from(OFFICERS))
    def judge_all(self, officer: str) -> None:
        words = words_for(fresh(self.case))
        try:
            judge(case_id=self.case.pk, words=words, version=self.version, on=TODAY, by=self.officers[officer])
        except Problem:
            return
        assert officer not in {"elsewhere", "no_factor"}
        self.look_again()

    @rule(days=st.integers(0, 30))
    def answer(self, days: int) -> None:
        """The applicant answers a supplement, perhaps weeks later."""
        try:
            answer_supplement(
                case_id=self.case.pk,
                acting=self.resident.person,
                on=TODAY + timedelta(days=days),
                by=self.resident.principal,
            )
        except Problem:
            return
        self.steps["answer_supplement"] += 1
        self.look_again()

    @precondition(lambda self: self.state in UNDECIDED)
    @rule(
        actions=st.lists(st.sampled_from(ACTIONS), min_size=2, max_size=2),
        officers=st.lists(st.sampled_from(OFFICERS[:5]), min_size=2, max_size=2),
    )
    def two_at_once(self, actions: list[str], officers: list[str]) -> None:
        """Two officers, one version: whoever comes second is told."""
        pair = list(zip(actions, officers, strict=True))
        by = [self.resident.principal if action == "withdraw" else self.officers[name] for action, name in pair]
        acts = [self.act(action, who, self.version) for action, who in zip(actions, by, strict=True)]
        (outcome,) = at_once([acts])
        done = [action for action, code in zip(actions, outcome, strict=True) if not code]
        with_version = [action for action in done if action != "withdraw"]
        assert len(with_version) <= 1, "two acts on one version"
        for action in sorted(done, key=lambda each: each == "withdraw"):
            self.steps[action] += 1
        self.look_again(by=len(done))

    def act(self, action: str, by: Principal, version: int) -> Callable[[], object]:
        case_id = self.case.pk
        versioned = {"case_id": case_id, "version": version, "on": TODAY, "by": by}
        acts: dict[str, Callable[[], object]] = {
            "accept": partial(accept_case, words="收", **versioned),  # type: ignore[arg-type]
            "request_supplement": partial(request_supplement, **versioned),  # type: ignore[arg-type]
            "review": partial(review_case, recommends="grant", words="审", **versioned),  # type: ignore[arg-type]
            "send_back": partial(send_back, words="退", **versioned),  # type: ignore[arg-type]
            "approve": partial(approve_case, words="同意", **versioned),  # type: ignore[arg-type]
            "refuse": partial(refuse_case, words="不符", **versioned),  # type: ignore[arg-type]
            "record_made": partial(record_card_made, **versioned),  # type: ignore[arg-type]
            "hand_over": partial(hand_over, tracking_number="", old_card_returned=False, **versioned),  # type: ignore[arg-type]
            "withdraw": partial(withdraw_case, case_id=case_id, acting=self.resident.person, on=TODAY, by=by),
        }
        return acts[action]

    def note(self, action: str, by: Principal, version: int) -> None:
        """A step was taken: it must have been one of the table, by somebody who may, on what was read."""
        step = STEPS[self.state, action]
        assert action == "withdraw" or version == self.version
        if step.role is not None:
            assert step.role in by.roles
            assert by.has_second_factor
            assert by.covers(self.case.office_path)
        self.steps[action] += 1
        self.look_again()
        assert self.state == step.to

    def look_again(self, *, by: int = 1) -> None:
        self.case = fresh(self.case)
        assert self.case.version == self.version + by, "the version rises by one with every step"
        self.version, self.state = self.case.version, CaseState(self.case.state)

    @invariant()
    def three_officers_differ(self) -> None:
        named = [who for who in (self.case.accepted_by, self.case.reviewed_by, self.case.approved_by) if who]
        assert len(named) == len(set(named))

    @invariant()
    def the_journal_leads_to_the_state(self) -> None:
        entries = JournalEntry.objects.filter(case=self.case)
        ends: Counter[str] = Counter(entries.values_list("to_state", flat=True))
        ends.subtract(state for state in entries.values_list("from_state", flat=True) if state)
        assert +ends == Counter({str(self.state): 1})

    @invariant()
    def every_step_is_journalled_recorded_and_told_once(self) -> None:
        journal = Counter(JournalEntry.objects.filter(case=self.case).values_list("action", flat=True))
        acts = Counter(Entry.objects.filter(object_id=self.case.pk, kind="act").values_list("action", flat=True))
        events = Counter(Event.objects.filter(object_id=self.case.pk).values_list("kind", flat=True))
        for action in {*ACTIONS, "receive"}:
            expected = self.steps[action]
            assert acts[f"casework.{action}"] == expected, action
            if action != "request_supplement":
                assert journal[action] == expected, action
                assert events[EVENTS.get(action, f"casework.{action}")] == expected, action

    @invariant()
    def the_clock_is_never_later_than_the_laws(self) -> None:
        if self.case.due_on is None or self.case.accepted_on is None:
            return
        law = law_for(self.case.item, self.case.application.place, self.case.accepted_on)
        latest = due(self.case.accepted_on, law.value("issue.limit"), law.calendar).day
        waited = Notice.objects.filter(case=self.case, answered_on__isnull=False)
        waited_days = sum((notice.answered_on - notice.issued_on).days for notice in waited if notice.answered_on)
        assert self.case.due_on <= latest + timedelta(days=2 * waited_days + 10 * bool(waited_days))

    @invariant()
    def there_is_one_undecided_case_an_item_and_one_living_permit(self) -> None:
        person = self.resident.person
        assert Case.objects.filter(person=person, item=self.case.item, state__in=UNDECIDED).count() <= 1
        assert Permit.objects.filter(person=person).exclude(state="ended").count() == (self.steps["approve"] > 0)

    @invariant()
    def nothing_is_readable_across_offices(self) -> None:
        try:
            case_for_officer(case_id=self.case.pk, by=self.officers["elsewhere"], purpose="casework")
        except NotFound:
            return
        raise AssertionError("an officer of another office read the case")


def test_a_case_stays_whole_whatever_officers_do(town: City) -> None:
    CaseMachine.town = town
    run_machine(CaseMachine, examples=8, steps=22)
