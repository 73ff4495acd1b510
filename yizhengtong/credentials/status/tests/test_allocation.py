"""Every copy of a credential gets a place of its own that nobody could have guessed."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import chain, count
from threading import Barrier, local
from unittest import mock

import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from tests.support.threads import at_once
from tests.support.web_role import as_web
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.credentials.status import services
from yizhengtong.credentials.status.comparing import compare_all
from yizhengtong.credentials.status.models import ENTRIES, Change, Entry, StatusList
from yizhengtong.credentials.status.queries import value_of
from yizhengtong.credentials.status.services import StatusReference, allocate, withdraw
from yizhengtong.credentials.status.signing import sign_due
from yizhengtong.credentials.status.tending import close_full, expire, forget_past, thin_tokens
from yizhengtong.credentials.status.tests.ground import UNTIL, Copies, follow
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.postgresql.readers import NOBODY
from yizhengtong.kernel.dates import legal_day
from yizhengtong.kernel.errors import Conflict, NotFound
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import report_loss
from yizhengtong.permitting.permits.tests.zhejiang import County, a_held_permit

pytestmark = pytest.mark.django_db
committed = pytest.mark.django_db(transaction=True)


def test_copies_of_a_permit_get_places_that_say_valid(permit: Permit) -> None:
    found = allocate(permit, count=10, until=UNTIL)
    assert len({each.index for each in found}) == 10
    assert {value_of(each.uri, each.index) for each in found} == {VALID}
    assert found[0].claim == {"status_list": {"idx": found[0].index, "uri": found[0].uri}}
    assert found[0].uri.startswith(f"{settings.YZT_ADDRESS}/status-lists/stl_")


def test_the_first_copy_opens_a_list_of_five_million_places(permit: Permit) -> None:
    allocate(permit, count=1, until=UNTIL)
    allocate(permit, count=1, until=UNTIL)
    assert StatusList.objects.get().size == ENTRIES == 5_000_000


def test_a_place_names_the_permit_and_nobody(copies: Copies) -> None:
    columns = {field.column for field in Entry._meta.get_fields() if hasattr(field, "column") and field.column}
    assert columns == {"list_id", "position", "permit_id", "until", "is_withdrawn"}
    assert set(Entry.objects.values_list("permit_id", flat=True)) == {copies.permit.pk}


def test_places_are_spread_over_the_whole_list_and_in_no_order(listed: StatusList, permit: Permit) -> None:
    found = [each.index for each in allocate(permit, count=600, until=UNTIL)]
    assert found != sorted(found)
    assert {index * 10 // listed.size for index in found} == set(range(10))


def test_no_part_of_a_list_is_drawn_more_often_than_another(listed: StatusList, permit: Permit) -> None:
    """By its place and by its remainder, which the order of a set would follow."""
    found = [each.index for _ in range(3) for each in allocate(permit, count=1000, until=UNTIL)]
    for parts in ([index * 4 // listed.size for index in found], [index % 4 for index in found]):
        assert all(600 < parts.count(part) < 900 for part in range(4))


@pytest.mark.parametrize("count", [0, -1, 1001])
def test_copies_are_given_places_by_the_one_to_the_thousand(permit: Permit, count: int) -> None:
    with pytest.raises(ValueError, match="thousand"):
        allocate(permit, count=count, until=UNTIL)


def test_two_copies_never_have_one_place(copies: Copies) -> None:
    taken = Entry.objects.values("list_id", "position")[0]
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.bulk_create([Entry(**taken, permit=copies.permit, until=UNTIL)])


def test_places_are_found_until_the_list_is_nearly_full(listed: StatusList, permit: Permit) -> None:
    StatusList.objects.filter(pk=listed.pk).update(size=100)
    found = {each.index for _ in range(9) for each in allocate(permit, count=10, until=UNTIL)}
    assert len(found) == 90


def test_a_full_list_that_nobody_closed_is_told_and_takes_nothing(listed: StatusList, permit: Permit) -> None:
    StatusList.objects.filter(pk=listed.pk).update(size=5)
    with pytest.raises(Conflict, match=r"status\.places_used_up"):
        allocate(permit, count=6, until=UNTIL)
    assert Entry.objects.count() == 0


def test_a_list_that_is_closed_gets_a_successor(listed: StatusList, permit: Permit) -> None:
    StatusList.objects.filter(pk=listed.pk).update(closed_at=timezone.now())
    (found,) = allocate(permit, count=1, until=UNTIL)
    assert found.uri != listed.uri
    assert StatusList.objects.filter(closed_at=None).count() == 1


def test_a_process_that_drew_from_a_list_draws_no_more_once_it_is_closed(listed: StatusList, permit: Permit) -> None:
    (before,) = allocate(permit, count=1, until=UNTIL)
    StatusList.objects.filter(pk=listed.pk).update(closed_at=timezone.now())
    after = allocate(permit, count=3, until=UNTIL)
    assert before.uri == listed.uri
    assert {each.uri for each in after} == {StatusList.objects.get(closed_at=None).uri} != {listed.uri}


def test_a_list_whose_opening_was_undone_is_opened_anew(permit: Permit) -> None:
    with transaction.atomic():
        allocate(permit, count=1, until=UNTIL)
        transaction.set_rollback(True)
    (found,) = allocate(permit, count=1, until=UNTIL)
    assert found.uri == StatusList.objects.get().uri


def test_another_address_of_the_deployment_has_a_list_of_its_own(copies: Copies) -> None:
    with mock.patch.object(settings, "YZT_ADDRESS", "https://new.example"):
        (found,) = allocate(copies.permit, count=1, until=UNTIL)
    assert found.uri.startswith("https://new.example/status-lists/")
    assert copies.values == {VALID}


def test_what_is_no_place_of_ours_is_not_found(copies: Copies, listed: StatusList) -> None:
    uri = copies.references[0].uri
    for other, index in (
        (uri, -1), (uri, listed.size), (f"{uri}0", 1), (uri.replace("http", "ftp", 1), 1), ("", 1),
        (f"{settings.YZT_ADDRESS}/status-lists/", 1), (f"{settings.YZT_ADDRESS}/status-lists/stl_{'0' * 26}", 1),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            value_of(other, index)
    assert value_of(uri, listed.size - 1) == VALID


def test_copies_of_a_permit_that_rests_say_so(listed: StatusList, ruian: County) -> None:
    """Its year is over; nobody has written that yet."""
    overdue = a_held_permit(ruian, on=legal_day(timezone.now()) - timedelta(days=500))
    found = Copies(overdue, tuple(allocate(overdue, count=3, until=UNTIL)))
    work_in()
    assert found.values == {SUSPENDED}


def test_single_copies_are_withdrawn_and_the_others_stay(copies: Copies) -> None:
    lost, kept = copies.references[:3], copies.references[3:]
    withdraw(copies.permit, lost)
    work_in()
    assert Copies(copies.permit, lost).values == {INVALID}
    assert Copies(copies.permit, kept).values == {VALID}


def test_a_withdrawn_copy_does_not_come_back_with_its_permit(copies: Copies, ruian: County) -> None:
    withdraw(copies.permit, copies.references)
    work_in()
    follow(lambda: report_loss(permit_id=copies.permit.pk, by=ruian.approver))
    assert copies.values == {INVALID}


def test_a_copy_of_somebody_else_is_not_withdrawn(copies: Copies, ruian: County) -> None:
    other = a_held_permit(ruian, on=legal_day(timezone.now()))
    withdraw(other, copies.references)
    work_in()
    assert copies.values == {VALID}


def test_a_copy_whose_list_is_gone_need_not_be_withdrawn(copies: Copies) -> None:
    gone = StatusReference(f"{settings.YZT_ADDRESS}/status-lists/stl_{'0' * 26}", 1)
    withdraw(copies.permit, [gone, copies.references[0]])
    assert Change.objects.count() == 1


def test_places_of_a_transaction_that_fails_are_free_again(listed: StatusList, permit: Permit) -> None:
    with transaction.atomic():
        allocate(permit, count=5, until=UNTIL)
        transaction.set_rollback(True)
    assert Entry.objects.count() == 0


@committed
def test_many_at_once_get_places_of_their_own(ruian: County) -> None:
    """A crowded list: each draw meets others."""
    permits = [a_held_permit(ruian, on=legal_day(timezone.now())) for _ in range(8)]
    StatusList.objects.create(address=settings.YZT_ADDRESS, size=1600)
    found: list[StatusReference] = []
    acts: list[Callable[[], object]] = [
        partial(lambda one: found.extend(allocate(one, count=10, until=UNTIL)), permit) for permit in permits
    ]
    rounds = [acts] * 10
    assert {code for outcome in at_once(rounds) for code in outcome} == {""}
    assert len({each.index for each in found}) == len(found) == Entry.objects.count() == 800


@committed
def test_who_draws_passes_over_places_that_others_are_taking(ruian: County) -> None:
    """Three with the same luck at first, none done before the others have drawn: waiting would never end."""
    permits = [a_held_permit(ruian, on=legal_day(timezone.now())) for _ in range(3)]
    StatusList.objects.create(address=settings.YZT_ADDRESS, size=1600)
    luck = {permit.pk: chain(range(46), count(400 * own)) for own, permit in enumerate(permits, 1)}
    drawn = Barrier(len(permits))
    found: list[StatusReference] = []

    def draw(permit: Permit) -> None:
        mine.permit = permit.pk
        with transaction.atomic():
            found.extend(allocate(permit, count=10, until=UNTIL))
            drawn.wait(30)

    mine = local()
    with mock.patch("secrets.randbelow", side_effect=lambda _: next(luck[mine.permit])):
        assert at_once([[partial(draw, permit) for permit in permits]]) == [["", "", ""]]
    assert len({each.index for each in found}) == len(found) == Entry.objects.count() == 30


@committed
def test_many_at_once_open_one_list(ruian: County) -> None:
    permits = [a_held_permit(ruian, on=legal_day(timezone.now())) for _ in range(6)]
    acts = [partial(allocate, permit, count=2, until=UNTIL) for permit in permits]
    assert at_once([acts]) == [[""] * 6]
    assert StatusList.objects.count() == 1
    assert Entry.objects.count() == 12


@committed
def test_a_state_that_changes_while_copies_are_made_is_told_of_them(listed: StatusList, ruian: County) -> None:
    """Whichever came first: the change waits for the places, or the places see the change."""
    permits = [a_held_permit(ruian, on=legal_day(timezone.now())) for _ in range(6)]
    found: dict[object, Copies] = {}

    def take(permit: Permit) -> None:
        found[permit.pk] = Copies(permit, tuple(allocate(permit, count=4, until=UNTIL)))

    def lose(permit: Permit) -> None:
        with transaction.atomic():
            Permit.objects.select_for_update().get(pk=permit.pk)
            Permit.objects.filter(pk=permit.pk).update(state="suspended")
            services._note([Change(permit_id=permit.pk)])

    for permit in permits:
        at_once([[partial(take, permit), partial(lose, permit)]])
        work_in()
    assert {value for each in found.values() for value in each.values} == {SUSPENDED}


def test_a_permit_that_is_not_there_gets_no_places() -> None:
    with pytest.raises(NotFound):
        allocate(Permit(), count=1, until=UNTIL)


def test_the_web_gives_places_and_learns_of_none_whose_it_is(roles: None, ruian: County) -> None:
    held = a_held_permit(ruian, on=legal_day(timezone.now()))
    with as_web():
        found = allocate(held, count=5, until=UNTIL)
        withdraw(held, found[:1])
        assert {value_of(each.uri, each.index) for each in found} == {VALID}
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            list(Entry.objects.values_list("permit_id"))
    work_in()
    assert [value_of(each.uri, each.index) for each in found] == [INVALID, VALID, VALID, VALID, VALID]


def test_the_worker_s_role_may_do_all_its_work(roles: None, copies: Copies) -> None:
    withdraw(copies.permit, copies.references)
    with as_web(NOBODY, role="yzt_worker"):
        work_in()
        sign_due()
        assert compare_all(on=legal_day(timezone.now())) == 0
        close_full()
        thin_tokens(now=timezone.now())
        forget_past(on=UNTIL + timedelta(days=1))
        StatusList.objects.update(closed_at=timezone.now())
        assert expire(on=UNTIL + timedelta(days=400)) == 1
