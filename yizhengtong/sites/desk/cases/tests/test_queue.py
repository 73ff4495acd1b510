"""The queue: what it shows to whom, filters, search, paging, and several cases at once."""

from datetime import timedelta
from typing import Any

import pytest

from tests.support.cases import an_application, capture_all, case_at, fresh, received
from tests.support.law import SHIZHONG
from tests.support.people import a_resident
from yizhengtong.foundation.accounts.models import StaffMember
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.kernel.ids import new_id, public_id
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.sites.desk.cases.asking import today
from yizhengtong.sites.desk.tests.desk import Desk, address_of, signed_in

pytestmark = pytest.mark.django_db


def a_received(name: str = "王小明") -> Case:
    who = a_resident(name=name)
    case = received(who, an_application(who, on=today()), on=today())
    return capture_all(case, who)


def several(count: int) -> list[Case]:
    """Return many waiting cases: rows of one applicant each, copied past the services for speed."""
    return [a_received() for _ in range(count)]


def test_each_officer_sees_what_the_role_can_do_next(desk: Desk) -> None:
    case = a_received()
    assert address_of(case) in desk.get("clerk", "/desk/").content.decode()
    assert address_of(case) not in desk.get("approver", "/desk/").content.decode()
    assert address_of(case) in desk.get("approver", "/desk/?state=all").content.decode()
    assert address_of(case) not in desk.get("elsewhere", "/desk/?state=all").content.decode()


def test_no_name_stands_in_the_queue(desk: Desk) -> None:
    a_received("陈特别")
    assert "陈特别" not in desk.get("clerk", "/desk/?state=all").content.decode()


def test_a_search_finds_by_name_and_shows_it_in_no_address(desk: Desk) -> None:
    wanted, other = a_received("欧阳晓"), a_received("王小明")
    sent = desk.post("clerk", "/desk/search", search="欧阳晓")
    assert sent.status_code == 302
    assert "欧阳" not in sent["Location"]
    assert "%" not in sent["Location"]
    page = desk.get("clerk", sent["Location"]).content.decode()
    assert address_of(wanted) in page
    assert address_of(other) not in page
    addresses = [part.partition('"')[0] for part in page.split('="/') + page.split('="?')]
    assert not any("欧阳" in address or "%E6%AC%A7" in address for address in addresses)


def test_a_search_finds_by_receipt_application_and_permit_number_also_what_is_over(desk: Desk) -> None:
    case, _ = case_at(desk.city, "completed", on=today())
    case = fresh(case)
    permit = Permit.objects.get(case_id=case.pk)
    for text in (str(case.receipt_number), permit.number, f" {permit.number.lower()} "):
        page = desk.get("clerk", desk.post("clerk", "/desk/search", search=text)["Location"]).content.decode()
        assert address_of(case) in page
        elsewhere = desk.get("elsewhere", desk.post("elsewhere", "/desk/search", search=text)["Location"])
        assert address_of(case) not in elsewhere.content.decode()


def test_a_search_of_one_letter_says_what_to_do(desk: Desk) -> None:
    answer = desk.get("clerk", desk.post("clerk", "/desk/search", search="王")["Location"])
    assert answer.status_code == 422
    assert "两个字以上" in answer.content.decode()


def test_filters_leave_only_what_they_name(desk: Desk) -> None:
    waiting = a_received()
    accepted, _ = case_at(desk.city, "accepted", on=today())
    Case.objects.filter(pk=accepted.pk).update(
        due_on=today() - timedelta(days=1), urgent_on=today() - timedelta(days=1)
    )
    late = desk.get("clerk", "/desk/?state=all&due=late").content.decode()
    assert address_of(accepted) in late
    assert address_of(waiting) not in late
    assert "已超" in late
    by_state = desk.get("clerk", "/desk/?state=received").content.decode()
    assert (address_of(waiting) in by_state, address_of(accepted) in by_state) == (True, False)
    by_step = desk.get("reviewer", "/desk/?state=all&step=review").content.decode()
    assert (address_of(waiting) in by_step, address_of(accepted) in by_step) == (False, True)
    assert address_of(waiting) not in desk.get("clerk", "/desk/?item=hmt.reissue").content.decode()


def test_a_page_of_fifty_asks_no_more_statements_than_one_of_five(
    desk: Desk, django_assert_max_num_queries: Any
) -> None:
    five = several(5)
    with django_assert_max_num_queries(12):
        desk.get("clerk", "/desk/")
    _copies(five[0], 47)
    with django_assert_max_num_queries(12):
        page = desk.get("clerk", "/desk/").content.decode()
    assert page.count("data-row>") == 50
    following = page.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
    with django_assert_max_num_queries(12):
        rest = desk.get("clerk", f"/desk/{following}").content.decode()
    assert rest.count("data-row>") == 2


def _copies(case: Case, count: int) -> None:
    """Write rows like a case's for applicants who have nothing else: what the queue reads of them is all there."""
    for _ in range(count):
        who = a_resident(since=None)
        application = case.application
        application.pk, application.person, application.filled_by = None, who.person, who.person
        application._state.adding = True
        application.pk = new_id()
        application.save(force_insert=True)
        copy = Case.objects.get(pk=case.pk)
        copy.pk, copy.application, copy.person = new_id(), application, who.person
        copy._state.adding = True
        copy.save(force_insert=True)


def bulk_address(action: str, *cases: Case) -> str:
    return f"/desk/bulk?action={action}&" + "&".join(f"case={public_id('cas', case.pk)}" for case in cases)


def test_several_at_once_says_first_what_it_will_do_and_does_exactly_that(desk: Desk) -> None:
    ready, unsigned = a_received(), a_received()
    Case.objects.filter(pk=unsigned.pk).update(signed_form=None)
    done, _ = case_at(desk.city, "accepted", on=today())
    page = desk.get("clerk", bulk_address("accept", ready, unsigned, done)).content.decode()
    will, _, will_not = page.partition("不办理的2件")
    assert public_id("cas", ready.pk) in will
    assert "会办理的1件" in will
    assert public_id("cas", unsigned.pk) in will_not
    assert "登记表尚未签名" in will_not or "签名" in will_not
    assert public_id("cas", done.pk) in will_not
    assert fresh(ready).state == "received"  # nothing happened yet
    answer = desk.post(
        "clerk",
        "/desk/bulk",
        action="accept",
        opinion="批量受理",
        chosen=f"{public_id('cas', ready.pk)}:{fresh(ready).version}",
    )
    assert answer.status_code == 200
    assert "1件中已办理1件" in answer.content.decode()
    assert (fresh(ready).state, fresh(unsigned).state) == ("accepted", "received")


def test_one_that_changed_meanwhile_is_left_and_reported_and_the_others_are_done(desk: Desk) -> None:
    first, second = a_received(), a_received()
    chosen = [f"{public_id('cas', case.pk)}:{fresh(case).version}" for case in (first, second)]
    Case.objects.filter(pk=first.pk).update(version=99)
    page = desk.post("clerk", "/desk/bulk", action="accept", opinion="", chosen=chosen).content.decode()
    assert "2件中已办理1件" in page
    assert (fresh(first).state, fresh(second).state) == ("received", "accepted")


def test_a_case_of_another_office_among_several_undoes_all(desk: Desk) -> None:
    own = a_received()
    who = a_resident(county=SHIZHONG)
    foreign = received(who, an_application(who, place=SHIZHONG, on=today()), on=today())
    assert desk.get("clerk", bulk_address("accept", own, foreign)).status_code == 404
    chosen = [f"{public_id('cas', case.pk)}:{fresh(case).version}" for case in (own, foreign)]
    assert desk.post("clerk", "/desk/bulk", action="accept", opinion="", chosen=chosen).status_code == 404
    assert (fresh(own).state, fresh(foreign).state) == ("received", "received")


@pytest.mark.parametrize("action", ["refuse", "request_supplement", "hand_over", "nothing"])
def test_what_needs_its_own_reasons_is_not_done_in_bulk(desk: Desk, action: str) -> None:
    case = a_received()
    assert desk.get("clerk", bulk_address(action, case)).status_code == 422
    key = f"{public_id('cas', case.pk)}:{case.version}"
    assert desk.post("clerk", "/desk/bulk", action=action, chosen=key).status_code == 422
    assert fresh(case).state == "received"


def test_choosing_nothing_is_told(desk: Desk) -> None:
    answer = desk.get("clerk", "/desk/bulk?action=accept")
    assert answer.status_code == 422
    assert "没有选中" in answer.content.decode()


@pytest.mark.parametrize("cursor", ["x", "W10", "WyJhIiwgImIiXQ"])
def test_a_cursor_that_is_none_is_told(desk: Desk, cursor: str) -> None:
    assert desk.get("clerk", f"/desk/?after={cursor}").status_code == 422


def test_without_a_second_factor_nothing_is_shown(desk: Desk) -> None:
    case = a_received()
    browser = signed_in(StaffMember.objects.get(account_id=desk.accounts["clerk"]), has_second_factor=False)
    for address in ("/desk/", address_of(case), "/desk/window/"):
        assert browser.get(address).status_code in (302, 403)


def test_how_a_case_of_another_office_stands_is_not_told_by_recommending_several(desk: Desk) -> None:
    """One against which something stands is left out in words, one that nobody here may know of is not there."""
    who = a_resident(county=SHIZHONG)
    foreign = received(who, an_application(who, place=SHIZHONG, on=today()), on=today())
    Case.objects.filter(pk=foreign.pk).update(application_number="SZ20260000001")
    chosen = f"{public_id('cas', foreign.pk)}:{fresh(foreign).version}"
    answer = desk.post("reviewer", "/desk/bulk", action="review", opinion="", chosen=chosen)
    assert answer.status_code == 404
    assert "SZ20260000001" not in answer.content.decode()
    assert desk.get("reviewer", bulk_address("review", foreign)).status_code == 404
    unknown = f"{public_id('cas', new_id())}:1"
    assert desk.post("reviewer", "/desk/bulk", action="review", opinion="", chosen=unknown).status_code == 404


@pytest.mark.parametrize("wild", ["%%", "__", "王%", "_%_", "\\\\", "' or '1'='1", "ＷＷ"])
def test_signs_that_databases_take_for_any_letter_find_nobody(desk: Desk, wild: str) -> None:
    case = a_received("王小明")
    answer = desk.get("clerk", desk.post("clerk", "/desk/search", search=wild)["Location"])
    assert answer.status_code in {200, 422}
    assert address_of(case) not in answer.content.decode()


def test_every_search_of_the_queue_is_on_record_whatever_it_finds(desk: Desk) -> None:
    case, _ = case_at(desk.city, "accepted", on=today())
    for text in (str(fresh(case).receipt_number), "欧阳", "H00000000"):
        before = Entry.objects.filter(action="casework.search", actor_id=desk.accounts["clerk"]).count()
        desk.get("clerk", desk.post("clerk", "/desk/search", search=text)["Location"])
        assert Entry.objects.filter(action="casework.search", actor_id=desk.accounts["clerk"]).count() > before, text
