"""The officers' queue and search: the most urgent first, the own area only, nothing lost, nothing shown twice."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cases import accepted, capture_all, case_at, fresh, on_the_way
from tests.support.city import City
from tests.support.law import JINAN, LIXIA, SHIZHONG, TODAY
from tests.support.people import Resident, a_resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.errors import Forbidden, Invalid, NotFound
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.queries import QueuePosition, case_for_officer, case_for_resident, cases_of, queue
from yizhengtong.permitting.casework.services.deciding import withdraw_case
from yizhengtong.permitting.casework.states import OPEN, CaseState

DAY = timedelta(days=1)


def waiting(town: City, count: int, county: str = LIXIA) -> list[Case]:
    """Cases received on `count` days in a row, the last first."""
    return [case_at(town, "received", on=TODAY + at * DAY, place=county)[0] for at in reversed(range(count))]


def ids(cases: list[Case]) -> list[object]:
    return [case.pk for case in cases]


def after(case: Case) -> QueuePosition:
    return QueuePosition(case.urgent_on, case.pk)


def pages(by: Principal, size: int) -> list[list[Case]]:
    found: list[list[Case]] = []
    page = queue(by=by, limit=size)
    while page:
        found.append(page)
        page = queue(by=by, after=after(page[-1]), limit=size)
    return found


def test_the_most_urgent_case_comes_first_by_its_due_day_once_there_is_one(town: City) -> None:
    cases = waiting(town, 3)
    late, who = case_at(town, CaseState.ACCEPTED, on=TODAY)
    assert [case.urgent_on for case in queue(by=town.clerk, limit=9)] == [
        TODAY, TODAY + DAY, TODAY + 2 * DAY, date(2026, 10, 22),
    ]  # fmt: skip
    assert ids(queue(by=town.clerk, limit=9)) == [*reversed(ids(cases)), late.pk]
    assert who.person.pk == late.person_id


@pytest.mark.parametrize("size", [1, 2, 3, 5, 9])
def test_every_case_is_on_one_page_of_any_size(town: City, size: int) -> None:
    cases = waiting(town, 5)
    cases += [case_at(town, state)[0] for state in (CaseState.ACCEPTED, CaseState.REVIEWED, CaseState.MADE)]
    shown = [case.pk for page in pages(town.clerk, size) for case in page]
    assert len(shown) == len(set(shown)) == 8
    assert set(shown) == set(ids(cases))


def test_cases_received_on_one_day_are_all_shown(town: City) -> None:
    cases = [case_at(town, "received")[0] for _ in range(5)]
    assert {case.pk for page in pages(town.clerk, 2) for case in page} == set(ids(cases))


def test_while_cases_move_those_that_do_not_are_neither_lost_nor_doubled(town: City) -> None:
    residents = [a_resident() for _ in range(6)]
    cases = [case_at(town, "received", resident=who, on=TODAY + at * DAY)[0] for at, who in enumerate(residents)]
    first = queue(by=town.clerk, limit=2)
    assert ids(first) == ids(cases[:2])
    withdraw_case(case_id=cases[0].pk, acting=residents[0].person, on=TODAY, by=residents[0].principal)
    withdraw_case(case_id=cases[3].pk, acting=residents[3].person, on=TODAY, by=residents[3].principal)
    accepted(capture_all(fresh(cases[4]), residents[4]), town.clerk)
    second = queue(by=town.clerk, after=after(first[-1]), limit=2)
    third = queue(by=town.clerk, after=after(second[-1]), limit=2)
    assert ids([*second, *third]) == [cases[2].pk, cases[5].pk, cases[4].pk]  # the accepted one by its new day


def test_closed_cases_are_not_in_the_queue(town: City) -> None:
    for state in (CaseState.COMPLETED, CaseState.REFUSED, CaseState.WITHDRAWN):
        case_at(town, state)
    assert queue(by=town.clerk, limit=9) == []


def test_the_queue_can_be_narrowed_to_states(town: City) -> None:
    received, _ = case_at(town, CaseState.RECEIVED)
    reviewed, _ = case_at(town, CaseState.REVIEWED)
    assert ids(queue(by=town.clerk, states=["reviewed"], limit=9)) == [reviewed.pk]
    assert set(ids(queue(by=town.clerk, states=["received", "reviewed"], limit=9))) == {received.pk, reviewed.pk}


def test_officers_see_the_cases_of_their_area_only(town: City) -> None:
    lixia, shizhong = waiting(town, 1)[0], waiting(town, 1, SHIZHONG)[0]
    both = {lixia.pk, shizhong.pk}
    seen = {
        office: set(ids(queue(by=town.officer("x", Role.CLERK, office=office), limit=9)))
        for office in ("370100-01", LIXIA, "370100-02", SHIZHONG, JINAN)
    }
    assert seen == {
        "370100-01": {lixia.pk}, LIXIA: {lixia.pk}, "370100-02": {shizhong.pk}, SHIZHONG: {shizhong.pk}, JINAN: both,
    }  # fmt: skip


def test_a_resident_sees_no_queue_nor_does_an_officer_without_a_second_factor(town: City) -> None:
    _, wang = case_at(town, CaseState.RECEIVED)
    for by in (wang.principal, town.officer("demo-clerk", has_second_factor=False)):
        with pytest.raises(Forbidden):
            queue(by=by, limit=9)


# ---- search ----


def test_a_case_is_found_by_part_of_a_name_in_either_writing(town: City) -> None:
    huang, _ = case_at(town, CaseState.RECEIVED, resident=a_resident(name="葉韓昇"))
    case_at(town, CaseState.RECEIVED, resident=a_resident(name="陈嘉欣", sex="F"))
    for text in ("葉韓昇", "叶韩升", "叶韓", "韩昇", " 葉 韓 "):
        assert ids(queue(by=town.clerk, search=text, limit=9)) == [huang.pk], text
    assert queue(by=town.clerk, search="葉升", limit=9) == []


@pytest.mark.parametrize("text", ["黃", " 黃 ", "X"])
def test_a_single_character_is_too_short_to_search_by(town: City, text: str) -> None:
    with pytest.raises(Invalid) as refused:
        queue(by=town.clerk, search=text, limit=9)
    assert [error.code for error in refused.value.errors] == ["casework.search_too_short"]


def test_a_case_is_found_by_the_whole_of_a_number_and_not_by_a_part(town: City) -> None:
    wang = a_resident()
    case, _ = case_at(town, CaseState.RECEIVED, resident=wang)
    case_at(town, CaseState.RECEIVED)
    assert ids(queue(by=town.clerk, search=wang.number, limit=9)) == [case.pk]
    assert ids(queue(by=town.clerk, search=f"{wang.number}02".lower(), limit=9)) == [case.pk]
    assert queue(by=town.clerk, search=wang.number[:6], limit=9) == []


def test_search_does_not_leave_the_area(town: City) -> None:
    wang = a_resident()
    case_at(town, CaseState.RECEIVED, resident=wang)
    elsewhere = town.officer("demo-shizhong")
    assert queue(by=elsewhere, search="王小明", limit=9) == []
    assert queue(by=elsewhere, search=wang.number, limit=9) == []


def test_a_search_is_recorded_without_what_was_searched_for(town: City) -> None:
    case_at(town, CaseState.RECEIVED)
    queue(by=town.clerk, search="王小明", limit=9)
    read = Entry.objects.get(action="casework.search")
    assert (read.kind, read.actor_id, read.fields, read.person_id) == ("read", town.clerk.id, ["search"], None)
    assert "王小明" not in str(vars(read))


def test_found_cases_are_paged_like_the_queue(town: City) -> None:
    cases = [case_at(town, "received", on=TODAY + at * DAY)[0] for at in range(3)]
    first = queue(by=town.clerk, search="小明", limit=2)
    assert ids(first) == ids(cases[:2])
    assert ids(queue(by=town.clerk, search="小明", after=after(first[-1]), limit=2)) == ids(cases[2:])


def test_the_search_keys_of_a_case_tell_neither_name_nor_number(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    assert len(case.search_keys) == 3  # two pairs of the name, one number
    assert all(len(key) == 16 and int(key, 16) >= 0 for key in case.search_keys)
    assert wang.number not in "".join(case.search_keys)


# ---- cost ----


@pytest.mark.parametrize(("search", "queries"), [("", 2), ("小明", 3)])
def test_the_queue_costs_as_many_queries_for_many_cases_as_for_one(town: City, search: str, queries: int) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            list(queue(by=town.officer("x", Role.CLERK, office=JINAN), states=OPEN, search=search, limit=50))
        return len(asked)

    case_at(town, CaseState.RECEIVED)
    once = cost()
    for state in (CaseState.RECEIVED, CaseState.ACCEPTED, CaseState.REVIEWED, CaseState.MADE):
        case_at(town, state)
    assert cost() == once == queries  # the third records the search


def test_rows_of_the_queue_open_nobodys_name(town: City) -> None:
    case_at(town, CaseState.RECEIVED)
    with CaptureQueriesContext(connection) as asked:
        queue(by=town.clerk, limit=9)
    assert not any("people_person" in query["sql"] for query in asked.captured_queries)


# ---- one case ----


def test_a_case_is_read_by_officers_of_the_area_and_by_its_applicant(town: City) -> None:
    case, wang = case_at(town, CaseState.RECEIVED)
    assert case_for_officer(case_id=case.pk, by=town.clerk, purpose="casework") == case
    assert case_for_resident(case_id=case.pk, acting=wang.person, on=TODAY) == case
    with pytest.raises(NotFound):
        case_for_officer(case_id=case.pk, by=town.officer("demo-shizhong"), purpose="casework")
    with pytest.raises(NotFound):
        case_for_resident(case_id=case.pk, acting=a_resident().person, on=TODAY)


def test_a_residents_cases_are_listed_newest_first_and_read_on(town: City) -> None:
    wang: Resident = a_resident()
    cases = []
    for _ in range(3):
        case, _who = case_at(town, CaseState.RECEIVED, resident=wang)
        cases.append(on_the_way(case, town, wang, CaseState.WITHDRAWN))
    case_at(town, CaseState.RECEIVED)
    first = cases_of(wang.person, before=None, limit=2)
    assert ids(first) == ids([cases[2], cases[1]])
    assert ids(cases_of(wang.person, before=first[-1].pk, limit=2)) == [cases[0].pk]
