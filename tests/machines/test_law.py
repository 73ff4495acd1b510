"""Editions proposed and confirmed by several people: two persons, one edition in force."""

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.machines.running import run_machine
from tests.support.city import City
from tests.support.law import CITY_PACK, library
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.models import Edition
from yizhengtong.law.services import confirm_edition, propose_edition

TEXTS = [{**library().texts, CITY_PACK: f"{library().texts[CITY_PACK]}# edition {number}\n"} for number in range(3)]
PEOPLE = [Principal(PrincipalKind.STAFF, new_id()) for _ in range(3)]
WHO, WHICH = st.sampled_from(PEOPLE), st.integers(0, len(TEXTS) - 1)


class LawMachine(RuleBasedStateMachine):
    """The model: which edition is in force, and who proposed which."""

    @initialize()
    def begin(self) -> None:
        self.in_force = Edition.objects.get(state="in_force").hash
        self.proposed = {edition.hash: edition.proposed_by for edition in Edition.objects.filter(state="proposed")}
        self.acts = Entry.objects.filter(action__startswith="law.").count()

    @rule(who=WHO, which=WHICH)
    def propose(self, who: Principal, which: int) -> None:
        try:
            edition = propose_edition(texts=TEXTS[which], by=who)
        except Problem as problem:
            if problem.code != "law.edition_in_force_already":
                raise
            return
        assert edition.hash != self.in_force
        if edition.hash not in self.proposed:
            self.proposed[edition.hash] = who.id
            self.acts += 1

    @rule(who=WHO, which=st.integers(0, 9))
    def confirm(self, who: Principal, which: int) -> None:
        known = sorted(self.proposed)
        wanted = known[which % len(known)] if known else self.in_force
        may = bool(known) and self.proposed[wanted] != who.id
        try:
            confirm_edition(edition_hash=wanted, by=who)
        except Problem:
            assert not may
            return
        assert may
        del self.proposed[wanted]
        self.in_force = wanted
        self.acts += 1

    @invariant()
    def one_edition_is_in_force_by_two_persons(self) -> None:
        edition = Edition.objects.get(state="in_force")
        assert edition.hash == self.in_force
        assert edition.proposed_by != edition.confirmed_by
        assert {each.hash for each in Edition.objects.filter(state="proposed")} == set(self.proposed)

    @invariant()
    def every_act_is_on_record(self) -> None:
        assert Entry.objects.filter(action__startswith="law.").count() == self.acts


def test_the_law_is_always_one_edition_put_in_force_by_two_persons(town: City) -> None:
    run_machine(LawMachine, examples=5, steps=14)
