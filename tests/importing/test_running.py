"""A list is rehearsed, imported once, and never merged with anybody silently."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.apps import apps
from django.db import transaction

from tests.importing.conftest import Listener
from tests.support.city import City
from tests.support.lists import somebody, write_csv
from tests.support.people import a_principal
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Forbidden, NotFound
from yizhengtong.permitting.importing import running, services
from yizhengtong.permitting.importing.models import Batch, Proposal, Row
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.permitting.permits.queries import latest_permit_by_number, standing
from yizhengtong.registry.people.models import Person, PersonNumber
from yizhengtong.registry.people.queries import find_by_name, find_by_number
from yizhengtong.registry.people.services import register_person
from yizhengtong.registry.residence.models import Registration

Run = Callable[..., Listener]


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LINES_AT_ONCE", 4)


def a_list(tmp_path: Path, numbers: range, **changes: object) -> Path:
    return write_csv(tmp_path / "list.csv", [somebody(n, **changes) for n in numbers])


def counted() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (Person, PersonNumber, Permit, Registration)}


def test_a_rehearsal_writes_nothing_but_that_it_was_done(tmp_path: Path, run: Run) -> None:
    before = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    told = run(a_list(tmp_path, range(1, 8)))
    after = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    assert set(told.outcomes.values()) == {"ready"}
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {"audit.Entry": 1}


def test_an_import_writes_person_numbers_permit_and_stay_with_history(tmp_path: Path, run: Run) -> None:
    told = run(a_list(tmp_path, range(1, 8)), is_applied=True)
    assert told.summary.outcomes == {"imported": 7}
    assert counted() == {"Person": 7, "PersonNumber": 14, "Permit": 7, "Registration": 7}
    for name, count in (("people.PersonEvent", 7), ("people.PersonNumberEvent", 14), ("permits.PermitEvent", 7)):
        assert apps.get_model(name)._default_manager.count() == count
    assert Entry.objects.filter(action="importing.import_row").count() == 7
    assert Event.objects.filter(kind="importing.import_row").count() == 7
    assert set(Entry.objects.filter(action="importing.import_row").values_list("person_id", flat=True)) == set(
        Person.objects.values_list("pk", flat=True)
    )


def test_what_was_imported_is_found_as_if_it_had_been_registered_here(
    tmp_path: Path, run: Run, registrar: Principal
) -> None:
    line = somebody(3)
    run(write_csv(tmp_path / "a.csv", [line]), is_applied=True)
    person = Person.objects.get()
    assert person.name == line["姓名"]
    assert find_by_number("hrp", str(line["证件号码"]), registrar, "casework") == person
    assert find_by_name(str(line["姓名"]), registrar, "casework") == (person,)
    permit = latest_permit_by_number(str(line["居住证号"]))
    assert permit is not None
    assert permit.person == person
    assert permit.last_valid_day.isoformat() == line["有效期至"]
    assert standing(permit, permit.last_valid_day).is_valid
    assert permit.card["residence_address"] == line["住址"]


def test_the_same_list_twice_adds_nothing(tmp_path: Path, run: Run) -> None:
    path = a_list(tmp_path, range(1, 8))
    run(path, is_applied=True)
    before = counted()
    again = run(path, is_applied=True)
    assert again.summary.outcomes == {}
    assert counted() == before
    assert Batch.objects.count() == 1


def test_the_same_lines_in_another_file_add_nothing(tmp_path: Path, run: Run) -> None:
    run(a_list(tmp_path, range(1, 8)), is_applied=True)
    before = counted()
    longer = write_csv(tmp_path / "longer.csv", [somebody(n) for n in range(1, 10)], encoding="gb18030")
    told = run(longer, is_applied=True)
    assert told.summary.outcomes == {"known": 7, "imported": 2}
    assert counted()["Person"] == before["Person"] + 2


@pytest.mark.usefixtures("small_parts")
def test_an_import_cut_off_between_parts_goes_on_where_it_was(tmp_path: Path, run: Run) -> None:
    path = a_list(tmp_path, range(1, 16))
    real, calls = services.import_part, 0

    def dies_at_the_third(**named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == 3:
            with transaction.atomic():
                real(**named)
                raise KeyboardInterrupt
        return real(**named)

    with mock.patch.object(running, "import_part", dies_at_the_third), pytest.raises(KeyboardInterrupt):
        run(path, is_applied=True)
    assert counted()["Person"] == 8
    told = run(path, is_applied=True)
    assert told.summary.resumed_after == 9
    assert counted() == {"Person": 15, "PersonNumber": 30, "Permit": 15, "Registration": 15}
    assert Row.objects.count() == len(set(Row.objects.values_list("line", flat=True))) == 15


def test_a_wrong_line_is_refused_and_the_others_are_imported(tmp_path: Path, run: Run) -> None:
    lines = [somebody(1), somebody(2, 居住证号="8.1E+17", 姓名=""), somebody(3)]
    told = run(write_csv(tmp_path / "a.csv", lines), is_applied=True)
    assert told.outcomes == {2: "imported", 3: "refused", 4: "imported"}
    assert told.codes == {(3, "importing.digits_lost"), (3, "people.name_missing")}


def test_a_validity_unlike_the_law_is_told_and_kept_as_it_is(tmp_path: Path, run: Run) -> None:
    told = run(write_csv(tmp_path / "a.csv", [somebody(3, 有效期至="2028-03-04")]), is_applied=True)
    assert told.codes == {(2, "importing.validity_unlike_the_law")}
    assert Permit.objects.get().last_valid_day.isoformat() == "2028-03-04"


def test_a_permit_issued_before_the_law_is_told(tmp_path: Path, run: Run) -> None:
    told = run(write_csv(tmp_path / "a.csv", [somebody(3, 签发日期="2018-08-31", 有效期至="2023-08-31", 登记日期="")]))
    assert (2, "importing.issued_before_the_law") in told.codes


@pytest.mark.parametrize(
    ("state", "changes", "ours"),
    [("注销", {"注销日期": "2025-01-01"}, "ended"), ("挂失", {}, "lost"), ("有效", {}, "held")],
)
def test_states_of_lists_become_ours(
    tmp_path: Path, run: Run, state: str, changes: dict[str, object], ours: str
) -> None:
    run(write_csv(tmp_path / "a.csv", [somebody(3, 证件状态=state, **changes)]), is_applied=True)
    permit = Permit.objects.get()
    assert permit.state == ours
    assert permit.end_reason == ("cancelled" if ours == "ended" else "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"姓名": "别人"}, "same_number"),
        (
            {"证件号码": "H87654321", "居住证号": "", "签发日期": "", "有效期至": "", "出生日期": "1950-01-22"},
            "same_name",
        ),
    ],
)
@pytest.mark.parametrize("is_in_one_list", [True, False])
def test_one_who_may_be_known_waits_and_is_not_imported(
    tmp_path: Path, run: Run, changes: dict[str, object], reason: str, is_in_one_list: bool
) -> None:
    first, second = somebody(3, 出生日期=""), somebody(3, **{"出生日期": "", **changes})
    if is_in_one_list:
        path = write_csv(tmp_path / "a.csv", [first, second])
        assert (3, f"importing.line_{reason}") in run(path).codes
        told = run(path, is_applied=True)
    else:
        run(write_csv(tmp_path / "a.csv", [first]), is_applied=True)
        path = write_csv(tmp_path / "b.csv", [second])
        assert run(path).outcomes == {2: "waiting"}
        told = run(path, is_applied=True)
    assert told.summary.outcomes["waiting"] == 1
    assert counted()["Person"] == 1
    proposal = Proposal.objects.select_related("row").get()
    assert (proposal.reason, proposal.person_id) == (reason, Person.objects.get().pk)
    assert proposal.row.record["name"] == second["姓名"]


def test_a_similar_name_with_the_same_birth_date_waits(tmp_path: Path, run: Run) -> None:
    line = somebody(3)
    register_person(
        name=f"{line['姓名']}"[:2] + "某", birth_date=__import__("datetime").date(1950, 1, 22), sex="F", region="HK",
        by=a_principal(),
    )  # fmt: skip
    told = run(write_csv(tmp_path / "a.csv", [line]), is_applied=True)
    assert told.codes == {(2, "importing.like_similar_name")}
    assert Proposal.objects.get().reason == "similar_name"


def test_a_person_registered_before_birth_dates_were_indexed_is_found(tmp_path: Path, run: Run) -> None:
    run(write_csv(tmp_path / "a.csv", [somebody(3)]), is_applied=True)
    Person.objects.update(birth_index=None)
    other = somebody(3, 证件号码="H87654321", 居住证号="", 签发日期="", 有效期至="", 出生日期="1950-01-22")
    told = run(write_csv(tmp_path / "b.csv", [other]), is_applied=True)
    assert told.outcomes == {2: "waiting"}


def test_only_a_registrar_of_the_office_imports(tmp_path: Path, run: Run, town: City) -> None:
    path = a_list(tmp_path, range(1, 3))
    with pytest.raises(Forbidden):
        run(path, is_applied=True, by=town.officer("x", Role.CLERK, office="370100"))
    with pytest.raises(NotFound):
        run(path, is_applied=True, by=town.officer("x", Role.REGISTRAR, office="370103"))
    assert not Person.objects.exists()


def test_nothing_that_is_told_names_the_person(tmp_path: Path, run: Run) -> None:
    lines = [somebody(3), somebody(3, 姓名="别人"), somebody(4, 签发日期="哪天", 住址="路" * 300, 性别="H33333333")]
    told = run(write_csv(tmp_path / "a.csv", lines))
    text = repr(told.told)
    personal = {
        str(value) for line in lines for name, value in line.items() if name not in {"县区代码", "备注", "证件状态"}
    }
    assert len(told.told) > 3
    assert not {value for value in personal if value and value in text}
