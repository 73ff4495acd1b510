"""A permit's life: issued, made, handed over, lost, replaced, void; one living one a person and kind."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from tests.support.city import City
from tests.support.law import LIXIA, TODAY, law_of
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from yizhengtong.kernel.ids import new_id
from yizhengtong.law.values import Validity
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import latest_permit_by_number, living_permits, standing
from yizhengtong.permitting.permits.services import (
    hand_over_card,
    issue_permit,
    last_valid_day,
    record_made,
    report_found,
    report_loss,
    void_permit,
)
from yizhengtong.permitting.permits.states import LIVING, STEPS, PermitState

FIVE_YEARS = law_of().value("validity")
GROUNDS = law_of().value("void.grounds")


@pytest.fixture
def wang(town: City) -> Resident:
    return a_resident()


def issue(who: Resident, town: City, *, on: date = TODAY, **changes: Any) -> Permit:
    facts: dict[str, Any] = {
        "kind": "hmt", "validity": FIVE_YEARS, "case_id": new_id(), "office_id": town.clerk.office_id,
        "office_path": town.clerk.office_path, "region": LIXIA, "authority": "济南市公安局历下分局", "card": {},
        "photo_id": None, "delivery": "collect", "delivery_address": "",
    }  # fmt: skip
    return issue_permit(person=who.person, on=on, by=town.approver, **(facts | changes))


def permit_at(state: PermitState, who: Resident, town: City, **changes: Any) -> Permit:
    """Return a permit in a state. LOST was handed over first; ENDED is void."""
    permit = issue(who, town, **changes)
    if state != PermitState.ORDERED:
        permit = record_made(permit_id=permit.pk, on=TODAY, by=town.clerk)
    if state in {PermitState.HELD, PermitState.LOST, PermitState.ENDED}:
        permit = hand_over_card(permit_id=permit.pk, on=TODAY, by=town.clerk, tracking_number="EMS-1")
    if state == PermitState.LOST:
        permit = report_loss(permit_id=permit.pk, by=who.principal)
    if state == PermitState.ENDED:
        permit = void(permit, town, "lost_status")
    return permit


def void(permit: Permit, town: City, ground: str) -> Permit:
    return void_permit(permit_id=permit.pk, ground=ground, allowed=GROUNDS, on=TODAY, by=town.approver)


# ---- how long ----


@pytest.mark.row("S2-11", "D10")
@pytest.mark.parametrize(
    ("issued", "last"),
    [
        (date(2026, 9, 18), date(2031, 9, 18)),
        (date(2024, 2, 29), date(2029, 2, 28)),
        (date(2023, 2, 28), date(2028, 2, 28)),
        (date(2026, 12, 31), date(2031, 12, 31)),
    ],
)
def test_a_permit_is_good_for_five_years_also_from_29_february(issued: date, last: date) -> None:
    assert last_valid_day(issued, FIVE_YEARS) == last


@pytest.mark.row("D10")
def test_other_validities_seen_in_texts_end_on_their_day() -> None:
    def until(n: int | None, unit: Any) -> date:
        return last_valid_day(TODAY, Validity(n=n, unit=unit, endorsement="none"))

    assert until(7, "day") == date(2026, 9, 25)
    assert until(6, "month") == date(2027, 3, 18)
    assert until(None, None) == date.max


@pytest.mark.row("S2-11", "D10")
@pytest.mark.parametrize(
    ("on", "is_valid", "reason"),
    [
        (TODAY - timedelta(days=1), False, "not_yet_valid"),
        (TODAY, True, ""),
        (date(2031, 9, 17), True, ""),
        (date(2031, 9, 18), True, ""),
        (date(2031, 9, 19), False, "expired"),
    ],
)
def test_a_permit_is_good_from_its_issue_to_its_last_valid_day(
    wang: Resident, town: City, on: date, is_valid: bool, reason: str
) -> None:
    found = standing(issue(wang, town), on)
    assert (found.is_valid, found.reason) == (is_valid, reason)


# ---- every step in every state ----


@pytest.mark.parametrize("state", [state for state in PermitState if state != PermitState.SUSPENDED])
def test_a_step_that_the_table_does_not_allow_now_is_a_conflict(wang: Resident, town: City, state: PermitState) -> None:
    permit = permit_at(state, wang, town)
    acts: dict[str, Callable[[], Permit]] = {
        "record_made": lambda: record_made(permit_id=permit.pk, on=TODAY, by=town.clerk),
        "hand_over": lambda: hand_over_card(permit_id=permit.pk, on=TODAY, by=town.clerk),
        "report_loss": lambda: report_loss(permit_id=permit.pk, by=wang.principal),
        "report_found": lambda: report_found(permit_id=permit.pk, by=wang.principal),
        "void": lambda: void(permit, town, "lost_status"),
    }
    proven_elsewhere = {"replace", "convert", "endorse", "restore", "suspend", "end_functions"}
    assert {*acts, *proven_elsewhere} == {action for _, action in STEPS}
    for action, act in acts.items():
        step = STEPS.get((state, action))
        leads = PermitState.HELD if action == "report_found" else step and step.to  # back to where it was lost
        assert _answer(act) == (leads if step else "permits.not_now"), action


def _answer(act: Callable[[], Permit]) -> str:
    """Return the state an act leads to, or how it was refused; what it did is undone."""
    try:
        with transaction.atomic():
            state = act().state
            transaction.set_rollback(True)
    except Conflict as conflict:
        return conflict.code
    return state


def test_a_permit_that_is_not_there_is_not_found(town: City) -> None:
    with pytest.raises(NotFound):
        report_loss(permit_id=uuid4(), by=town.clerk)


# ---- one living permit ----


@pytest.mark.parametrize("state", [PermitState.ORDERED, PermitState.MADE, PermitState.HELD, PermitState.LOST])
def test_who_has_a_living_permit_is_issued_no_second_first_one(wang: Resident, town: City, state: PermitState) -> None:
    permit_at(state, wang, town)
    with pytest.raises(Conflict, match=r"permits\.already_holds_one"):
        issue(wang, town)
    assert Permit.objects.count() == 1


@pytest.mark.parametrize("state", [state for state in LIVING if state != PermitState.SUSPENDED])
def test_the_database_keeps_one_living_permit_a_person_and_kind(wang: Resident, town: City, state: str) -> None:
    old = permit_at(PermitState.ENDED, wang, town)
    issue(wang, town)
    with pytest.raises(IntegrityError, match="permits_one_alive_a_kind"), transaction.atomic():
        Permit.objects.filter(pk=old.pk).update(state=state, ended_on=None)


def test_the_database_wants_a_day_for_an_end_and_some_time_between_first_and_last_day(
    wang: Resident, town: City
) -> None:
    permit = issue(wang, town)
    with pytest.raises(IntegrityError, match="permits_ended_has_a_day"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(state="ended")
    with pytest.raises(IntegrityError, match="permits_valid_for_some_time"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(last_valid_day=permit.valid_from)


def test_a_case_grants_one_permit(wang: Resident, town: City) -> None:
    permit = permit_at(PermitState.ENDED, wang, town)
    with pytest.raises((Conflict, IntegrityError)), transaction.atomic():
        issue(wang, town, case_id=permit.case_id)
    assert Permit.objects.count() == 1


@pytest.mark.parametrize("ground", ["expired", "damaged", "moved", "lost"])
def test_a_new_card_ends_the_old_one_and_keeps_number_and_count(wang: Resident, town: City, ground: str) -> None:
    old = permit_at(PermitState.LOST if ground == "lost" else PermitState.HELD, wang, town)
    new = issue(wang, town, ground=ground, on=TODAY + timedelta(days=3))
    old.refresh_from_db()
    assert (old.state, old.end_reason, old.ended_on) == (PermitState.ENDED, ground, TODAY + timedelta(days=3))
    assert (new.number, new.issue_count, new.replaces) == (old.number, 2, old)
    assert (new.card["number"], new.card["issue_count"]) == (old.number, 2)
    assert living_permits(wang.person, "hmt").get() == new
    assert latest_permit_by_number(old.number) == new


# ---- handing over ----


@pytest.mark.row("S1-045", "D25")
def test_a_posted_card_needs_a_tracking_number_and_a_collected_one_does_not(wang: Resident, town: City) -> None:
    posted = permit_at(PermitState.MADE, wang, town, delivery="post", delivery_address="x")
    with pytest.raises(Invalid, match=r"permits\.tracking_number_needed"):
        hand_over_card(permit_id=posted.pk, on=TODAY, by=town.clerk)
    posted = hand_over_card(permit_id=posted.pk, on=TODAY, by=town.clerk, tracking_number="EMS-1")
    assert (posted.state, posted.tracking_number, posted.handed_over_by) == ("held", "EMS-1", town.clerk.id)
    collected = permit_at(PermitState.HELD, a_resident(), town)
    assert collected.handed_over_on == TODAY


@pytest.mark.row("S1-044", "D25")
def test_the_day_on_which_a_card_was_made_is_kept(wang: Resident, town: City) -> None:
    assert permit_at(PermitState.MADE, wang, town).made_on == TODAY
    assert permit_at(PermitState.ORDERED, a_resident(), town).made_on is None


@pytest.mark.parametrize(
    ("ground", "is_asked_back"), [("moved", True), ("damaged", True), ("expired", True), ("lost", False)]
)
def test_the_old_card_is_handed_back_unless_it_is_lost(
    wang: Resident, town: City, ground: str, is_asked_back: bool
) -> None:
    permit_at(PermitState.LOST if ground == "lost" else PermitState.HELD, wang, town)
    new = record_made(permit_id=issue(wang, town, ground=ground).pk, on=TODAY, by=town.clerk)
    if is_asked_back:
        with pytest.raises(Invalid, match=r"permits\.old_card_not_returned"):
            hand_over_card(permit_id=new.pk, on=TODAY, by=town.clerk)
    done = hand_over_card(permit_id=new.pk, on=TODAY, by=town.clerk, old_card_returned=is_asked_back)
    assert (done.state, done.old_card_returned) == (PermitState.HELD, is_asked_back)


# ---- loss ----


def test_a_lost_card_proves_nothing_until_it_is_found(wang: Resident, town: City) -> None:
    permit = permit_at(PermitState.LOST, wang, town)
    assert (standing(permit, TODAY).is_valid, standing(permit, TODAY).reason) == (False, "lost")
    permit = report_found(permit_id=permit.pk, by=wang.principal)
    assert standing(permit, TODAY).is_valid
    assert permit.state == PermitState.HELD


def test_a_card_that_was_reissued_meanwhile_is_not_found_again(wang: Resident, town: City) -> None:
    lost = permit_at(PermitState.LOST, wang, town)
    issue(wang, town, ground="lost")
    with pytest.raises(Conflict, match=r"permits\.not_now"):
        report_found(permit_id=lost.pk, by=wang.principal)


@pytest.mark.parametrize("state", [PermitState.ORDERED, PermitState.MADE])
def test_a_card_found_again_is_where_it_was(wang: Resident, town: City, state: PermitState) -> None:
    permit = permit_at(state, wang, town)
    report_loss(permit_id=permit.pk, by=wang.principal)
    assert report_found(permit_id=permit.pk, by=wang.principal).state == state


# ---- void ----


@pytest.mark.row("S2-06")
@pytest.mark.parametrize("ground", ["lost_status", "false_proof", "harms_state", "travel_document_void"])
@pytest.mark.parametrize("state", [PermitState.ORDERED, PermitState.MADE, PermitState.HELD, PermitState.LOST])
def test_a_permit_is_void_in_the_four_cases(wang: Resident, town: City, ground: str, state: PermitState) -> None:
    permit = void(permit_at(state, wang, town), town, ground)
    assert (permit.state, permit.end_reason, permit.ended_on) == (PermitState.ENDED, ground, TODAY)
    assert (standing(permit, TODAY).is_valid, standing(permit, TODAY).reason) == (False, ground)


@pytest.mark.row("S2-06")
def test_a_permit_is_void_in_no_other_case(wang: Resident, town: City) -> None:
    assert set(GROUNDS) == {"lost_status", "false_proof", "harms_state", "travel_document_void"}
    permit = permit_at(PermitState.HELD, wang, town)
    for ground in ("", "expired", "lost", "moved", "bad_manners"):
        with pytest.raises(Invalid, match=r"permits\.void_ground_unknown"):
            void(permit, town, ground)
    permit.refresh_from_db()
    assert permit.state == PermitState.HELD


def test_who_held_a_void_permit_may_be_issued_another_one(wang: Resident, town: City) -> None:
    old = permit_at(PermitState.ENDED, wang, town)
    new = issue(wang, town)
    assert (new.issue_count, new.replaces, new.number) == (2, None, old.number)


@pytest.mark.row("S2-12")
def test_only_an_approver_whose_office_covers_the_issuers_declares_a_permit_void(wang: Resident, town: City) -> None:
    permit = permit_at(PermitState.HELD, wang, town)
    for office, covers in (
        ("370100-01", True),
        (LIXIA, True),
        ("370100", True),
        ("370100-02", False),
        ("370103", False),
    ):
        for role in Role:
            by = town.officer(f"{role}-{office}", role, office=office)
            may = role == Role.APPROVER and covers
            refusal = Forbidden if covers else NotFound
            assert _voiding(permit, by) is (None if may else refusal), (office, role)
    careless = town.officer("x", Role.APPROVER, office=LIXIA, has_second_factor=False)
    assert _voiding(permit, careless) is Forbidden
    assert _voiding(permit, wang.principal) is NotFound


def _voiding(permit: Permit, by: Principal) -> type[Problem] | None:
    try:
        with transaction.atomic():
            void_permit(permit_id=permit.pk, ground="false_proof", allowed=GROUNDS, on=TODAY, by=by)
            transaction.set_rollback(True)
    except Problem as problem:
        return type(problem)
    return None
