"""A county's list: the same law and the same rows as one by one; it stops, resumes, and does each line once."""

import csv
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

import pytest

from tests.support.cases import fresh, permit_of
from tests.support.law import TODAY
from tests.support.people import Resident
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.foundation.accounts.roles import Role
from yizhengtong.foundation.audit.models import Entry
from yizhengtong.foundation.events.models import Event
from yizhengtong.foundation.lists.telling import Told
from yizhengtong.kernel.errors import Forbidden, Invalid
from yizhengtong.permitting.casework.converting import running, services
from yizhengtong.permitting.casework.converting.running import Request, Summary, run
from yizhengtong.permitting.casework.gathering import gather_facts, law_for
from yizhengtong.permitting.casework.models import Case, ConversionList, ConversionRow, Decision
from yizhengtong.permitting.casework.services.recomputing import redecide
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.casework.tests.qingyuan import (
    ADDRESS,
    BY_PERMIT,
    BY_STAYS,
    QINGYUAN,
    RUIAN,
    County,
    a_card,
    a_county,
    a_draft,
    a_mainlander,
    half_a_year,
    registers_say,
    submitted,
    the_law,
)
from yizhengtong.permitting.permits.models import Permit

pytestmark = pytest.mark.django_db
HEADINGS = ["公民身份号码", "姓名", "原居住证编号", "现居住住址", "签名日期", "证明种类"]


class Report:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.lines: list[int] = []

    def tell(self, told: Told) -> None:
        self.told.append(told)

    def progress(self, line: int) -> None:
        self.lines.append(line)


@pytest.fixture
def county(db: None) -> County:
    the_law()
    return a_county()


@pytest.fixture
def ruian(county: County) -> County:
    return a_county(RUIAN, "瑞安市", answering=False)


def a_row(who: Resident, permit: Permit | None = None, **changes: str) -> list[str]:
    row = {
        "公民身份号码": who.number, "姓名": who.person.name, "原居住证编号": permit.number if permit else "",
        "现居住住址": ADDRESS, "签名日期": "2026-09-17", "证明种类": "签订劳动合同", **changes,
    }  # fmt: skip
    return [row[heading] for heading in HEADINGS]


def a_list(folder: Path, rows: Sequence[Sequence[str]], name: str = "list.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADINGS, *rows])
    return path


def converted(path: Path, county: County, *, apply: bool = True, by: Principal | None = None) -> tuple[Summary, Report]:
    report = Report()
    clerk = by or county.officer(Role.CLERK)
    office = type(county.station).objects.select_related("parent").get(pk=county.station.pk)
    return run(Request(path, office, clerk, TODAY, is_applied=apply), report), report


@pytest.mark.row("S4-04", "S4-05", "S4-24")
def test_a_list_is_converted_sent_to_officers_or_refused_line_by_line(
    county: County, ruian: County, tmp_path: Path
) -> None:
    holder, registered, stranger = a_mainlander(), a_mainlander(half_a_year()), a_mainlander()
    old = a_card(holder, ruian)
    rows = [
        a_row(holder, old), a_row(registered), a_row(stranger),
        a_row(a_mainlander(), 姓名="别人"),
        a_row(a_mainlander(), 公民身份号码="11010119800101001X", 签名日期="2026-09-19"),
        a_row(a_mainlander(), 证明种类="", 现居住住址=""), a_row(a_mainlander(), 原居住证编号="没有的"),
    ]  # fmt: skip
    with registers_say():
        summary, report = converted(a_list(tmp_path, rows), county)
    told = [(each.line, each.outcome, each.field, each.code) for each in report.told]
    assert told == [
        (2, "converted", "", ""),
        (3, "converted", "", ""),
        (4, "to_officer", "", "casework.declined_unmet"),
        (5, "refused", "name", "casework.row_name_differs"),
        (6, "refused", "identity_number", "casework.row_number_wrong"),
        (6, "refused", "signed_on", "casework.row_day_wrong"),
        (7, "refused", "residence_address", "casework.row_lacks_cells"),
        (7, "refused", "proof", "casework.row_lacks_cells"),
        (8, "refused", "permit_number", "casework.row_permit_unknown"),
    ]
    assert summary.outcomes == {"converted": 2, "to_officer": 1, "refused": 4}
    old.refresh_from_db()
    case = Case.objects.get(person=holder.person)
    assert (old.state, old.succeeded_by_id, case.item) == ("ended", permit_of(case).pk, BY_PERMIT)
    assert Case.objects.get(person=registered.person).item == BY_STAYS
    assert Case.objects.get(person=stranger.person).state == CaseState.ACCEPTED
    assert not Permit.objects.filter(person=stranger.person).exists()


def test_a_converted_line_leaves_the_rows_that_one_by_one_leaves(county: County, ruian: County, tmp_path: Path) -> None:
    listed, alone = a_mainlander(), a_mainlander()
    a_card(listed, ruian)
    a_card(alone, ruian)
    with registers_say():
        converted(a_list(tmp_path, [a_row(listed)]), county)
        submitted(alone, a_draft(alone))
        case, other = Case.objects.get(person=listed.person), Case.objects.get(person=alone.person)
        law = law_for(case.item, QINGYUAN, TODAY)
        one, two = (gather_facts(each.application, law, each) for each in (case, other))
    assert [each.action for each in case.journal.order_by("at")] == [
        each.action for each in other.journal.order_by("at")
    ]
    assert [each.rule for each in case.journal.order_by("at")][2:] == [
        each.rule for each in other.journal.order_by("at")
    ][2:]
    acts = [
        list(
            Entry.objects.filter(person_id=who.person.pk, action__regex="^(casework|permits)")
            .order_by("action")
            .values_list("action", flat=True)
        )
        for who in (listed, alone)
    ]
    assert acts[0] == acts[1]
    events = [sorted(_kinds(who)) for who in (listed, alone)]
    assert events[0] == events[1]
    for field in ("state", "due_on", "decided_on", "item", "office_id", "version", "automatic_declined_because"):
        assert getattr(case, field) == getattr(other, field), field
    assert redecide(case.pk).agrees
    frozen = Decision.objects.get(case=case).facts
    differ = {"birth_date", "channel", "promises", "applies_of_own_will"}  # two persons, paper and online
    facts = Decision.objects.get(case=other).facts
    assert {name for name in facts if facts[name] != frozen[name]} == differ
    assert one.permits[0].kind == two.permits[0].kind
    assert permit_of(case).card.keys() == permit_of(other).card.keys()


def _kinds(who: Resident) -> list[str]:
    found = Event.objects.filter(person_id=who.person.pk, kind__regex="^(cases|permits|casework)")
    return list(found.values_list("kind", flat=True))


def test_the_rehearsal_says_the_same_and_writes_nothing(county: County, ruian: County, tmp_path: Path) -> None:
    holder, stranger = a_mainlander(), a_mainlander()
    old = a_card(holder, ruian)
    path = a_list(tmp_path, [a_row(holder, old), a_row(stranger), a_row(holder, old)])
    with registers_say():
        rehearsed, _ = converted(path, county, apply=False)
        assert not Case.objects.exists()
        assert not ConversionList.objects.exists()
        applied, _ = converted(path, county)
    assert rehearsed.outcomes == applied.outcomes == {"converted": 1, "to_officer": 1, "known": 1}


def test_a_run_that_was_cut_off_goes_on_and_does_no_line_twice(county: County, ruian: County, tmp_path: Path) -> None:
    people = [a_mainlander() for _ in range(5)]
    for who in people:
        a_card(who, ruian)
    path = a_list(tmp_path, [a_row(who) for who in people])
    convert, calls = services.convert_part, []

    def cut_off(**named: object) -> object:
        calls.append(named["last_line"])
        if len(calls) > 1:
            raise KeyboardInterrupt
        return convert(**named)  # type: ignore[arg-type]

    with registers_say(), mock.patch.object(running, "LINES_AT_ONCE", 2):
        with mock.patch.object(running, "convert_part", cut_off), pytest.raises(KeyboardInterrupt):
            converted(path, county)
        assert Case.objects.count() == 2
        summary, report = converted(path, county)
        assert (summary.resumed_after, summary.outcomes) == (3, {"converted": 3})
        again, _ = converted(path, county)
        other, _ = converted(a_list(tmp_path, [a_row(who) for who in reversed(people)], "other.csv"), county)
    assert again.lines == 0
    assert other.outcomes == {"known": 5}
    assert Case.objects.count() == ConversionRow.objects.count() == 5
    assert report.lines == [5, 6]


def test_somebody_whose_conversion_is_under_way_is_refused_with_the_reason(
    county: County, ruian: County, tmp_path: Path
) -> None:
    who = a_mainlander()
    a_card(who, ruian)
    submitted(who, a_draft(who, papers={"identity": "identity_card", "employment_proof": "labour_contract"}))
    with registers_say():
        _, report = converted(a_list(tmp_path, [a_row(who)]), county)
    assert [each.code for each in report.told] == ["casework.undecided_case_exists"]
    assert Case.objects.count() == 1


def test_without_registers_every_line_is_for_officers(county: County, ruian: County, tmp_path: Path) -> None:
    who = a_mainlander()
    old = a_card(who, ruian)
    summary, _ = converted(a_list(tmp_path, [a_row(who)]), county)
    assert summary.outcomes == {"to_officer": 1}
    old.refresh_from_db()
    assert old.state == "held"
    case = fresh(Case.objects.get())
    assert (case.state, case.accepted_by is None) == (CaseState.ACCEPTED, False)


def test_only_a_clerk_of_the_area_of_a_place_with_recognition_converts(
    county: County, ruian: County, tmp_path: Path
) -> None:
    path = a_list(tmp_path, [])
    with pytest.raises(Forbidden):
        converted(path, county, by=county.officer(Role.REVIEWER))
    with pytest.raises(Invalid, match="no_conversion"):
        converted(path, ruian)
    path.write_text("姓名\n")
    with pytest.raises(Invalid, match="columns_missing"):
        converted(path, county)
