"""Mainland persons: the household register, and a number that is theirs and nobody else's."""

from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.support.mainland import BORN, NANCHONG, a_mainlander, an_identity_number
from yizhengtong.kernel.errors import Invalid
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number
from yizhengtong.kernel.numbers.synthetic import hrp, mtp_taiwan
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.models import Person
from yizhengtong.registry.people.services import Correction, add_number, correct_person
from yizhengtong.registry.people.tests.persons import OFFICER_LI, a_person

pytestmark = pytest.mark.django_db
HOUSEHOLD = Household(NANCHONG, "演示街9号", "汉")


def history_of(person: Person) -> list[Any]:
    rows = apps.get_model("people", "PersonEvent")._default_manager.filter(pgh_obj_id=person.pk)
    return list(rows.order_by("pgh_id"))


def wrong(**changes: Any) -> dict[str, str]:
    with pytest.raises(Invalid, match=r"people\.person_invalid") as refused:
        a_person(**changes)
    return {error.field: error.code for error in refused.value.errors}


def test_a_mainland_person_has_a_household_register_and_a_nation_and_they_lie_sealed() -> None:
    person = Person.objects.get(pk=a_mainlander().person.pk)
    assert (person.region, person.hukou_region, person.hukou_address, person.nation) == (
        "CN", NANCHONG, "演示街9号", "汉"
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SELECT hukou_address, nation FROM people_person WHERE id = %s", [person.pk])
        stored = cursor.fetchone()
    assert all("演示街".encode() not in bytes(each) and "汉".encode() not in bytes(each) for each in stored)
    (first,) = history_of(person)
    assert (first.hukou_address, first.nation) == ("演示街9号", "汉")


def test_what_is_missing_of_the_household_register_is_told_at_once() -> None:
    assert wrong(region="CN") == {
        "hukou_region": "people.hukou_region_malformed",
        "hukou_address": "people.hukou_address_missing",
        "nation": "people.nation_missing",
    }


@pytest.mark.parametrize(
    ("region", "code"),
    [
        ("51130", "people.hukou_region_malformed"), ("5113０2", "people.hukou_region_malformed"),
        ("511300", "people.hukou_region_too_wide"), ("810000", "people.hukou_not_on_the_mainland"),
        ("000000", "people.hukou_not_on_the_mainland"),
    ],
)  # fmt: skip
def test_the_household_register_lies_in_a_county_of_the_mainland(region: str, code: str) -> None:
    assert wrong(region="CN", household=Household(region, "x", "汉")) == {"hukou_region": code}


@pytest.mark.parametrize("region", ["HK", "MO", "TW"])
def test_nobody_of_hong_kong_macao_or_taiwan_has_one(region: str) -> None:
    assert wrong(region=region, household=HOUSEHOLD) == dict.fromkeys(
        ("hukou_region", "hukou_address", "nation"), "people.household_is_not_theirs"
    )


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"born": date(1980, 5, 18)}, "people.number_contradicts_birth_date"),
        ({"sex": "F"}, "people.number_contradicts_sex"),
    ],
)
def test_an_identity_number_agrees_with_birth_date_and_sex(changes: dict[str, Any], code: str) -> None:
    person = a_mainlander().person
    with pytest.raises(Invalid, match=code):
        add_number(person=person, kind=DocumentKind.RESIDENT_ID, number=an_identity_number(**changes), by=OFFICER_LI)


def test_a_wrong_check_digit_is_told() -> None:
    number = an_identity_number()
    slipped = number[:-1] + ("0" if number[-1] != "0" else "1")
    with pytest.raises(Invalid, match=r"numbers\.wrong_check_digit"):
        add_number(person=a_mainlander().person, kind=DocumentKind.RESIDENT_ID, number=slipped, by=OFFICER_LI)


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (DocumentKind.HMT_PERMIT, hmt_permit_number("HK", BORN, 1)), (DocumentKind.HRP, hrp(1, "HK")),
        (DocumentKind.MTP_TAIWAN_FIVE_YEAR, mtp_taiwan(1)),
    ],
)  # fmt: skip
def test_a_mainland_person_takes_no_document_of_the_others(kind: DocumentKind, number: str) -> None:
    with pytest.raises(Invalid, match=r"people\.number_contradicts_region"):
        add_number(person=a_mainlander().person, kind=kind, number=number, by=OFFICER_LI)


@pytest.mark.parametrize("kind", [DocumentKind.RESIDENT_ID, DocumentKind.ZHEJIANG_PERMIT])
def test_an_identity_number_is_nobodys_of_hong_kong_macao_or_taiwan(kind: DocumentKind) -> None:
    person = a_person(birth_date=BORN)
    with pytest.raises(Invalid, match=r"people\.number_contradicts_region"):
        add_number(person=person, kind=kind, number=an_identity_number(), by=OFFICER_LI)


def test_a_mainland_number_given_as_their_permit_keeps_its_refusal() -> None:
    with pytest.raises(Invalid, match=r"numbers\.mainland_not_hmt"):
        add_number(person=a_person(), kind=DocumentKind.HMT_PERMIT, number=an_identity_number(), by=OFFICER_LI)


def test_the_household_register_is_corrected_and_what_stood_before_is_kept() -> None:
    person = a_mainlander().person
    changed = correct_person(
        person=person, version=1, correction=Correction(hukou_region="511303", hukou_address="新街1号"), by=OFFICER_LI
    )
    assert (changed.hukou_region, changed.hukou_address, changed.nation) == ("511303", "新街1号", "汉")
    assert [each.hukou_address for each in history_of(person)] == ["演示街9号", "新街1号"]
