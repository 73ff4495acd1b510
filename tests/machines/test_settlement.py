"""A person of Taiwan settles: both papers or none, lost and found, shown at the household register in any order."""

from collections import Counter
from datetime import timedelta
from typing import ClassVar

from django.db import DatabaseError, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machines.running import run_machine
from tests.settlement.taipei import Jinan, a_draft, a_jinan, chen, received
from tests.support.cases import accepted, approved, fresh, judged, reviewed
from tests.support.law import LIXIA, SHIZHONG, TODAY
from tests.support.threads import at_once
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.queries import law_in_force
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.services.deciding import approve_case
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import issue_permit, report_found, report_loss
from yizhengtong.permitting.permits.states import PermitState
from yizhengtong.permitting.settlement.household import check_household_papers
from yizhengtong.permitting.settlement.models import ApprovalNotice, HouseholdRegistration
from yizhengtong.permitting.settlement.services import register_household

AT_THE_COUNTER = ("made", "handed_over", "lost", "found")


class SettlementMachine(RuleBasedStateMachine):
    """One applicant; the model: the state of the settlement permit, whether the household is registered."""

    jinan: ClassVar[Jinan]

    @initialize(holds_residence_permit=st.booleans())
    def begin(self, holds_residence_permit: bool) -> None:
        self.who = chen()
        self.on = TODAY
        self.state: PermitState | None = None
        self.before = PermitState.ORDERED
        self.is_registered = False
        self.acts: Counter[str] = Counter()
        self.residence = self.a_residence_permit() if holds_residence_permit else None

    def a_residence_permit(self) -> Permit:
        office = self.jinan.city.offices["370100-01"]
        return issue_permit(
            person=self.who.person, kind="hmt", validity=law_in_force(LIXIA, "hmt", TODAY).value("validity"),
            case_id=new_id(), office_id=office.pk, office_path=office.path, region=LIXIA, authority="局", card={},
            photo_id=None, delivery="collect", delivery_address="", on=TODAY, by=self.jinan.approver,
        )  # fmt: skip

    @rule(days=st.sampled_from([1, 30, 366]))
    def days_pass(self, days: int) -> None:
        self.on += timedelta(days=days)

    def ready(self) -> Case:
        case = accepted(received(a_draft(self.who, on=TODAY), self.who, on=TODAY), self.jinan.clerk)
        return reviewed(judged(case, self.jinan.reviewer), self.jinan.reviewer)

    @rule(twice_at_once=st.booleans())
    def approve(self, twice_at_once: bool) -> None:
        """A whole application; a second settlement permit is never issued, also not by two approvals at once."""
        if Case.objects.filter(person=self.who.person, state="reviewed").exists():
            return
        try:
            case = self.ready()
        except Problem:
            assert self.state is not None
            return
        if twice_at_once:
            (outcome,) = at_once([[lambda: self.approved_by_another(case)] * 2])
            assert outcome.count("") == (self.state is None)
        else:
            try:
                approved(case, self.jinan.approver)
            except Problem:
                assert self.state is not None
                return
            assert self.state is None
        self.state = self.state or PermitState.ORDERED

    def approved_by_another(self, case: Case) -> object:
        return approve_case(case_id=case.pk, version=case.version, words="同意", on=TODAY, by=self.jinan.approver)

    def permit(self) -> Permit:
        return Permit.objects.get(person=self.who.person, kind="settlement")

    @precondition(lambda self: self.state is not None)
    @rule(what=st.sampled_from(AT_THE_COUNTER))
    def step(self, what: str) -> None:
        to = {
            ("made", PermitState.ORDERED): PermitState.MADE,
            ("handed_over", PermitState.MADE): PermitState.HELD,
            ("found", PermitState.LOST): self.before,
        }.get((what, self.state))  # type: ignore[arg-type]
        if what == "lost" and self.state != PermitState.LOST:
            to = PermitState.LOST
        try:
            self.act(what)
        except Problem:
            assert to is None
            return
        assert to is not None
        if to != PermitState.LOST:
            self.before = to
        self.state = to

    def act(self, what: str) -> object:
        permit = self.permit()
        case = Case.objects.get(permit_id=permit.pk)
        if what == "made":
            return record_card_made(case_id=case.pk, version=case.version, on=self.on, by=self.jinan.clerk)
        if what == "handed_over":
            return hand_over(
                case_id=case.pk, version=fresh(case).version, tracking_number="", old_card_returned=False, on=self.on,
                by=self.jinan.clerk,
            )  # fmt: skip
        return (report_loss if what == "lost" else report_found)(permit_id=permit.pk, by=self.who.principal)

    @precondition(lambda self: self.state is not None)
    @rule(shows=st.sampled_from(["both", "notice", "permit", "none"]), county=st.sampled_from([LIXIA, SHIZHONG]))
    def register(self, shows: str, county: str) -> None:
        """Both papers, at the police of the county of settlement, once: or just what is missing is named."""
        notice, permit = ApprovalNotice.objects.get(person=self.who.person), self.permit()
        shown = {
            "notice_number": notice.number if shows in {"both", "notice"} else "",
            "permit_number": permit.number if shows in {"both", "permit"} else "",
        }
        by = self.jinan.registrar(county)
        check = check_household_papers(
            notice_shown=shown["notice_number"], permit_shown=shown["permit_number"], on=self.on, by=by
        )
        may = not check.missing and not self.is_registered
        try:
            register_household(**shown, on=self.on, by=by)
        except Problem:
            assert not may
            return
        assert may
        assert (shows, county) == ("both", LIXIA)
        assert self.state != PermitState.LOST
        self.is_registered = True

    @invariant()
    def there_are_both_papers_of_one_decision_or_none(self) -> None:
        permits = list(Permit.objects.filter(person=self.who.person, kind="settlement"))
        notices = list(ApprovalNotice.objects.filter(person=self.who.person))
        assert len(permits) == len(notices) == (self.state is not None)
        for permit, notice in zip(permits, notices, strict=True):
            assert (notice.permit_id, notice.case_id) == (permit.pk, permit.case_id)
            assert permit.state == self.state
            assert permit.endorsed_until is None

    @invariant()
    def a_household_is_registered_once_and_told(self) -> None:
        found = HouseholdRegistration.objects.filter(notice__person=self.who.person)
        assert found.count() == self.is_registered
        events = Event.objects.filter(person_id=self.who.person.pk, kind="settlement.household_registered")
        acts = Entry.objects.filter(person_id=self.who.person.pk, action="settlement.register_household", kind="act")
        assert events.count() == acts.count() == self.is_registered
        for registration in found:
            assert registration.holds_residence_permit == (self.residence is not None)

    @invariant()
    def the_residence_permit_is_not_touched(self) -> None:
        if self.residence is not None:
            before = self.residence.version
            self.residence.refresh_from_db()
            assert (self.residence.state, self.residence.version) == (PermitState.ORDERED, before)

    @invariant()
    def papers_are_kept_as_they_were(self) -> None:
        for notice in ApprovalNotice.objects.filter(person=self.who.person):
            try:
                with transaction.atomic():
                    ApprovalNotice.objects.filter(pk=notice.pk).update(region=SHIZHONG)
            except DatabaseError:
                continue
            raise AssertionError("a notice was changed")


def test_settling_brings_both_papers_and_one_registration_whatever_is_done_in_between(transactional_db: None) -> None:
    SettlementMachine.jinan = a_jinan()
    run_machine(SettlementMachine, examples=6, steps=14)
