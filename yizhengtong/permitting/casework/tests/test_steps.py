"""Who may take which step in which state: every action, every state, every role and office."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests.support.cases import case_at, fresh
from tests.support.city import City
from tests.support.law import JINAN, LIXIA, SHIZHONG, TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import SYSTEM, Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.kernel.errors import Conflict, Forbidden, NotFound, Problem, Stale
from yizhengtong.permitting.casework.models import Case, Decision
from yizhengtong.permitting.casework.services.deciding import (
    accept_case,
    approve_case,
    refuse_case,
    review_case,
    send_back,
    withdraw_case,
)
from yizhengtong.permitting.casework.services.handing import hand_over, record_card_made
from yizhengtong.permitting.casework.services.judging import Word, judge, request_supplement
from yizhengtong.permitting.casework.services.reception import capture, print_form, receive_visitor, use_photo_receipt
from yizhengtong.permitting.casework.states import STEPS, CaseState

Act = Callable[[Case, Principal], object]
POINT, OTHER_POINT = "370100-01", "370100-02"


def _named(service: Callable[..., object], **more: Any) -> Act:
    def act(case: Case, by: Principal) -> object:
        return service(case_id=case.pk, version=case.version, on=TODAY, by=by, **more)

    return act


ACTS: Mapping[str, Act] = {
    "accept": _named(accept_case, words=""),
    "request_supplement": _named(request_supplement),
    "review": _named(review_case, recommends="grant", words=""),
    "send_back": _named(send_back, words=""),
    "approve": _named(approve_case, words=""),
    "refuse": _named(refuse_case, words=""),
    "record_made": _named(record_card_made),
    "hand_over": _named(hand_over, tracking_number="", old_card_returned=False),
}
COUNTER: Mapping[str, Act] = {
    "receive_visitor": lambda case, by: receive_visitor(case_id=case.pk, by=by),
    "print_form": lambda case, by: print_form(case_id=case.pk, by=by),
    "capture": lambda case, by: capture(case_id=case.pk, kind="photo", content=b"", declared_type="image/jpeg", by=by),
    "use_photo_receipt": lambda case, by: use_photo_receipt(case_id=case.pk, receipt="X", by=by),
}
OFFICES = {"own": POINT, "parent": LIXIA, "root": JINAN, "sibling": OTHER_POINT, "bureau beside": SHIZHONG}
COVERING = ("own", "parent", "root")


def said(act: Callable[[], object]) -> tuple[type[Problem] | None, str]:
    """Return how an act was answered; what it did is undone."""
    try:
        with transaction.atomic():
            act()
            raise _Undo
    except _Undo:
        return None, ""
    except Problem as problem:
        return type(problem), problem.code


class _Undo(Exception):
    pass


@pytest.fixture
def in_state(town: City) -> Callable[[str], tuple[Case, Resident]]:
    return partial(case_at, town)


def test_the_table_names_every_action_that_a_service_takes() -> None:
    assert {action for _, action in STEPS} == {*ACTS, "withdraw", "close", "complete"}


@pytest.mark.row("S4-13", "S4-26", "D24")
@pytest.mark.parametrize("state", list(CaseState))
def test_an_action_that_the_table_does_not_allow_now_is_a_conflict_whoever_asks(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, state: CaseState
) -> None:
    case, wang = in_state(state)
    officer = town.officer("somebody", *Role, office=JINAN)
    for action, act in ACTS.items():
        kind, code = said(partial(act, case, officer))
        is_out_of_turn = (kind, code) == (Conflict, "casework.not_now")
        assert is_out_of_turn is ((state, action) not in STEPS), action
    withdraw = partial(withdraw_case, case_id=case.pk, acting=wang.person, on=TODAY, by=wang.principal)
    assert said(withdraw)[0] is (None if (state, "withdraw") in STEPS else Conflict)


@pytest.mark.row("S4-26", "S2-12", "D24")
@pytest.mark.parametrize(("state", "action"), [key for key, step in STEPS.items() if step.role])
def test_a_step_is_open_to_its_role_in_an_office_that_covers_the_case_and_to_nobody_else(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, state: CaseState, action: str
) -> None:
    case, _ = in_state(state)
    wanted = STEPS[state, action].role
    for place, office in OFFICES.items():
        for role in Role:
            officer = town.officer(f"{role}-{place}", role, office=office)
            kind, code = said(partial(ACTS[action], case, officer))
            if place not in COVERING:
                assert kind is NotFound, (place, role)
            elif role != wanted:
                assert (kind, code) == (Forbidden, "accounts.role_missing"), (place, role)
            else:
                assert kind not in {NotFound, Forbidden}, (place, role)
    assert fresh(case).state == state


@pytest.mark.parametrize("action", COUNTER)
def test_only_clerks_of_the_area_work_at_the_counter(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, action: str
) -> None:
    case, _ = in_state(CaseState.RECEIVED)
    for place, office in OFFICES.items():
        for role in Role:
            kind, code = said(partial(COUNTER[action], case, town.officer(f"{role}-{place}", role, office=office)))
            if place not in COVERING:
                assert kind is NotFound, (place, role)
            elif role != Role.CLERK:
                assert (kind, code) == (Forbidden, "accounts.role_missing"), (place, role)
            else:
                assert kind is not Forbidden, (place, role)
                assert code != "not_found", (place, role)


@pytest.mark.parametrize("action", [*ACTS, *COUNTER])
def test_without_a_second_factor_an_officer_does_nothing(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, action: str
) -> None:
    case, _ = in_state(CaseState.RECEIVED)
    officer = town.officer("somebody", *Role, office=JINAN, has_second_factor=False)
    act = {**ACTS, **COUNTER}[action]
    assert said(partial(act, case, officer)) == (Forbidden, "accounts.second_factor_needed")


@pytest.mark.parametrize("action", [*ACTS, *COUNTER])
def test_only_officers_take_an_officers_step(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, action: str
) -> None:
    case, wang = in_state(CaseState.RECEIVED)
    act = {**ACTS, **COUNTER}[action]
    kinds = {said(partial(act, case, by))[0] for by in (wang.principal, SYSTEM)}
    assert kinds <= {NotFound, Conflict}
    dressed_up = replace(
        wang.principal, office_path=town.clerk.office_path, roles=frozenset(Role), has_second_factor=True
    )
    assert said(partial(act, case, dressed_up))[0] in {NotFound, Conflict}


def test_an_office_whose_path_only_begins_alike_does_not_cover_the_case(
    in_state: Callable[[str], tuple[Case, Resident]], town: City
) -> None:
    case, _ = in_state(CaseState.ACCEPTED)
    for path in (case.office_path[:-1], "370100.37010", "37010", ""):
        officer = replace(town.reviewer, office_path=path)
        assert said(partial(ACTS["review"], case, officer))[0] is NotFound, path


@pytest.mark.parametrize("action", ACTS)
def test_a_stale_version_changes_nothing(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, action: str
) -> None:
    state = next(state for state, step in STEPS if step == action)
    case, _ = in_state(state)
    case.version -= 1
    officer = town.officer("somebody", *Role, office=JINAN)
    assert said(partial(ACTS[action], case, officer)) == (Stale, "web.stale_version")


def test_a_case_that_is_not_there_looks_like_one_that_is_not_yours(
    in_state: Callable[[str], tuple[Case, Resident]], town: City
) -> None:
    case, wang = in_state(CaseState.RECEIVED)
    elsewhere = town.officer("demo-shizhong")
    there = said(partial(ACTS["accept"], case, elsewhere))
    case.pk = uuid4()
    assert said(partial(ACTS["accept"], case, elsewhere)) == there == (NotFound, "not_found")
    withdraw = partial(withdraw_case, case_id=case.pk, acting=wang.person, on=TODAY, by=wang.principal)
    assert said(withdraw) == there


# ---- three officers ----


@pytest.mark.row("S4-26", "D24")
@pytest.mark.parametrize(
    ("state", "action", "earlier"),
    [
        (CaseState.ACCEPTED, "review", "accepted_by"),
        (CaseState.REVIEWED, "approve", "accepted_by"),
        (CaseState.REVIEWED, "approve", "reviewed_by"),
        (CaseState.REVIEWED, "refuse", "accepted_by"),
        (CaseState.REVIEWED, "refuse", "reviewed_by"),
    ],
)
def test_nobody_signs_twice_in_a_case_whatever_roles_they_hold(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, state: CaseState, action: str, earlier: str
) -> None:
    case, _ = in_state(state)
    everything = replace(town.officer("somebody", *Role, office=JINAN), id=getattr(case, earlier))
    assert said(partial(ACTS[action], case, everything)) == (Forbidden, "casework.same_officer")
    assert not Decision.objects.filter(case=case).exists()


@pytest.mark.row("S4-26", "D24")
@pytest.mark.parametrize(
    ("one", "other"),
    [("accepted_by", "reviewed_by"), ("accepted_by", "approved_by"), ("reviewed_by", "approved_by")],
)
def test_the_database_refuses_one_officer_in_two_places(
    in_state: Callable[[str], tuple[Case, Resident]], one: str, other: str
) -> None:
    case, _ = in_state(CaseState.APPROVED)
    with pytest.raises(IntegrityError, match="casework_three_officers"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(**{one: getattr(case, other)})
    with (
        pytest.raises(IntegrityError, match="casework_three_officers"),
        transaction.atomic(),
        connection.cursor() as sql,
    ):
        sql.execute(f"UPDATE casework_case SET {one} = {other} WHERE id = %s", [case.pk])  # noqa: S608 two columns


def test_after_a_return_another_reviewer_may_sign_and_so_may_the_first(
    in_state: Callable[[str], tuple[Case, Resident]], town: City
) -> None:
    case, _ = in_state(CaseState.REVIEWED)
    case = send_back(case_id=case.pk, version=case.version, words="请补核", on=TODAY, by=town.approver)
    assert (case.state, case.reviewed_by) == (CaseState.ACCEPTED, None)
    assert said(partial(ACTS["review"], case, town.reviewer)) == (None, "")
    assert said(partial(ACTS["review"], case, town.officer("demo-city-reviewer"))) == (None, "")


# ---- judging, and withdrawing ----


@pytest.mark.parametrize("state", list(CaseState))
def test_a_line_is_judged_until_the_second_opinion(
    in_state: Callable[[str], tuple[Case, Resident]], town: City, state: CaseState
) -> None:
    case, _ = in_state(state)
    word = Word("condition", "applies_of_own_will", met=True)
    kind, _ = said(partial(judge, case_id=case.pk, words=[word], version=case.version, on=TODAY, by=town.reviewer))
    assert (kind is None) is (state in {CaseState.RECEIVED, CaseState.ACCEPTED})


def test_clerks_and_reviewers_of_the_area_judge_and_nobody_else(
    in_state: Callable[[str], tuple[Case, Resident]], town: City
) -> None:
    case, _ = in_state(CaseState.ACCEPTED)
    word = Word("condition", "applies_of_own_will", met=True)
    for place, office in OFFICES.items():
        for role in Role:
            by = town.officer(f"{role}-{place}", role, office=office)
            kind, _ = said(partial(judge, case_id=case.pk, words=[word], version=case.version, on=TODAY, by=by))
            if place not in COVERING:
                assert kind is NotFound
            else:
                assert kind is (None if role in {Role.CLERK, Role.REVIEWER} else Forbidden)


@pytest.mark.row("S0-T10", "S0-T03")
def test_an_applicant_withdraws_before_the_decision_and_may_apply_again(
    in_state: Callable[[str], tuple[Case, Resident]], town: City
) -> None:
    case, wang = in_state(CaseState.WITHDRAWN)
    assert case.state == CaseState.WITHDRAWN
    again, _ = case_at(town, CaseState.RECEIVED, resident=wang)
    assert again.pk != case.pk


def test_nobody_withdraws_a_strangers_case(in_state: Callable[[str], tuple[Case, Resident]], town: City) -> None:
    case, _ = in_state(CaseState.RECEIVED)
    stranger = a_resident(name="陈嘉欣")
    withdraw = partial(withdraw_case, case_id=case.pk, acting=stranger.person, on=TODAY, by=stranger.principal)
    assert said(withdraw) == (NotFound, "not_found")
