"""Whatever happens to a permit is said by every copy of its credentials, however often and whenever it is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.support.days import real_today
from tests.support.people import a_resident
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED, VALID
from yizhengtong.credentials.status import working_in
from yizhengtong.credentials.status.following import FOLLOWED, OF_PERMITS, note_change
from yizhengtong.credentials.status.models import Change, Chunk, Entry, StatusList
from yizhengtong.credentials.status.tests.ground import Copies, follow
from yizhengtong.credentials.status.working_in import work_in
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.dates import add_years
from yizhengtong.kernel.ids import new_id
from yizhengtong.permitting.permits.kinds import ZHEJIANG_ELECTRONIC
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.services import end_functions, report_found, report_loss, void_permit
from yizhengtong.permitting.permits.states import STEPS
from yizhengtong.permitting.permits.sweeping import suspend_overdue
from yizhengtong.permitting.permits.tests.zhejiang import (
    County,
    a_held_permit,
    a_permit,
    convert,
    endorsed,
    floating_law,
)

pytestmark = pytest.mark.django_db
CopiesOf = Callable[[Permit], Copies]


def test_every_step_that_may_change_a_state_is_followed() -> None:
    assert {f"permits.{action}" for _, action in STEPS} - FOLLOWED == {"permits.record_made", "permits.hand_over"}


def test_a_suspended_permit_s_copies_rest_and_come_back_when_it_is_endorsed(ruian: County, copies_of: CopiesOf) -> None:
    permit = a_held_permit(ruian, on=add_years(real_today(), -1) - timedelta(days=1))
    copies = copies_of(permit)
    follow(lambda: suspend_overdue(on=real_today()))
    assert copies.values == {SUSPENDED}
    follow(lambda: endorsed(permit, ruian, on=real_today(), law=floating_law(on=real_today())))
    assert copies.values == {VALID}


def test_void_and_ended_permits_copies_are_invalid_for_good(ruian: County, copies_of: CopiesOf) -> None:
    for end in (void_permit, end_functions):
        permit = a_held_permit(ruian, on=real_today())
        copies = copies_of(permit)
        follow(lambda: end(permit_id=permit.pk, ground="x", allowed=("x",), on=real_today(), by=ruian.approver))  # noqa: B023 at once
        assert copies.values == {INVALID}


def test_a_converted_permit_s_copies_are_invalid_and_not_its_successor_s(ruian: County, copies_of: CopiesOf) -> None:
    who = a_resident(since=None)
    old = copies_of(a_held_permit(ruian, who, on=real_today()))
    found: list[Permit] = []
    follow(lambda: found.append(convert(ruian, who, on=real_today())))
    assert (old.values, copies_of(found[0]).values) == ({INVALID}, {VALID})


def test_a_replaced_permit_s_copies_are_invalid(ruian: County, copies_of: CopiesOf) -> None:
    who = a_resident(since=None)
    old = copies_of(a_held_permit(ruian, who, on=real_today()))
    follow(lambda: a_permit(ruian, who, on=real_today(), ground="damaged"))
    assert old.values == {INVALID}


def test_a_lost_card_takes_nothing_from_the_copies(copies: Copies, ruian: County) -> None:
    follow(lambda: report_loss(permit_id=copies.permit.pk, by=ruian.approver))
    assert copies.values == {VALID}


def test_an_electronic_permit_s_copies_rest_while_it_is_lost(ruian: County, copies_of: CopiesOf) -> None:
    permit = a_held_permit(ruian, kind=ZHEJIANG_ELECTRONIC, on=real_today())
    copies = copies_of(permit)
    follow(lambda: report_loss(permit_id=permit.pk, by=ruian.approver))
    assert copies.values == {SUSPENDED}
    follow(lambda: report_found(permit_id=permit.pk, by=ruian.approver))
    assert copies.values == {VALID}


def test_what_counts_is_the_permit_and_not_the_event(copies: Copies) -> None:
    """Told late, twice, or of the wrong thing: the copies say what the permit is."""
    Permit.objects.filter(pk=copies.permit.pk).update(state="suspended")
    for kind in sorted(OF_PERMITS):
        note_change(Event(kind=kind, object_kind="permit", object_id=copies.permit.pk))
        work_in()
        assert copies.values == {SUSPENDED}


def test_an_event_of_a_permit_without_copies_changes_nothing(listed: StatusList, permit: Permit) -> None:
    note_change(Event(kind="permits.void", object_kind="permit", object_id=permit.pk))
    note_change(Event(kind="permits.void", object_kind="permit", object_id=new_id()))
    assert work_in() == 2
    assert not Chunk.objects.exists()
    assert StatusList.objects.get().dirty_since is None


def test_a_change_that_changes_nothing_signs_nothing(copies: Copies) -> None:
    note_change(Event(kind="permits.endorse", object_kind="permit", object_id=copies.permit.pk))
    work_in()
    assert StatusList.objects.get().dirty_since is None


def test_copies_of_others_stay_as_they_are(copies: Copies, ruian: County, copies_of: CopiesOf) -> None:
    others = [copies_of(a_held_permit(ruian, on=real_today())) for _ in range(5)]
    follow(
        lambda: void_permit(permit_id=copies.permit.pk, ground="x", allowed=("x",), on=real_today(), by=ruian.approver)
    )
    assert copies.values == {INVALID}
    assert {value for other in others for value in other.values} == {VALID}


def test_copies_past_their_last_day_are_left_as_they_were(copies: Copies, ruian: County) -> None:
    Entry.objects.update(until=real_today() - timedelta(days=1))
    follow(
        lambda: void_permit(permit_id=copies.permit.pk, ground="x", allowed=("x",), on=real_today(), by=ruian.approver)
    )
    assert copies.values == {VALID}


def test_many_changes_are_worked_in_together_in_parts(
    copies: Copies, ruian: County, copies_of: CopiesOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_in, "AT_ONCE", 2)
    all_copies = [copies, *(copies_of(a_held_permit(ruian, on=real_today())) for _ in range(4))]
    Permit.objects.update(state="suspended")
    Change.objects.bulk_create([Change(permit_id=each.permit.pk) for each in all_copies])
    assert work_in() == 5
    assert {value for each in all_copies for value in each.values} == {SUSPENDED}
    assert Change.objects.count() == 0
