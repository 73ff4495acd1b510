"""A permit made, handed over, lost, found, replaced and declared void in any order."""

from collections import Counter
from typing import ClassVar

from django.apps import apps
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.machines.running import run_machine
from tests.support.cases import a_paper
from tests.support.city import City
from tests.support.law import LIXIA, TODAY, law_of
from tests.support.people import a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.services import (
    hand_over_card,
    issue_permit,
    record_made,
    report_found,
    report_loss,
    void_permit,
)
from yizhengtong.permitting.permits.states import LIVING, STEPS, PermitState

GROUNDS = ("lost_status", "false_proof")
ACTIONS = ("record_made", "hand_over", "report_loss", "report_found", "void")


class PermitMachine(RuleBasedStateMachine):
    """One person's permits; the model is the state and version of each."""

    town: ClassVar[City]

    @initialize()
    def begin(self) -> None:
        self.resident = a_resident()
        self.approver: Principal = self.town.approver
        self.states: dict[str, PermitState] = {}
        self.acts: Counter[str] = Counter()

    @rule(ground=st.sampled_from(["", "lost", "damaged"]))
    def issue(self, ground: str) -> None:
        held = [key for key, state in self.states.items() if state in LIVING]
        try:
            permit = self.issued(ground)
        except Problem:
            assert held
            assert not ground
            return
        assert not (held and not ground)
        for key in held:
            self.states[key] = PermitState.ENDED
        self.states[str(permit.pk)] = PermitState.ORDERED
        self.acts["permits.issue"] += 1
        self.acts["permits.replace"] += len(held)

    def issued(self, ground: str) -> Permit:
        place = self.town.offices["370102"]
        return issue_permit(
            person=self.resident.person, kind="hmt", validity=law_of().value("validity"), case_id=new_id(),
            office_id=place.pk, office_path=place.path, region=LIXIA, authority="局", card={},
            photo_id=a_paper(self.resident, "photo").pk, delivery="collect", delivery_address="", on=TODAY,
            by=self.approver, ground=ground,
        )  # fmt: skip

    @rule(which=st.integers(0, 20), action=st.sampled_from(ACTIONS))
    def step(self, which: int, action: str) -> None:
        if not self.states:
            return
        key = sorted(self.states)[which % len(self.states)]
        before = Permit.objects.get(pk=key)
        step = STEPS.get((self.states[key], action))
        try:
            self.act(key, action)
        except Problem as problem:
            if step is not None and problem.code != "permits.old_card_not_returned":
                raise
            return
        assert step is not None
        after = Permit.objects.get(pk=key)
        assert after.version == before.version + 1
        assert after.state == (step.to or after.state)
        assert after.state != PermitState.LOST or action == "report_loss"
        self.states[key] = PermitState(after.state)
        self.acts[f"permits.{action}"] += 1

    def act(self, key: str, action: str) -> object:
        permit_id = Permit.objects.get(pk=key).pk
        clerk, holder = self.town.clerk, self.resident.principal
        if action == "record_made":
            return record_made(permit_id=permit_id, on=TODAY, by=clerk)
        if action == "hand_over":
            return hand_over_card(permit_id=permit_id, on=TODAY, by=clerk, old_card_returned=True)
        if action == "void":
            return void_permit(permit_id=permit_id, ground=GROUNDS[0], allowed=GROUNDS, on=TODAY, by=self.approver)
        return (report_loss if action == "report_loss" else report_found)(permit_id=permit_id, by=holder)

    @rule()
    def lose_twice_at_once(self) -> None:
        held = [key for key, state in self.states.items() if state == PermitState.HELD]
        if held:
            (outcome,) = at_once([[lambda: self.act(held[0], "report_loss")] * 2])
            assert sorted(outcome) == ["", "permits.not_now"]
            self.states[held[0]] = PermitState.LOST
            self.acts["permits.report_loss"] += 1

    @rule()
    def two_issued_at_once(self) -> None:
        """Two first issues at one moment: one permit at most."""
        held = [key for key, state in self.states.items() if state in LIVING]
        (outcome,) = at_once([[lambda: self.issued("")] * 2])
        granted = outcome.count("")
        assert granted == (0 if held else 1), outcome
        self.acts["permits.issue"] += granted
        for permit in Permit.objects.filter(person=self.resident.person):
            self.states.setdefault(str(permit.pk), PermitState(permit.state))

    @invariant()
    def one_permit_lives_and_all_are_as_expected(self) -> None:
        permits = {str(permit.pk): permit for permit in Permit.objects.filter(person=self.resident.person)}
        assert {key: PermitState(permit.state) for key, permit in permits.items()} == self.states
        assert sum(state in LIVING for state in self.states.values()) <= 1
        assert len({permit.number for permit in permits.values()}) <= 1, "the number stays for life"

    @invariant()
    def only_a_living_permit_is_good_and_until_its_last_day(self) -> None:
        for permit in Permit.objects.filter(person=self.resident.person):
            is_good = permit.state in LIVING and permit.state != PermitState.LOST
            assert standing(permit, permit.last_valid_day).is_valid == is_good
            assert not standing(permit, add_years(TODAY, 6)).is_valid
            assert (permit.ended_on is not None) == (permit.state == PermitState.ENDED)

    @invariant()
    def every_state_is_in_the_history_and_every_act_on_record(self) -> None:
        history = apps.get_model("permits.PermitEvent")._default_manager
        for permit in Permit.objects.filter(person=self.resident.person):
            versions = history.filter(pgh_obj_id=permit.pk).values_list("version", flat=True)
            assert sorted(versions) == list(range(1, permit.version + 1))
        acts = Entry.objects.filter(person_id=self.resident.person.pk, kind="act", action__startswith="permits.")
        assert Counter(acts.values_list("action", flat=True)) == +self.acts


def test_a_persons_permits_stay_whole_whatever_happens_to_them(town: City) -> None:
    PermitMachine.town = town
    run_machine(PermitMachine, examples=8, steps=22)
