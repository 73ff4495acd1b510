"""Reports by landlords, employers and others: taken, compared, confirmed, disputed; never a hint of who is known."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from tests.support.events import deliver_everything
from tests.support.law import TODAY
from tests.support.mainland import (
    ADDRESS,
    RUIAN,
    Mainlander,
    a_credit_code,
    a_mainlander,
    a_registrar,
    a_reporter,
    an_identity_number,
    the_office,
)
from tests.support.people import a_principal
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal, PrincipalKind
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from yizhengtong.kernel.numbers import DocumentKind, hmt_permit_number
from yizhengtong.registry.people.households import Household
from yizhengtong.registry.people.services import add_number, register_person
from yizhengtong.registry.residence import lists, reporting
from yizhengtong.registry.residence.answering import (
    confirm_report,
    decide_report,
    dispute_report,
    report_for_officer,
    reports_for_officer,
)
from yizhengtong.registry.residence.credit_codes import credit_code
from yizhengtong.registry.residence.lists import report_list
from yizhengtong.registry.residence.matching import match_report, match_reports_of_number, match_reports_of_reporter
from yizhengtong.registry.residence.models import Registration, Report, Reporter
from yizhengtong.registry.residence.reporters import (
    register_reporter,
    reporter_of,
    reporters_waiting,
    verify_reporter,
)
from yizhengtong.registry.residence.reporting import Said, Taken, report_stay
from yizhengtong.registry.residence.services import declare_stay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("law_in_force")]
FIRST = date(2026, 9, 16)


@pytest.fixture
def chen() -> Mainlander:
    return a_mainlander()


@pytest.fixture
def landlord() -> tuple[Reporter, Principal]:
    return a_reporter()


def said_of(chen: Mainlander, about: str = "start", day: date = FIRST, **changes: Any) -> Said:
    facts: dict[str, Any] = {"name": chen.person.name, "number": chen.number, "region": RUIAN, "address": ADDRESS}
    return Said(about=about, happened_on=day, **(facts | changes))


def report(of: tuple[Reporter, Principal], said: Said, on: date = TODAY) -> Taken:
    return report_stay(reporter=of[0], said=said, on=on, by=of[1])


def matched(of: tuple[Reporter, Principal], said: Said, on: date = TODAY) -> Report:
    return match_report(report_id=report(of, said, on).report.pk)


def declared(chen: Mainlander, start: date, until: date | None = None, address: str = "别处8号") -> Registration:
    return declare_stay(
        person=chen.person, region=RUIAN, address=address, start=start, until=until, reported_by="self",
        declared_on=TODAY, by=chen.principal,
    ).registration  # fmt: skip


@pytest.mark.row("S3-11")
def test_a_report_becomes_a_registration_that_says_who_reported_it(chen: Mainlander, landlord: Any) -> None:
    found = matched(landlord, said_of(chen))
    assert (found.state, found.waits_for, found.person) == ("matched", "", chen.person)
    stay = found.registration
    assert stay is not None
    assert (stay.reported_by, stay.reporter_id, stay.declared_on) == ("landlord", landlord[0].pk, TODAY)
    assert stay.voucher_number


@pytest.mark.row("S3-11")
def test_a_report_after_three_working_days_is_taken_and_marked_late(chen: Mainlander, landlord: Any) -> None:
    in_time = report(landlord, said_of(chen, day=date(2026, 9, 15)))
    late = report(landlord, said_of(chen, day=date(2026, 9, 14)))
    assert (in_time.report.due_on, in_time.report.is_late) == (TODAY, False)
    assert late.report.is_late
    assert late.report.state == "received"


def test_the_time_runs_from_the_day_on_which_it_was_known(chen: Mainlander) -> None:
    manager = a_reporter("property_manager")
    taken = report(manager, said_of(chen, day=date(2026, 8, 1), known_on=date(2026, 9, 15)))
    assert not taken.report.is_late
    assert not taken.tells_resident


def test_an_employers_worker_is_told_by_an_event(chen: Mainlander) -> None:
    matched(a_reporter("employer"), said_of(chen))
    event = Event.objects.get(kind="residence.reported")
    assert event.person_id == chen.person.pk
    assert event.facts == {"by": "employer", "about": "start", "waits": False, "must_be_told": True}


def test_the_same_report_twice_is_one(chen: Mainlander, landlord: Any) -> None:
    first, second = report(landlord, said_of(chen)), report(landlord, said_of(chen))
    assert (first.is_repeated, second.is_repeated) == (False, True)
    assert first.report.pk == second.report.pk
    assert Report.objects.count() == 1


def test_what_a_reporter_is_told_does_not_depend_on_whether_the_person_is_known(
    chen: Mainlander, landlord: Any
) -> None:
    known = report(landlord, said_of(chen))
    nobody = report(landlord, said_of(chen, number=an_identity_number()))
    other_name = report(landlord, said_of(chen, name="李演示", day=date(2026, 9, 17)))

    def told(taken: Taken) -> tuple[Any, ...]:
        return taken.report.state, taken.report.waits_for, taken.report.person_id, taken.is_repeated

    assert told(known) == told(nobody) == told(other_name) == ("received", "new", None, False)
    assert not Entry.objects.filter(action="residence.report_stay").exclude(person_id=None).exists()


def test_a_number_with_another_name_finds_nobody(chen: Mainlander, landlord: Any) -> None:
    found = matched(landlord, said_of(chen, name="李演示"))
    assert (found.person, found.waits_for) == (None, "unknown")
    assert not Registration.objects.exists()


def test_what_was_reported_before_the_person_registered_is_found_then(landlord: Any) -> None:
    number = an_identity_number()
    said = Said("start", "陈演示", number, RUIAN, ADDRESS, FIRST)
    assert matched(landlord, said).waits_for == "unknown"
    person = register_person(
        name="陈演示", birth_date=date(1980, 5, 17), sex="M", region="CN", household=Household("511302", "x", "汉"),
        by=a_principal(),
    )  # fmt: skip
    added = add_number(person=person, kind=DocumentKind.RESIDENT_ID, number=number, by=a_principal())
    match_reports_of_number(added.pk)
    assert Report.objects.get().state == "matched"


@pytest.mark.django_db(transaction=True)
def test_the_worker_compares_a_report_when_its_event_is_delivered(chen: Mainlander, landlord: Any) -> None:
    report(landlord, said_of(chen))
    deliver_everything("residence.reports")
    assert Report.objects.get().state == "matched"


def test_nothing_follows_from_a_report_until_its_reporter_is_verified(chen: Mainlander) -> None:
    of = a_reporter(is_verified=False)
    assert matched(of, said_of(chen)).waits_for == "unverified"
    assert not Registration.objects.exists()
    verify_reporter(reporter_id=of[0].pk, is_verified=True, version=1, by=a_registrar(the_office()))
    match_reports_of_reporter(of[0].pk)
    assert Report.objects.get().state == "matched"


def test_who_is_not_verified_reports_so_much_and_no_more(chen: Mainlander, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reporting, "MOST_OF_UNVERIFIED", 1)
    of = a_reporter(is_verified=False)
    report(of, said_of(chen))
    report(of, said_of(chen))  # the same again is the same report
    with pytest.raises(Conflict, match=r"residence\.verify_first"):
        report(of, said_of(chen, address="演示路7号"))
    verify_reporter(reporter_id=of[0].pk, is_verified=True, version=1, by=a_registrar(the_office()))
    report(of, said_of(chen, address="演示路7号"))
    assert Report.objects.count() == 2


def test_a_report_of_what_is_registered_confirms_it(chen: Mainlander, landlord: Any) -> None:
    stay = declared(chen, date(2026, 9, 1), address=ADDRESS)
    found = matched(landlord, said_of(chen))
    assert (found.state, found.registration) == ("matched", stay)
    assert Registration.objects.count() == 1


def test_a_report_that_overlaps_waits_for_the_persons_word(chen: Mainlander, landlord: Any) -> None:
    stay = declared(chen, date(2026, 3, 1))
    found = matched(landlord, said_of(chen))
    assert (found.state, found.waits_for, found.registration) == ("received", "overlaps", None)
    merged = confirm_report(report_id=found.pk, acting=chen.person, version=1, on=TODAY, by=chen.principal)
    stay.refresh_from_db()
    assert (merged.state, stay.until) == ("merged", FIRST)
    assert merged.registration is not None
    assert merged.registration.start == FIRST


def test_a_reporter_ends_only_what_it_reported_itself(chen: Mainlander, landlord: Any) -> None:
    own = declared(chen, date(2026, 3, 1))
    foreign = matched(landlord, said_of(chen, "end"))
    own.refresh_from_db()
    assert (foreign.waits_for, own.until) == ("nothing_to_end", None)
    confirm_report(report_id=foreign.pk, acting=chen.person, version=1, on=TODAY, by=chen.principal)
    own.refresh_from_db()
    assert own.until == FIRST


def test_a_reporter_ends_and_moves_what_it_reported(chen: Mainlander, landlord: Any) -> None:
    matched(landlord, said_of(chen, day=date(2026, 9, 1)))
    moved = matched(landlord, said_of(chen, "change", date(2026, 9, 10), address="演示路2号"))
    assert moved.registration is not None
    assert (moved.state, moved.registration.address) == ("matched", "演示路2号")
    ended = matched(landlord, said_of(chen, "end", date(2026, 9, 17), address="演示路2号"))
    assert ended.state == "matched"
    assert Registration.objects.filter(until=None).count() == 0


def test_at_home_a_report_registers_nothing(landlord: Any) -> None:
    found = matched(landlord, said_of(a_mainlander(hukou=RUIAN)))
    assert (found.state, found.waits_for) == ("received", "at_home")


@pytest.mark.parametrize("about", ["start", "change", "end"])
def test_a_dispute_has_an_officer_and_a_wrong_report_is_undone(chen: Mainlander, landlord: Any, about: str) -> None:
    first = matched(landlord, said_of(chen, day=date(2026, 9, 1)))
    found = first if about == "start" else matched(landlord, said_of(chen, about, address="演示路2号"))
    assert found.state == "matched"
    disputed = dispute_report(
        report_id=found.pk, words="没有的事", acting=chen.person, version=1, on=TODAY, by=chen.principal
    )
    assert (disputed.state, disputed.disputed_on, disputed.office_path) == ("disputed", TODAY, the_office().path)
    registrar = a_registrar(the_office())
    assert list(reports_for_officer(registrar)) == [disputed]
    assert report_for_officer(found.pk, TODAY, registrar).dispute_words == "没有的事"
    decided = decide_report(report_id=found.pk, is_right=False, words="经核实不属实", version=2, by=registrar)
    assert decided.state == "dismissed"
    current = Registration.objects.filter(is_current=True)
    assert [each.until for each in current] == ([] if about == "start" else [None])


def test_a_report_that_is_right_stands_after_a_dispute(chen: Mainlander, landlord: Any) -> None:
    found = matched(landlord, said_of(chen))
    dispute_report(report_id=found.pk, words="不对", acting=chen.person, version=1, on=TODAY, by=chen.principal)
    decided = decide_report(
        report_id=found.pk, is_right=True, words="有租赁合同", version=2, by=a_registrar(the_office())
    )
    assert decided.state == "matched"
    with pytest.raises(Conflict, match=r"residence\.report_settled"):
        decide_report(report_id=found.pk, is_right=True, words="x", version=3, by=a_registrar(the_office()))


def test_an_officer_may_speak_where_the_person_does_not(chen: Mainlander, landlord: Any) -> None:
    declared(chen, date(2026, 3, 1))
    found = matched(landlord, said_of(chen))
    decided = decide_report(
        report_id=found.pk, is_right=True, words="上门核实", version=1, by=a_registrar(the_office())
    )
    assert decided.state == "merged"


def test_a_stranger_answers_for_nobody_and_an_officer_elsewhere_finds_nothing(chen: Mainlander, landlord: Any) -> None:
    found, stranger = matched(landlord, said_of(chen)), a_mainlander()
    with pytest.raises(NotFound):
        dispute_report(report_id=found.pk, words="x", acting=stranger.person, version=1, on=TODAY, by=chen.principal)
    elsewhere = replace(a_registrar(the_office()), office_path="33.331126")
    with pytest.raises(NotFound):
        decide_report(report_id=found.pk, is_right=True, words="x", version=1, by=elsewhere)
    clerk = replace(a_registrar(the_office()), roles=frozenset())
    with pytest.raises(Forbidden, match=r"accounts\.role_missing"):
        decide_report(report_id=found.pk, is_right=True, words="x", version=1, by=clerk)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"number": "511302198005170000"}, "number", "numbers.wrong_check_digit"),
        ({"number": hmt_permit_number("HK", date(1980, 5, 17), 1)}, "number", "residence.not_under_these_rules"),
        ({"number": "H12345678"}, "number", "residence.not_under_these_rules"),
        ({"region": "330300"}, "region", "residence.region_too_wide"),
        ({"about": "x"}, "about", "residence.unknown_about"),
        ({"happened_on": date(2026, 9, 19)}, "happened_on", "residence.starts_in_future"),
        ({"happened_on": date(1980, 5, 16)}, "happened_on", "residence.starts_before_birth"),
        ({"name": " "}, "name", "residence.report_name_wrong"),
        ({"address": " "}, "address", "residence.report_address_wrong"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_report_is_told_by_field(
    chen: Mainlander, landlord: Any, changes: dict[str, Any], field: str, code: str
) -> None:
    with pytest.raises(Invalid, match=r"residence\.report_invalid") as refused:
        report(landlord, replace(said_of(chen), **changes))
    assert {error.field: error.code for error in refused.value.errors} == {field: code}
    assert not Report.objects.exists()


HEADINGS = ["事项", "姓名", "公民身份号码", "区划代码", "居住地址", "日期"]


def csv_of(*rows: list[str]) -> bytes:
    return "\n".join(",".join(row) for row in [HEADINGS, *rows]).encode()


def test_a_list_is_taken_row_by_row_and_again_without_effect(chen: Mainlander, landlord: Any) -> None:
    content = csv_of(
        ["入住", "陈演示", chen.number, RUIAN, ADDRESS, "2026-09-16"],
        ["入住", "李演示", "123", RUIAN, ADDRESS, "2026-09-16"],
        ["离职", "陈演示", chen.number, RUIAN, ADDRESS, "2026年9月17日"],
    )
    rows = report_list(reporter=landlord[0], content=content, on=TODAY, by=landlord[1])
    assert [(row.line, row.taken is not None) for row in rows] == [(2, True), (3, False), (4, True)]
    assert {error.field for error in rows[1].errors} == {"number"}
    again = report_list(reporter=landlord[0], content=content, on=TODAY, by=landlord[1])
    assert [row.taken.is_repeated for row in again if row.taken] == [True, True]
    assert Report.objects.count() == 2


def test_a_workbook_is_read_as_well_and_a_number_stored_as_a_figure_is_refused(chen: Mainlander, landlord: Any) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADINGS)
    sheet.append(["入住", "陈演示", chen.number, RUIAN, ADDRESS, FIRST])
    sheet.append(["入住", "陈演示", 511302198005170000, RUIAN, ADDRESS, FIRST])
    written = BytesIO()
    book.save(written)
    first, second = report_list(reporter=landlord[0], content=written.getvalue(), on=TODAY, by=landlord[1])
    assert first.taken is not None
    assert [error.code for error in second.errors] == ["importing.digits_lost"]


def test_a_list_without_a_column_or_with_too_many_rows_is_refused_whole(
    landlord: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Invalid, match=r"residence\.headings_missing") as refused:
        report_list(reporter=landlord[0], content="姓名,日期\n".encode(), on=TODAY, by=landlord[1])
    assert "公民身份号码" in str(refused.value.facts["headings"])
    monkeypatch.setattr(lists, "MOST_ROWS", 1)
    row = ["入住", "陈演示", "1", RUIAN, ADDRESS, "2026-09-16"]
    with pytest.raises(Invalid, match=r"residence\.too_many_rows"):
        report_list(reporter=landlord[0], content=csv_of(row, row), on=TODAY, by=landlord[1])


@pytest.mark.parametrize(
    ("kind", "code", "wrong"),
    [
        ("employer", "913303810000000000", "residence.credit_code_wrong"),
        ("employer", "110101199003070003", "residence.credit_code_wrong"),
        ("landlord", "123", "residence.landlord_code_wrong"),
    ],
)
def test_a_reporter_has_a_credit_code_and_a_landlord_may_have_an_identity_number(
    kind: str, code: str, wrong: str
) -> None:
    account = Account.objects.create(username=f"new-{kind}")
    by = Principal(PrincipalKind.RESIDENT, account.pk)
    who: dict[str, Any] = {"name": "演示", "contact": "0577", "region": RUIAN, "by": by, "account_id": account.pk}
    with pytest.raises(Invalid) as refused:
        register_reporter(kind=kind, code=code, **who)
    assert [error.code for error in refused.value.errors] == [wrong]
    assert register_reporter(kind="landlord", code=an_identity_number(), **who).state == "unverified"
    account.refresh_from_db()
    assert account.is_reporter


def test_a_residents_account_is_no_reporters() -> None:
    account = Account.objects.create(username="chen")
    chen = a_mainlander(account=account)
    with pytest.raises(Conflict, match=r"residence\.account_is_a_residents"):
        register_reporter(account_id=account.pk, kind="agent", name="x", code=a_credit_code(), contact="1",
                          region=RUIAN, by=chen.principal)  # fmt: skip


def test_a_refused_reporter_reports_no_more() -> None:
    reporter, by = a_reporter(is_verified=False)
    registrar = a_registrar(the_office())
    assert list(reporters_waiting(registrar)) == [reporter]
    verify_reporter(reporter_id=reporter.pk, is_verified=False, version=1, by=registrar)
    assert not list(reporters_waiting(registrar))
    with pytest.raises(Forbidden, match=r"residence\.reporter_refused"):
        reporter_of(by)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("91350100M000100Y43", True), ("91350100m000100y43", True), ("91350100M000100Y44", False), ("", False)],
)
def test_the_check_character_of_a_credit_code_is_that_of_the_standard(text: str, is_one: bool) -> None:
    assert (credit_code(text) is not None) is is_one
