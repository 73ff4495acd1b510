"""What a line says, all of it checked at once."""

from datetime import date
from typing import Any

import pytest

from tests.support.law import TODAY
from tests.support.lists import somebody
from yizhengtong.foundation.lists.cells import Cell, cell_of
from yizhengtong.permitting.importing.mapping import read_mapping
from yizhengtong.permitting.importing.records import Record, Trouble, read_record

COLUMNS = read_mapping()


def read(**changes: object) -> tuple[Record | None, list[Trouble]]:
    line = somebody(3, **changes)  # 3: a resident of Hong Kong
    fields = COLUMNS.fields(list(line))
    cells: dict[Any, Cell] = {
        name: cell_of(value) for name, value in zip(fields, line.values(), strict=True) if name is not None
    }
    return read_record(cells, COLUMNS, area="370100", today=TODAY)


def codes(troubles: list[Trouble]) -> dict[str, str]:
    return {trouble.field: trouble.code for trouble in troubles}


def test_a_line_in_order_is_a_person_a_permit_and_a_stay() -> None:
    record, troubles = read()
    assert record is not None
    assert not troubles
    assert (record.region, record.sex) == ("HK", "F")
    assert record.permit is not None
    assert record.permit.state == "valid"
    assert record.stay is not None
    assert record.stay.county == "370102"
    assert record.birth_date == date(1950, 1, 22)


def test_a_record_comes_back_from_what_is_kept_of_it() -> None:
    record, _ = read()
    assert record is not None
    assert Record.from_json(record.to_json()) == record


def test_a_records_repr_says_nothing_of_the_person() -> None:
    record, _ = read()
    assert record is not None
    assert record.permit is not None
    for personal in (record.name, record.travel_number, record.permit.number, "演示路", "1950"):
        assert personal not in repr(record)


def test_everything_wrong_with_a_line_is_told_at_once() -> None:
    record, troubles = read(
        姓名="", 性别="不详", 证件号码="H1234567", 签发日期="3/5/2021", 县区代码="310101", 登记日期="下周"
    )
    assert record is None
    assert codes(troubles) == {
        "name": "people.name_missing",
        "sex": "importing.word_unknown",
        "travel_number": "numbers.wrong_shape",
        "issued_on": "importing.day_ambiguous",
        "county": "importing.county_elsewhere",
        "stay_since": "importing.day_unreadable",
    }


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"居住证号": 8.1e17}, "permit_number", "importing.digits_lost"),
        ({"居住证号": "8.1E+17"}, "permit_number", "importing.digits_lost"),
        ({"居住证号": "810000195001220028"}, "permit_number", "numbers.wrong_check_digit"),
        ({"居住证号": "370102199003070316"}, "permit_number", "numbers.wrong_check_digit"),
        ({"证件种类": "护照"}, "travel_kind", "importing.word_unknown"),
        ({"性别": "男"}, "travel_number", "people.number_contradicts_sex"),
        ({"有效期至": "2021-03-01"}, "last_valid_day", "importing.ends_before_it_is_issued"),
        ({"签发日期": "2026-09-19"}, "issued_on", "importing.day_in_future"),
        ({"签发日期": ""}, "issued_on", "importing.day_missing"),
        ({"证件状态": "注销"}, "ended_on", "importing.day_of_end_missing"),
        ({"证件状态": "未知"}, "permit_state", "importing.word_unknown"),
        ({"县区代码": "370100"}, "county", "importing.county_unknown"),
        ({"县区代码": "历下"}, "county", "importing.county_unknown"),
        ({"县区代码": "310101"}, "county", "importing.county_elsewhere"),
        ({"住址": ""}, "address", "importing.address_missing"),
        ({"住址": "路" * 201}, "address", "importing.too_long"),
        ({"姓名": "王\u202e明"}, "name", "importing.unprintable"),
        ({"登记日期": "1949-01-01"}, "stay_since", "residence.starts_before_birth"),
        ({"居住证号": "", "证件号码": ""}, "travel_number", "importing.number_missing"),
        ({"居住证号": ""}, "birth_date", "importing.birth_date_missing"),
        ({"居住证号": ""}, "issued_on", "importing.permit_without_number"),
    ],
)
def test_each_thing_that_is_wrong_has_its_code(changes: dict[str, object], field: str, code: str) -> None:
    record, troubles = read(**changes)
    assert record is None
    assert (field, code) in {(trouble.field, trouble.code) for trouble in troubles if not trouble.is_warning}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"证件状态": "有效", "有效期至": "2026-09-17"}, "permit_state", "importing.state_against_days"),
        ({"证件状态": "过期", "有效期至": "2026-09-18"}, "permit_state", "importing.state_against_days"),
        ({"登记日期": ""}, "stay_since", "importing.stay_without_day"),
    ],
)
def test_what_can_be_imported_all_the_same_is_a_warning(changes: dict[str, object], field: str, code: str) -> None:
    record, troubles = read(**changes)
    assert record is not None
    assert [(trouble.field, trouble.code, trouble.is_warning) for trouble in troubles] == [(field, code, True)]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "valid"),
        ({"有效期至": "2026-09-18"}, "valid"),
        ({"有效期至": "2026-09-17"}, "expired"),
        ({"证件状态": "挂失"}, "lost"),
    ],
)
def test_a_state_that_is_not_told_follows_from_the_last_valid_day(changes: dict[str, object], state: str) -> None:
    record, _ = read(**changes)
    assert record is not None
    assert record.permit is not None
    assert record.permit.state == state


def test_a_birth_date_sex_and_region_that_are_told_nowhere_are_read_from_the_number() -> None:
    record, _ = read(性别="")
    assert record is not None
    assert (record.sex, record.region) == ("F", "HK")
