"""A permit endorsed in time, late, elsewhere; its functions suspended, restored, ended."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.support.people import a_resident
from tests.support.threads import at_once
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid
from yizhengtong.permitting.permits.kinds import ZHEJIANG_CARD, ZHEJIANG_ELECTRONIC, ZHEJIANG_PAPER
from yizhengtong.permitting.permits.models import Endorsement, Permit
from yizhengtong.permitting.permits.queries import standing
from yizhengtong.permitting.permits.services import end_functions, report_found, report_loss
from yizhengtong.permitting.permits.sweeping import suspend_overdue
from yizhengtong.permitting.permits.tests.zhejiang import (
    HANGZHOU,
    ISSUED,
    QINGYUAN,
    RUIAN,
    County,
    a_county,
    a_held_permit,
    a_permit,
    endorsed,
    floating_law,
    fresh,
)

GROUNDS: tuple[str, ...] = floating_law().value("functions.end_grounds")


@pytest.fixture
def ruian(town: Any) -> County:
    return a_county(RUIAN)


def told(permit: Permit) -> list[str]:
    return list(Event.objects.filter(object_id=permit.pk).order_by("sequence").values_list("kind", flat=True))


@pytest.mark.row("S3-24", "S3-25", "D10")
def test_a_card_has_no_expiry_and_a_first_year_until_the_day_before_it_is_full(ruian: County) -> None:
    permit = a_permit(ruian, on=date(2016, 12, 22))
    assert (permit.last_valid_day, permit.endorsed_until) == (date.max, date(2017, 12, 21))
    assert (permit.counted_from, permit.years_count_from) == (date(2016, 12, 22), date(2016, 12, 22))


@pytest.mark.row("S3-26")
@pytest.mark.parametrize(("on", "is_open"), [(date(2021, 11, 30), False), (date(2021, 12, 1), True)])
def test_before_the_window_it_is_said_when_it_opens(ruian: County, on: date, is_open: bool) -> None:
    permit = a_held_permit(ruian)
    if is_open:
        assert endorsed(permit, ruian, on=on).endorsed_until == date(2022, 12, 31)
        return
    with pytest.raises(Conflict, match=r"permits\.endorsement_not_open") as caught:
        endorsed(permit, ruian, on=on)
    assert caught.value.facts["day"] == date(2021, 12, 1)


@pytest.mark.row("S3-25", "S3-28")
def test_ten_endorsements_keep_one_card_for_ten_years_more(ruian: County) -> None:
    permit = a_held_permit(ruian, on=date(2024, 2, 29))
    for year in range(1, 11):
        assert endorsed(permit, ruian, on=date(2024 + year, 2, 15)).effect == "kept"
    permit = fresh(permit)
    assert (permit.state, permit.endorsed_until) == ("held", date(2035, 2, 27))
    assert permit.years_count_from == date(2024, 2, 29)
    assert Permit.objects.count() == 1
    assert Endorsement.objects.filter(permit=permit, was_late=False).count() == 10
    assert told(permit).count("permits.endorse") == 10


@pytest.mark.row("D22")
@pytest.mark.parametrize(
    ("place", "effect", "counted"),
    [(RUIAN, "restart", date(2022, 6, 1)), (HANGZHOU, "exclude_gap", date(2021, 6, 1))],
)
def test_a_late_endorsement_restores_and_counts_years_by_the_law_of_the_place(
    town: Any, place: str, effect: str, counted: date
) -> None:
    county = a_county(place)
    permit = a_held_permit(county)
    assert suspend_overdue(on=date(2022, 1, 1)) == 1
    assert not standing(fresh(permit), date(2022, 1, 1)).is_valid
    law = floating_law(place, date(2022, 6, 1))
    written = endorsed(permit, county, on=date(2022, 6, 1), law=law)
    permit = fresh(permit)
    assert (written.was_late, written.effect, written.years_count_from_after) == (True, effect, counted)
    assert (permit.state, permit.endorsed_until, permit.years_count_from) == ("held", date(2022, 12, 31), counted)
    assert standing(permit, date(2022, 6, 1)).is_valid
    assert told(permit)[-2:] == ["permits.suspend", "permits.restore"]


@pytest.mark.row("D22")
def test_late_is_late_also_before_the_sweep_wrote_so(ruian: County) -> None:
    permit = a_held_permit(ruian)
    assert standing(permit, date(2022, 1, 1)).reason == "suspended"
    assert endorsed(permit, ruian, on=date(2022, 1, 1)).was_late
    assert told(permit)[-2:] == ["permits.suspend", "permits.restore"]
    assert fresh(permit).state == "held"


def test_who_asked_in_time_loses_no_years_when_the_sweep_was_faster_than_the_case(ruian: County) -> None:
    permit = a_held_permit(ruian)
    suspend_overdue(on=date(2022, 1, 1))
    written = endorsed(permit, ruian, on=date(2021, 12, 30))
    permit = fresh(permit)
    assert (written.was_late, written.effect) == (False, "kept")
    assert (permit.state, permit.endorsed_until, permit.years_count_from) == ("held", date(2022, 12, 31), ISSUED)


@pytest.mark.row("S3-27", "D12")
def test_who_moved_is_endorsed_at_the_new_place_with_the_same_card(ruian: County) -> None:
    permit, qingyuan = a_held_permit(ruian), a_county(QINGYUAN)
    written = endorsed(permit, qingyuan, on=date(2021, 12, 10))
    moved = fresh(permit)
    assert (written.region, moved.endorsed_region, moved.region) == (QINGYUAN, QINGYUAN, RUIAN)
    assert (moved.number, moved.office_path, moved.card) == (permit.number, qingyuan.office.path, permit.card)
    assert Permit.objects.count() == 1


def test_no_year_is_endorsed_twice_and_no_endorsement_changed(ruian: County) -> None:
    permit = a_held_permit(ruian)
    written = endorsed(permit, ruian, on=date(2021, 12, 10))
    with pytest.raises(Conflict, match=r"permits\.endorsement_not_open") as caught:
        endorsed(permit, ruian, on=date(2021, 12, 11))
    assert caught.value.facts["day"] == date(2022, 12, 1)
    for change in (lambda: Endorsement.objects.update(effect="restart"), written.delete):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            change()


@pytest.mark.django_db(transaction=True)
def test_of_two_endorsements_at_once_one_is_done(town: Any) -> None:
    county = a_county(RUIAN)
    permits = [a_held_permit(county) for _ in range(20)]
    rounds = [[lambda permit=permit: endorsed(permit, county, on=date(2021, 12, 10))] * 2 for permit in permits]
    outcomes = at_once(rounds)
    assert {tuple(sorted(each)) for each in outcomes} == {("", "permits.endorsement_not_open")}
    assert Endorsement.objects.count() == len(permits)


def test_a_permit_of_another_kind_is_never_endorsed(ruian: County) -> None:
    from yizhengtong.law.values import Validity

    five = Validity(n=5, unit="year", endorsement="none")
    permit = a_permit(ruian, kind="hmt", validity=five)
    assert permit.endorsed_until is None
    with pytest.raises(Conflict, match=r"permits\.not_endorsed_yearly"):
        endorsed(permit, ruian, on=date(2021, 12, 10))
    with pytest.raises(IntegrityError, match="permits_endorsed_by_kind"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(endorsed_until=date(2022, 1, 1))
    with pytest.raises(IntegrityError, match="permits_endorsed_by_kind"), transaction.atomic():
        Permit.objects.filter(pk=permit.pk).update(state="suspended")


def test_a_lost_card_is_neither_endorsed_nor_suspended_and_comes_back_suspended(ruian: County) -> None:
    permit = a_held_permit(ruian)
    report_loss(permit_id=permit.pk, by=ruian.approver)
    with pytest.raises(Conflict, match=r"permits\.not_now"):
        endorsed(permit, ruian, on=date(2021, 12, 10))
    assert suspend_overdue(on=date(2022, 1, 5)) == 0
    found = report_found(permit_id=permit.pk, by=ruian.approver, on=date(2022, 1, 5))
    assert found.state == "suspended"
    early = a_held_permit(ruian)
    report_loss(permit_id=early.pk, by=ruian.approver)
    assert report_found(permit_id=early.pk, by=ruian.approver, on=date(2021, 12, 31)).state == "held"


@pytest.mark.row("S3-28")
def test_a_new_card_for_a_damaged_one_goes_on_where_the_old_one_was(ruian: County) -> None:
    who = a_resident(since=None)
    a_held_permit(ruian, who)
    new = a_permit(ruian, who, on=date(2021, 7, 1), ground="damaged")
    assert (new.endorsed_until, new.counted_from, new.years_count_from) == (date(2021, 12, 31), ISSUED, ISSUED)
    assert new.number != new.replaces.number if new.replaces else False


def test_a_new_card_does_not_give_back_functions_that_are_suspended(ruian: County) -> None:
    who = a_resident(since=None)
    a_held_permit(ruian, who)
    suspend_overdue(on=date(2022, 1, 1))
    new = a_permit(ruian, who, on=date(2022, 2, 1), ground="damaged")
    assert standing(new, date(2022, 2, 1)).reason == "suspended"


def test_a_paper_permit_is_exchanged_for_a_card_and_lives_no_longer(ruian: County) -> None:
    who = a_resident(since=None)
    paper = a_held_permit(ruian, who, kind=ZHEJIANG_PAPER)
    with pytest.raises(Conflict, match=r"permits\.already_holds_one"):
        a_permit(ruian, who, on=date(2021, 7, 1))
    card = a_permit(ruian, who, on=date(2021, 7, 1), ground="exchanged")
    assert (fresh(paper).state, card.replaces, card.kind) == ("ended", paper, ZHEJIANG_CARD)


def test_an_electronic_permit_has_no_card_to_make_or_to_hand_over(ruian: County) -> None:
    permit = a_permit(ruian, kind=ZHEJIANG_ELECTRONIC)
    assert (permit.state, permit.delivery, permit.handed_over_on) == ("held", "online", ISSUED)


@pytest.mark.row("S3-14")
def test_the_number_on_the_back_is_a_number_of_its_own(ruian: County, settings: Any) -> None:
    first, second = a_permit(ruian), a_permit(ruian)
    assert first.number.startswith(f"{RUIAN}2021")
    assert int(second.number[-8:]) == int(first.number[-8:]) + 1
    settings.YZT_PERMIT_NUMBER_PATTERN = "ZJ{running}"
    assert a_permit(ruian).number.startswith("ZJ")


# ---- the end of functions ----


@pytest.mark.row("S3-12")
@pytest.mark.parametrize("ground", GROUNDS)
def test_functions_end_on_each_ground_of_the_pack(ruian: County, ground: str) -> None:
    permit = a_held_permit(ruian)
    ended = end_functions(permit_id=permit.pk, ground=ground, allowed=GROUNDS, on=ISSUED, by=ruian.approver)
    assert (ended.state, ended.end_reason, ended.ended_on) == ("ended", ground, ISSUED)
    assert told(permit)[-1] == "permits.end_functions"
    assert Entry.objects.filter(object_id=permit.pk, action="permits.end_functions").count() == 1


def test_functions_end_on_no_other_ground_and_by_nobody_else(ruian: County) -> None:
    permit = a_held_permit(ruian)
    assert set(GROUNDS) == {"not_eligible", "local_household", "death", "other"}
    with pytest.raises(Invalid, match=r"permits\.end_ground_unknown"):
        end_functions(permit_id=permit.pk, ground="moved", allowed=GROUNDS, on=ISSUED, by=ruian.approver)
    with pytest.raises(Forbidden):
        end_functions(permit_id=permit.pk, ground="death", allowed=GROUNDS, on=ISSUED, by=ruian.officer(Role.CLERK))
    assert fresh(permit).state == "held"
