"""未成年人网络保护条例 art. 36: no officer opens or works on a minor's case without an approval of their own."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests.support.cases import an_application, case_at, fresh, judged, permit_of, received
from tests.support.city import POINTS, City
from tests.support.law import LIXIA, SHIZHONG, TODAY, changed, law_of, library, put_in_force
from tests.support.people import Resident, a_principal, a_resident
from tests.support.privacy import SOMEBODY_IN_CHARGE, may_open
from yizhengtong.foundation.accounts.models import Account, Office, StaffMember
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.dates import add_years, legal_day
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import case_for_officer
from yizhengtong.permitting.casework.services.reception import print_form, receive_visitor
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.services import void_permit
from yizhengtong.registry.people import minors
from yizhengtong.registry.people.models import MinorApproval
from yizhengtong.registry.people.representations import appoint_representative

NEEDS = "people.minor_needs_approval"
pytestmark = pytest.mark.row("S0-T37", "S0-T38")


@pytest.fixture
def child(town: City) -> Resident:
    return a_resident(name="林小彤", region="MO", birth_date=add_years(legal_day(timezone.now()), -9))


@pytest.fixture
def case(town: City, child: Resident) -> Case:
    parent = a_resident(name="林志明", region="MO")
    appoint_representative(
        representative=parent.person, represented=child.person, relation="guardian", law=law_of(), on=TODAY,
        confirmed_by=None, by=parent.principal,
    )  # fmt: skip
    papers = {"travel_document": "hrp", "study_proof": "student_card", "guardianship": "guardianship_proof"}
    return received(parent, an_application(child, acting=parent, papers=papers))


def refusal(does: Any) -> str:
    with pytest.raises((Forbidden, NotFound, Conflict, Invalid)) as refused:
        does()
    return refused.value.code


def opened(case: Case, by: Principal) -> Case:
    return case_for_officer(case_id=case.pk, by=by, purpose="casework")


def supervisor(town: City, office: str = "370102") -> Principal:
    return town.officer(f"supervisor-{office}", Role.SUPERVISOR, office=office)


def asked(case: Case, by: Principal) -> MinorApproval:
    return minors.ask_to_open(person=case.person, office_path=case.office_path, reason="casework", words="审核", by=by)


def test_an_officer_of_the_area_does_not_open_a_childs_case_and_leaves_no_read(town: City, case: Case) -> None:
    assert refusal(lambda: opened(case, town.clerk)) == NEEDS
    assert not Entry.objects.filter(action="casework.read").exists()


@pytest.mark.parametrize("act", ["visitor", "form", "judge"])
def test_nor_works_on_it(town: City, case: Case, act: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "visitor": lambda: receive_visitor(case_id=case.pk, by=town.clerk),
        "form": lambda: print_form(case_id=case.pk, by=town.clerk),
        "judge": lambda: judged(case, town.clerk),
    }
    assert refusal(acts[act]) == NEEDS
    may_open(case.person, town.clerk)
    acts[act]()


def test_an_officer_elsewhere_still_learns_nothing_and_one_without_the_role_is_told_of_the_role(
    town: City, case: Case
) -> None:
    assert refusal(lambda: opened(case, town.officer("demo-shizhong"))) == "not_found"
    assert refusal(lambda: print_form(case_id=case.pk, by=town.reviewer)) == "accounts.role_missing"


@pytest.mark.parametrize(("years", "days", "needs"), [(18, 0, False), (18, 1, True), (17, 0, True), (40, 0, False)])
def test_the_last_day_before_the_eighteenth_birthday_is_the_last_that_needs_one(
    town: City, years: int, days: int, needs: bool
) -> None:
    born = add_years(legal_day(timezone.now()), -years) + timedelta(days=days)
    case, _ = case_at(town, CaseState.RECEIVED, resident=a_resident(birth_date=born))
    if needs:
        assert refusal(lambda: opened(case, town.clerk)) == NEEDS
    else:
        opened(case, town.clerk)


def test_the_age_is_the_packs(town: City) -> None:
    born = add_years(legal_day(timezone.now()), -19)
    case, _ = case_at(town, CaseState.RECEIVED, resident=a_resident(birth_date=born))
    opened(case, town.clerk)
    put_in_force(changed("cn/privacy.yaml", "- value: 18", "- value: 20"))
    assert refusal(lambda: opened(case, town.clerk)) == NEEDS


def test_what_is_granted_opens_it_to_the_asker_alone(town: City, case: Case) -> None:
    approval = asked(case, town.clerk)
    assert refusal(lambda: opened(case, town.clerk)) == NEEDS
    decided = minors.decide_approval(
        approval_id=approval.pk, granted=True, officers=[], words="同意", by=supervisor(town)
    )
    assert decided.last_day == legal_day(timezone.now()) + timedelta(days=30)
    opened(case, town.clerk)
    assert refusal(lambda: opened(case, town.reviewer)) == NEEDS
    acts = Entry.objects.filter(person_id=case.person_id, object_kind="minor_approval")
    assert set(acts.values_list("action", "actor_id")) == {
        ("people.ask_to_open_minor", town.clerk.id), ("people.grant_minor", supervisor(town).id),
    }  # fmt: skip


def test_what_is_refused_opens_nothing_and_can_be_asked_anew(town: City, case: Case) -> None:
    approval = asked(case, town.clerk)
    minors.decide_approval(approval_id=approval.pk, granted=False, officers=[], words="无需", by=supervisor(town))
    assert refusal(lambda: opened(case, town.clerk)) == NEEDS
    assert asked(case, town.clerk).pk != approval.pk


@pytest.mark.parametrize(("left", "opens"), [(0, True), (-1, False)])
def test_an_approval_holds_through_its_last_day(town: City, case: Case, left: int, opens: bool) -> None:
    may_open(case.person, town.clerk, last_day=legal_day(timezone.now()) + timedelta(days=left))
    if opens:
        opened(case, town.clerk)
    else:
        assert refusal(lambda: opened(case, town.clerk)) == NEEDS


@pytest.mark.parametrize("office", ["370102", "370100", POINTS[LIXIA]])
def test_a_supervisor_of_the_same_or_a_parent_office_decides(town: City, case: Case, office: str) -> None:
    approval = asked(case, town.clerk)
    minors.decide_approval(approval_id=approval.pk, granted=True, officers=[], words="", by=supervisor(town, office))


def test_nobody_else_does(town: City, case: Case) -> None:
    approval = asked(case, town.clerk)

    def decided_by(by: Principal) -> str:
        return refusal(
            lambda: minors.decide_approval(approval_id=approval.pk, granted=True, officers=[], words="", by=by)
        )

    both = town.officer("demo-clerk", Role.CLERK, Role.SUPERVISOR)
    assert decided_by(supervisor(town, SHIZHONG)) == "not_found"
    assert decided_by(town.approver) == "accounts.role_missing"
    assert decided_by(both) == "people.approves_self"
    assert decided_by(a_principal()) == "not_found"
    weak = town.officer("weak", Role.SUPERVISOR, office="370102", has_second_factor=False)
    assert decided_by(weak) == "accounts.second_factor_needed"
    assert refusal(lambda: opened(case, both)) == NEEDS


def test_a_supervisor_too_needs_an_approval_to_look(town: City, case: Case) -> None:
    assert refusal(lambda: opened(case, supervisor(town))) == NEEDS


def test_the_database_refuses_an_approval_by_the_officer_it_is_for(town: City, case: Case) -> None:
    with pytest.raises(IntegrityError, match="people_nobody_approves_self"), transaction.atomic():
        MinorApproval.objects.create(
            person=case.person, officer_id=SOMEBODY_IN_CHARGE, office_path="x", reason="other", state="granted",
            decided_by=SOMEBODY_IN_CHARGE, last_day=TODAY,
        )  # fmt: skip


def test_what_is_decided_is_not_decided_again_and_nothing_is_asked_twice(town: City, case: Case) -> None:
    approval = asked(case, town.clerk)
    assert refusal(lambda: asked(case, town.clerk)) == "people.approval_asked"
    decide: dict[str, Any] = {
        "approval_id": approval.pk,
        "granted": True,
        "officers": [],
        "words": "",
        "by": supervisor(town),
    }
    minors.decide_approval(**decide)
    assert refusal(lambda: minors.decide_approval(**decide)) == "people.approval_decided"
    assert refusal(lambda: asked(case, town.clerk)) == "people.approval_held"


def test_nobody_asks_for_an_adult_or_in_another_area(town: City, case: Case) -> None:
    grown, _ = case_at(town, CaseState.RECEIVED)
    assert refusal(lambda: asked(grown, town.clerk)) == "people.approval_not_needed"
    assert refusal(lambda: asked(case, town.officer("demo-shizhong"))) == "not_found"


def a_member(town: City, username: str, office: str) -> Principal:
    account = Account.objects.create(username=username)
    StaffMember.objects.create(account=account, office=Office.objects.get(code=office), name="王某", roles=[Role.CLERK])
    known = town.officer(username, Role.CLERK, office=office)
    return Principal(**{**{name: getattr(known, name) for name in known.__slots__}, "id": account.pk})


def test_a_booking_asks_and_the_supervisor_names_the_officers(town: City, case: Case) -> None:
    at = timezone.now() + timedelta(days=3)
    minors.ask_for_appointment(person=case.person, office_path=case.office_path, starts_at=at, by=a_principal())
    minors.ask_for_appointment(person=case.person, office_path=case.office_path, starts_at=at, by=a_principal())
    (waiting,) = minors.approvals_waiting(supervisor(town))
    assert (waiting.officer_id, waiting.needed_at, waiting.reason) == (None, at, "appointment")
    clerk, elsewhere = a_member(town, "clerk-2", POINTS[LIXIA]), a_member(town, "clerk-3", POINTS[SHIZHONG])
    decide: dict[str, Any] = {"approval_id": waiting.pk, "granted": True, "words": "", "by": supervisor(town)}
    for wrong in ([], ["nobody"], ["clerk-2", "clerk-3"]):
        assert refusal(lambda wrong=wrong: minors.decide_approval(officers=wrong, **decide)) == (
            "people.approval_names_officers"
        )
    minors.decide_approval(officers=["clerk-2"], **decide)
    opened(case, clerk)
    assert refusal(lambda: opened(case, elsewhere)) == "not_found"
    assert not minors.approvals_waiting(supervisor(town))


def test_an_adults_booking_asks_nothing(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    minors.ask_for_appointment(
        person=case.person, office_path=case.office_path, starts_at=timezone.now(), by=wang.principal
    )
    assert not MinorApproval.objects.exists()


def test_a_minors_permit_is_not_voided_without_one(town: City) -> None:
    born = add_years(legal_day(timezone.now()), -17)
    minor = a_resident(birth_date=born)
    may_open(minor.person, town.clerk, town.reviewer, town.approver)
    case, _ = case_at(town, CaseState.COMPLETED, resident=minor)
    other = town.officer("approver-2", Role.APPROVER, office="370102")
    ask: dict[str, Any] = {
        "permit_id": permit_of(case).pk,
        "ground": "false_proof",
        "allowed": ("false_proof",),
        "on": TODAY,
    }
    assert refusal(lambda: void_permit(**ask, by=other)) == NEEDS
    void_permit(**ask, by=town.approver)


def test_without_a_law_of_personal_data_nothing_is_asked(town: City, case: Case) -> None:
    put_in_force({path: text for path, text in library().texts.items() if path != "cn/privacy.yaml"})
    opened(fresh(case), town.clerk)


def test_the_fixtures_child_is_one(child: Resident) -> None:
    assert child.person.birth_date > date(2010, 1, 1)
