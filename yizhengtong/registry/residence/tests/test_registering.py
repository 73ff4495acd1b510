"""Registering by the rules of Zhejiang: vouchers, lateness, moves, employers."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps

from tests.support.law import TODAY
from tests.support.mainland import ADDRESS, RUIAN, SHANGCHENG, XIHU, Mainlander, a_mainlander
from tests.support.people import a_resident
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Invalid
from yizhengtong.registry.people.tests.persons import OFFICER_LI
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.moving import change_workplace, move_within
from yizhengtong.registry.residence.services import correct_stay, declare_stay
from yizhengtong.registry.residence.vouchers import check_voucher, vouchers_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law_in_force")]


def declare(chen: Mainlander, start: date = TODAY, **changes: Any) -> Registration:
    facts: dict[str, Any] = {"region": RUIAN, "address": ADDRESS, "reported_by": "self", "declared_on": TODAY}
    return declare_stay(person=chen.person, start=start, by=chen.principal, **(facts | changes)).registration


def move(stay: Registration, moved_on: date, **changes: Any) -> Registration:
    facts: dict[str, Any] = {"region": stay.region, "address": "演示路2号", "on": TODAY, "version": stay.version}
    return move_within(registration=stay, moved_on=moved_on, by=OFFICER_LI, **(facts | changes)).registration


@pytest.fixture
def chen() -> Mainlander:
    return a_mainlander()


@pytest.mark.row("S3-11")
@pytest.mark.row("S3-12")
def test_who_declares_gets_a_voucher_at_once_and_no_permit(chen: Mainlander) -> None:
    stay = declare(chen)
    assert stay.voucher_number.startswith(f"{RUIAN}20260918")
    assert (stay.due_on, stay.is_late) == (None, False)
    assert not apps.get_model("permits", "Permit")._default_manager.filter(person=chen.person).exists()
    assert Event.objects.get(kind="residence.declared").person_id == chen.person.pk


def test_two_vouchers_never_have_one_number(chen: Mainlander) -> None:
    assert declare(chen).voucher_number != declare(a_mainlander()).voucher_number


def test_a_resident_of_hong_kong_declares_as_before_and_gets_none() -> None:
    stay = Registration.objects.get(person=a_resident(county=RUIAN).person)
    assert (stay.voucher_number, stay.due_on, stay.is_late) == ("", None, False)


def test_at_home_nobody_is_registered() -> None:
    with pytest.raises(Conflict, match=r"residence\.at_home"):
        declare(a_mainlander(hukou=RUIAN))
    with pytest.raises(Conflict, match=r"residence\.at_home"):
        declare(a_mainlander(hukou=SHANGCHENG), region=XIHU)


@pytest.mark.parametrize(("start", "is_late"), [(date(2026, 9, 15), False), (date(2026, 9, 14), True)])
def test_in_hangzhou_a_declaration_after_three_working_days_is_taken_and_marked_late(
    chen: Mainlander, start: date, is_late: bool
) -> None:
    declared = declare_stay(
        person=chen.person, region=XIHU, address=ADDRESS, start=start, reported_by="self", declared_on=TODAY,
        by=chen.principal,
    )  # fmt: skip
    assert declared.registration.is_late is is_late
    assert ("residence.declared_late" in declared.warnings) is is_late


def test_a_correction_gets_a_voucher_of_its_own_and_keeps_the_day_of_declaration(chen: Mainlander) -> None:
    old = declare(chen)
    new = correct_stay(
        registration=old, region=RUIAN, address="演示路9号", start=TODAY, until=None, reported_by="self",
        reason="wrong_place", on=date(2026, 9, 20), by=chen.principal, version=1,
    ).registration  # fmt: skip
    assert new.voucher_number not in {"", old.voucher_number}
    assert new.declared_on == TODAY


def test_a_move_within_the_county_ends_one_stay_and_carries_it_on(chen: Mainlander) -> None:
    old = declare(chen, date(2026, 3, 1), declared_on=date(2026, 3, 2), workplace="演示厂")
    new = move(old, date(2026, 9, 10))
    old.refresh_from_db()
    assert (old.until, new.start, new.carries_on) == (date(2026, 9, 10), date(2026, 9, 10), old.pk)
    assert (new.declared_on, new.workplace, new.is_late) == (date(2026, 3, 2), "演示厂", False)
    assert new.voucher_number not in {"", old.voucher_number}
    assert Event.objects.filter(kind="residence.changed", person_id=chen.person.pk).count() == 1


@pytest.mark.parametrize(("moved_on", "is_late"), [(date(2026, 9, 8), False), (date(2026, 9, 7), True)])
def test_a_move_told_after_ten_days_is_marked_late(chen: Mainlander, moved_on: date, is_late: bool) -> None:
    assert move(declare(chen, date(2026, 3, 1)), moved_on).is_late is is_late


def test_a_move_to_another_county_is_a_declaration_of_its_own(chen: Mainlander) -> None:
    stay = declare(chen, date(2026, 3, 1))
    with pytest.raises(Conflict, match=r"residence\.crosses_county"):
        move(stay, date(2026, 9, 10), region="331126")
    hangzhou = declare(a_mainlander(), date(2026, 3, 1), region=XIHU)
    assert move(hangzhou, date(2026, 9, 10), region=SHANGCHENG).region == SHANGCHENG


def test_a_move_before_the_stay_or_in_the_future_is_refused_before_anything_is_reckoned(chen: Mainlander) -> None:
    stay = declare(chen, date(2026, 3, 1))
    for day in (date(2026, 3, 1), date.max):
        with pytest.raises(Invalid, match=r"residence\.stay_invalid"):
            move(stay, day)


def test_another_employer_is_noted_and_the_history_keeps_the_first(chen: Mainlander) -> None:
    stay = declare(chen, date(2026, 3, 1), workplace="演示厂")
    changed = change_workplace(
        registration=stay, workplace="新演示厂", changed_on=date(2026, 9, 1), on=TODAY, by=chen.principal, version=1
    )
    assert (changed.registration.workplace, changed.registration.version) == ("新演示厂", 2)
    assert changed.warnings == ("residence.changed_late",)
    history = apps.get_model("residence", "RegistrationEvent")._default_manager.filter(pgh_obj_id=stay.pk)
    assert [each.workplace for each in history.order_by("pgh_id")] == ["演示厂", "新演示厂"]


def test_an_electronic_voucher_is_ours_as_it_stands_and_no_letter_may_differ(chen: Mainlander) -> None:
    stay = declare(chen)
    (voucher,) = vouchers_of(chen.person, chen.principal, "own data")
    assert voucher["number"] == stay.voucher_number
    assert check_voucher(voucher=voucher, on=TODAY, by=OFFICER_LI) == "current"
    for name in set(voucher) - {"seal"}:
        assert check_voucher(voucher={**voucher, name: voucher[name] + "0"}, on=TODAY, by=OFFICER_LI) == "not_ours"
    assert check_voucher(voucher={**voucher, "seal": "v1." + "0" * 64}, on=TODAY, by=OFFICER_LI) == "not_ours"
    assert Entry.objects.filter(action="residence.read_vouchers", person_id=chen.person.pk).exists()


def test_a_voucher_of_before_a_move_has_ended_and_one_of_before_a_correction_is_replaced(chen: Mainlander) -> None:
    stay = declare(chen, date(2026, 3, 1))
    (voucher,) = vouchers_of(chen.person, chen.principal, "own data")
    new = move(stay, date(2026, 9, 10))
    assert check_voucher(voucher=voucher, on=TODAY, by=OFFICER_LI) == "ended"
    newer = vouchers_of(chen.person, chen.principal, "own data")[-1]
    correct_stay(
        registration=new, region=RUIAN, address="演示路9号", start=new.start, until=None, reported_by="self",
        reason="wrong_place", on=TODAY, by=chen.principal, version=1,
    )  # fmt: skip
    assert check_voucher(voucher=newer, on=TODAY, by=OFFICER_LI) == "replaced"
