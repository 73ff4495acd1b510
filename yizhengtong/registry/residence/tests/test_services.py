"""Declaring, ending and correcting stays."""

from datetime import date
from threading import Barrier, Thread
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.texts import say
from yizhengtong.kernel.errors import Conflict, Invalid, Problem, Stale
from yizhengtong.law.values import ResidenceMeasure
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.tests.persons import OFFICER_LI, a_person
from yizhengtong.registry.residence import services
from yizhengtong.registry.residence.models import Registration
from yizhengtong.registry.residence.queries import registrations_of, stays_of, timeline_of
from yizhengtong.registry.residence.rules import Stay
from yizhengtong.registry.residence.services import correct_stay, declare_stay, end_stay

pytestmark = pytest.mark.django_db
LIXIA, SHIZHONG = "370102", "370103"
TODAY = date(2026, 11, 20)


def declare(person: Person, start: date, until: date | None = None, **changes: Any) -> Registration:
    facts: dict[str, Any] = {
        "region": LIXIA, "address": "和平路47号1单元101", "reported_by": "self", "declared_on": TODAY, "by": OFFICER_LI,
    }  # fmt: skip
    return declare_stay(person=person, start=start, until=until, **(facts | changes)).registration


def correct(registration: Registration, **changes: Any) -> Registration:
    facts: dict[str, Any] = {
        "region": registration.region, "address": registration.address, "start": registration.start,
        "until": registration.until, "reported_by": registration.reported_by, "reason": "wrong_dates", "on": TODAY,
        "by": OFFICER_LI, "version": registration.version,
    }  # fmt: skip
    return correct_stay(registration=registration, **(facts | changes)).registration


@pytest.fixture
def wang() -> Person:
    return a_person()


def test_a_stay_keeps_who_reported_it_and_when(wang: Person) -> None:
    declare(wang, date(2026, 3, 1), reported_by="landlord")
    stay = Registration.objects.get(person=wang)
    assert (stay.reported_by, stay.declared_on, stay.recorded_by) == ("landlord", TODAY, OFFICER_LI.id)
    assert stay.address == "和平路47号1单元101"
    assert Event.objects.get(kind="residence.declared").person_id == wang.pk


def test_all_that_is_wrong_with_a_stay_is_told_at_once(wang: Person) -> None:
    with pytest.raises(Invalid) as refused:
        declare(wang, date(2026, 11, 21), date(2026, 11, 21), region="37010", address=" ", reported_by="friend")
    assert {error.field: error.code for error in refused.value.errors} == {
        "region": "residence.region_malformed",
        "address": "residence.address_missing",
        "start": "residence.starts_in_future",
        "until": "residence.ends_before_start",
        "reported_by": "residence.unknown_reporter",
    }


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (date(2026, 11, 21), "residence.starts_in_future"), (TODAY, ""),
        (date(1994, 8, 22), "residence.starts_before_birth"), (date(1994, 8, 23), ""),
    ],
)  # fmt: skip
def test_a_stay_begins_between_birth_and_today(wang: Person, start: date, code: str) -> None:
    if not code:
        assert declare(wang, start).start == start
        return
    with pytest.raises(Invalid) as refused:
        declare(wang, start)
    assert [error.code for error in refused.value.errors] == [code]


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("370100", "residence.region_too_wide"), ("810000", "residence.not_on_the_mainland"),
        ("３70102", "residence.region_malformed"),
    ],
)  # fmt: skip
def test_a_region_that_is_no_county_on_the_mainland_is_refused(wang: Person, region: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        declare(wang, date(2026, 3, 1), region=region)
    assert [error.code for error in refused.value.errors] == [code]


def test_an_unknown_county_is_accepted_with_a_warning_and_a_city_without_counties_without_one(wang: Person) -> None:
    facts: dict[str, Any] = {"address": "x", "reported_by": "self", "declared_on": TODAY, "by": OFFICER_LI}
    unknown = declare_stay(person=wang, region="370199", start=date(2026, 1, 1), until=date(2026, 2, 1), **facts)
    dongguan = declare_stay(person=wang, region="441900", start=date(2026, 2, 1), **facts)
    assert (unknown.warnings, dongguan.warnings) == (("residence.unknown_region",), ())


@pytest.mark.parametrize(
    ("start", "until", "overlaps"),
    [
        (date(2026, 1, 1), date(2026, 3, 1), False), (date(2026, 1, 1), date(2026, 3, 2), True),
        (date(2026, 3, 31), None, True), (date(2026, 4, 1), None, False), (date(2026, 1, 1), None, True),
    ],
)  # fmt: skip
def test_stays_may_touch_but_not_overlap(wang: Person, start: date, until: date | None, overlaps: bool) -> None:
    declare(wang, date(2026, 3, 1), date(2026, 4, 1))
    if not overlaps:
        assert declare(wang, start, until, region=SHIZHONG).is_current
        return
    with pytest.raises(Conflict) as refused:
        declare(wang, start, until, region=SHIZHONG)
    assert refused.value.facts == {"from": date(2026, 3, 1), "until": date(2026, 4, 1)}
    assert [(error.field, error.code) for error in refused.value.errors] == [
        ("start", "residence.overlaps"), ("until", "residence.overlaps"),
    ]  # fmt: skip


def test_the_words_of_an_overlap_name_its_days(wang: Person) -> None:
    declare(wang, date(2026, 3, 1))
    with pytest.raises(Conflict) as refused:
        declare(wang, date(2026, 4, 1))
    words = say(refused.value.code, "zh-Hans", refused.value.facts)
    assert "2026年3月1日起，至今" in words


def test_the_database_refuses_an_overlap_that_the_service_did_not_see_and_the_code_is_the_same(
    wang: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(wang, date(2026, 3, 1))
    looks = iter([lambda _stay: None, services.overlapping])

    def nothing_at_first(stay: Registration) -> Registration | None:
        return next(looks)(stay)

    monkeypatch.setattr(services, "overlapping", nothing_at_first)
    with pytest.raises(Conflict, match=r"residence\.overlaps") as refused:
        declare(wang, date(2026, 4, 1))
    assert refused.value.facts["from"] == date(2026, 3, 1)
    assert refused.value.__cause__ is not None


@pytest.mark.django_db(transaction=True)
def test_of_twooverlapping_stays_declared_at_once_one_stands_and_one_is_told_why() -> None:
    for _ in range(30):
        person = a_person()
        results: list[str] = []
        together = Barrier(2)

        def attempt(day: int, person: Person = person, results: list[str] = results, at: Barrier = together) -> None:
            try:
                at.wait(10)
                declare(person, date(2026, 3, day), date(2026, 4, day))
                results.append("")
            except Problem as problem:
                results.append(problem.code)
            finally:
                connection.close()

        threads = [Thread(target=attempt, args=(day,)) for day in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(results) == ["", "residence.overlaps"]
        assert Registration.objects.filter(person=person).count() == 1


def test_a_stay_ends_once(wang: Person) -> None:
    stay = declare(wang, date(2026, 3, 1))
    with pytest.raises(Invalid):
        end_stay(registration=stay, until=date(2026, 3, 1), by=OFFICER_LI, version=1)
    ended = end_stay(registration=stay, until=date(2026, 3, 2), by=OFFICER_LI, version=1)
    assert (ended.until, ended.version) == (date(2026, 3, 2), 2)
    with pytest.raises(Stale, match=r"web\.stale_version"):
        end_stay(registration=stay, until=date(2026, 3, 3), by=OFFICER_LI, version=1)
    with pytest.raises(Conflict, match=r"residence\.already_ended"):
        end_stay(registration=ended, until=date(2026, 3, 3), by=OFFICER_LI, version=2)


def test_a_correction_keeps_the_wrong_registration_and_its_history(wang: Person) -> None:
    wrong = declare(wang, date(2026, 3, 1), declared_on=date(2026, 3, 5))
    right = correct(wrong, start=date(2026, 2, 1))
    wrong.refresh_from_db()
    assert (wrong.is_current, wrong.start, wrong.version) == (False, date(2026, 3, 1), 2)
    assert (right.corrects, right.correction_reason, right.declared_on) == (wrong, "wrong_dates", date(2026, 3, 5))
    history = apps.get_model("residence", "RegistrationEvent").objects.order_by("pgh_id")
    states = [(row.id, row.is_current) for row in history]
    assert states == [(wrong.pk, True), (wrong.pk, False), (right.pk, True)]
    assert stays_of(wang, OFFICER_LI, "test") == (Stay(LIXIA, date(2026, 2, 1), None, "self", date(2026, 3, 5)),)
    assert registrations_of(wang, OFFICER_LI, "test", with_corrected=True) == (right, wrong)


def test_what_was_corrected_is_not_corrected_again(wang: Person) -> None:
    wrong = declare(wang, date(2026, 3, 1))
    with pytest.raises(Invalid, match=r"residence\.unknown_reason"):
        correct(wrong, reason="because")
    right = correct(wrong, region=SHIZHONG, reason="wrong_place")
    with pytest.raises(Conflict, match=r"residence\.already_corrected"):
        correct(wrong)
    with pytest.raises(Stale, match=r"web\.stale_version"):
        correct(right, version=9)


def test_a_correction_that_would_overlap_changes_nothing(wang: Person) -> None:
    declare(wang, date(2026, 1, 1), date(2026, 2, 1))
    stay = declare(wang, date(2026, 3, 1))
    with pytest.raises(Conflict, match=r"residence\.overlaps"):
        correct(stay, start=date(2026, 1, 31))
    stay.refresh_from_db()
    assert (stay.is_current, Registration.objects.filter(person=wang).count()) == (True, 2)


def test_every_read_of_stays_is_recorded_with_its_purpose(wang: Person) -> None:
    declare(wang, date(2026, 3, 1), reported_by="school")
    needed = ResidenceMeasure(measure="months", n=6, scope="nation", contiguous=False, evidence="any")
    laid = timeline_of(wang, needed, LIXIA, date(2026, 9, 1), OFFICER_LI, "judge the case")
    assert [(piece.reported_by, piece.days) for piece in laid.counted] == [("school", 184)]
    entry = Entry.objects.get(kind="read", person_id=wang.pk)
    assert (entry.action, entry.purpose) == ("residence.read_stays", "judge the case")
    assert "address" not in entry.fields
