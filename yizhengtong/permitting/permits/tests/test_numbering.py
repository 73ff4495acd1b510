"""The number of a permit: by region and sex, for life, never twice."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from tests.support.city import City
from tests.support.law import law_of
from tests.support.people import a_principal, a_resident
from yizhengtong.foundation.vault.indexes import blind_index
from yizhengtong.kernel.errors import Conflict
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number, parse
from yizhengtong.permitting.permits.models import NumberSeries
from yizhengtong.permitting.permits.numbering import number_for
from yizhengtong.registry.people.models import PersonNumber
from yizhengtong.registry.people.services import add_number

pytestmark = pytest.mark.usefixtures("town")
BY = a_principal()


@pytest.mark.row("S2-06")
@pytest.mark.parametrize(
    ("region", "name", "prefix"),
    [("HK", "hongkong", "810000"), ("MO", "macao", "820000"), ("TW", "taiwan", "830000")],
)
def test_a_number_begins_with_the_address_code_of_the_region(region: Any, name: str, prefix: str) -> None:
    number = number_for(a_resident(region=region).person, by=BY)
    assert number.startswith(prefix)
    assert getattr(law_of().value("number.prefixes"), name) == prefix
    read = parse(DocumentKind.HMT_PERMIT, number)
    assert (read.region, read.birth_date, read.sex) == (region, date(1994, 8, 23), "M")


@pytest.mark.row("S2-06")
@pytest.mark.parametrize(("sex", "sequences"), [("M", ["001", "003", "005"]), ("F", ["002", "004", "006"])])
def test_men_get_odd_numbers_and_women_even_ones(sex: str, sequences: list[str]) -> None:
    numbers = [number_for(a_resident(sex=sex).person, by=BY) for _ in range(3)]
    assert [number[14:17] for number in numbers] == sequences
    assert {number[6:14] for number in numbers} == {"19940823"}


def test_a_number_is_the_persons_for_life() -> None:
    wang = a_resident().person
    first = number_for(wang, by=BY)
    assert number_for(wang, by=BY) == first
    assert PersonNumber.objects.filter(person=wang, kind=DocumentKind.HMT_PERMIT).count() == 1
    assert NumberSeries.objects.get().given == 1


def test_each_birth_date_sex_and_region_has_a_series_of_its_own() -> None:
    for changes in ({}, {"sex": "F"}, {"region": "MO"}, {"birth_date": date(1994, 8, 24)}):
        facts: dict[str, Any] = changes
        assert number_for(a_resident(**facts).person, by=BY)[14:17] in {"001", "002"}
    assert NumberSeries.objects.count() == 4


@pytest.mark.parametrize(("sex", "last"), [("M", "999"), ("F", "998")])
def test_a_series_ends_at_its_last_three_digits(sex: str, last: str) -> None:
    series = blind_index("permits.series", f"HK19940823{sex}")
    NumberSeries.objects.create(series_index=series, given=499 if sex == "M" else 498)
    assert number_for(a_resident(sex=sex).person, by=BY)[14:17] == last
    person = a_resident(sex=sex).person
    with pytest.raises(Conflict, match=r"permits\.numbers_used_up"):
        number_for(person, by=BY)
    assert not PersonNumber.objects.filter(person=person, kind=DocumentKind.HMT_PERMIT).exists()


def test_a_number_that_was_set_on_import_is_kept() -> None:
    wang = a_resident().person
    given = parse(DocumentKind.HMT_PERMIT, "810000199408230021").text
    chen = a_resident(sex="F").person
    add_number(person=chen, kind=DocumentKind.HMT_PERMIT, number=given, by=BY)
    assert number_for(chen, by=BY) == given
    assert number_for(wang, by=BY) != given


def test_the_database_gives_no_number_to_two_persons(town: City) -> None:
    wang, chen = a_resident().person, a_resident().person
    number_for(wang, by=BY)
    number_for(chen, by=BY)
    taken = PersonNumber.objects.get(person=wang, kind=DocumentKind.HMT_PERMIT)
    with pytest.raises(IntegrityError, match="people_number_names_one_person"), transaction.atomic():
        PersonNumber.objects.filter(person=chen, kind=DocumentKind.HMT_PERMIT).update(number_index=taken.number_index)


def test_a_series_passes_over_a_number_that_somebody_has_already() -> None:
    taken = hmt_permit_number("HK", date(1994, 8, 23), 1)
    add_number(person=a_resident().person, kind=DocumentKind.HMT_PERMIT, number=taken, by=BY)
    assert number_for(a_resident().person, by=BY)[14:17] == "003"
