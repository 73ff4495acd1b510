"""The count of proven, recorded and open rows: nothing is forgotten, counted twice or claimed without a test."""

from collections import Counter
from typing import Literal

import pytest

from tests.acceptance import report
from tests.acceptance.ledger import PARTS, Row, Status, make_ledger, read_rows, read_status
from tests.acceptance.plugin import Recorder
from yizhengtong.law.rows import is_row

ROWS = (Row("S2-11", "VAL", "有效期限5年"), Row("S2-13", "DL", "20个工作日内发放"), Row("S4-14", "DL", "2个工作日"))
NOTHING = Status(recorded={}, open={})
FIVE_YEARS, TWENTY_DAYS = "test_a.py::test_five_years", "test_a.py::test_twenty_days"
KINDS = {
    *("COND", "DOC", "DOC-OUT", "ACTOR", "CHAN", "DL", "FEE", "VAL", "FORM", "NOTE", "RIGHT", "SVC", "CONV", "DUTY"),
    *("COMP", "COMP/REC", "ANS", "REC", "FIG", "CAP", "DATE", "WARN", "PRIV", "FACT", "RULE", "QUOTE"),
}


def standings(status: Status, marked: dict[str, str]) -> list[str]:
    return [entry.standing for entry in make_ledger(ROWS, status, marked).entries]


def test_every_row_is_there_once_in_order_and_every_part_has_its_number() -> None:
    rows = read_rows()
    assert len({row.id for row in rows}) == len(rows) == 331
    counted = Counter(row.part for row in rows)
    assert [counted[part] for part in PARTS] == [40, 45, 103, 62, 51, 30]


def test_the_packs_and_this_table_know_the_same_rows() -> None:
    known = {row.id for row in read_rows()}
    assert all(is_row(row) for row in known)
    tried = {f"{head}{n:0{width}}" for head in ("S0-T", "S0-L", "S1-", "S2-", "S3-", "S4-") for n in range(120)
             for width in (1, 2, 3)}  # fmt: skip
    assert {row for row in tried if is_row(row)} == known


def test_every_row_has_a_kind_and_words_of_its_source_alone() -> None:
    for row in read_rows():
        assert row.kind in KINDS, row.id
        assert row.statement.strip("— "), row.id
        assert not row.statement.startswith("—"), row.id
        assert not row.statement.endswith(". C"), row.id


def test_a_row_with_nothing_is_reported() -> None:
    ledger = make_ledger(ROWS, Status(recorded={"S2-11": "there"}, open={"S4-14": "recognition"}), {})
    assert [entry.standing for entry in ledger.entries] == ["recorded", "missing", "open"]
    (fault,) = ledger.faults
    assert fault.startswith("S2-13 has no test")


def test_a_row_is_proven_when_all_its_tests_pass_and_failed_when_one_does_not() -> None:
    marked = {f"{FIVE_YEARS} S2-11": "passed", f"{TWENTY_DAYS}[1] S2-13": "passed"}
    assert standings(NOTHING, marked) == ["proven", "proven", "missing"]
    for outcome in ("failed", "skipped", "expected to fail"):
        ledger = make_ledger(ROWS, NOTHING, {**marked, f"{TWENTY_DAYS}[2] S2-13": outcome})
        assert [entry.standing for entry in ledger.entries] == ["proven", "failed", "missing"]
        assert any(f"{TWENTY_DAYS}[2] proves S2-13 only when it passes: {outcome}" in each for each in ledger.faults)


def test_cases_of_one_test_are_named_once() -> None:
    marked = {f"{TWENTY_DAYS}[{n}] S2-13": "passed" for n in range(3)}
    assert make_ledger(ROWS, NOTHING, marked).entries[1].tests == (TWENTY_DAYS,)


def test_the_test_that_names_the_fewest_rows_is_named_first() -> None:
    wide, narrow = "test_a.py::test_everything", "test_z.py::test_one_thing"
    marked = {f"{wide} {row.id}": "passed" for row in ROWS} | {f"{narrow} S2-13": "passed"}
    assert make_ledger(ROWS, NOTHING, marked).entries[1].tests == (narrow, wide)


def test_what_is_recorded_or_open_is_not_proven_by_a_mark_and_an_open_one_is_told() -> None:
    marked = {f"{FIVE_YEARS} S2-11": "passed", f"{TWENTY_DAYS} S4-14": "passed", f"{TWENTY_DAYS} S2-13": "passed"}
    ledger = make_ledger(ROWS, Status(recorded={"S2-11": "there"}, open={"S4-14": "recognition"}), marked)
    assert [entry.standing for entry in ledger.entries] == ["recorded", "proven", "open"]
    assert ledger.faults == ()
    assert ledger.remarks == (f"S4-14 is open (recognition) though marked by {TWENTY_DAYS}",)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status(recorded={"S2-63": "there"}, open={}), "status.yaml names S2-63, which is no row"),
        (Status(recorded={"S2-11": "there"}, open={"S2-11": "cards"}), "S2-11 as recorded and as open"),
        (Status(recorded={}, open={"S2-11": "someday"}), "'someday', which is no part"),
    ],
)
def test_what_status_says_wrongly_is_reported(status: Status, words: str) -> None:
    assert any(words in fault for fault in make_ledger(ROWS, status, {}).faults)


def test_a_mark_that_names_no_row_is_reported() -> None:
    ledger = make_ledger(ROWS, NOTHING, {f"{FIVE_YEARS} S2-99": "passed", f"{FIVE_YEARS} D28": "passed"})
    assert f"{FIVE_YEARS} names S2-99, which is no row" in ledger.faults
    assert not any("D28" in fault for fault in ledger.faults)


def test_the_counts_add_up() -> None:
    rows, status = read_rows(), read_status()
    ledger = make_ledger(rows, status, {f"test_a.py::test_{row.id} {row.id}": "passed" for row in rows})
    lines = list(report.lines(ledger))
    counts = [dict(pair.split("=") for pair in line.split()[1:]) for line in lines[-len(PARTS) - 1 :]]
    for count in counts:
        assert int(count["rows"]) == sum(int(count[word]) for word in ("proven", "recorded", "open"))
    parts, everything = counts[:-1], counts[-1]
    for word in ("rows", "proven", "recorded", "open"):
        assert sum(int(count[word]) for count in parts) == int(everything[word])
    assert len(lines) == 331 + 1 + len(PARTS) + 1


def test_a_line_says_row_standing_kind_words_and_tests() -> None:
    ledger = make_ledger(ROWS, Status(recorded={}, open={"S4-14": "recognition"}), {f"{TWENTY_DAYS} S2-13": "passed"})
    _, proven, opened, *_ = report.lines(ledger)
    assert proven.split() == ["S2-13", "proven", "DL", "20个工作日内发放", "←", TWENTY_DAYS]
    assert opened.split() == ["S4-14", "open", "DL", "2个工作日", "←", "recognition"]


def test_no_row_of_jinan_is_open() -> None:
    assert [row for row in read_status().open if row.startswith("S2-")] == []


def test_no_row_of_zhejiang_or_of_settling_is_open_but_chips() -> None:
    ours = {row: part for row, part in read_status().open.items() if row.startswith(("S0-T", "S3-", "S4-"))}
    assert {row: part for row, part in ours.items() if part != "cards"} == {}


def test_no_row_waits_for_a_page_or_a_paper() -> None:
    assert [row for row, part in read_status().open.items() if part in {"pages", "papers"}] == []


def test_a_failure_in_any_phase_of_a_test_counts() -> None:
    recorder = Recorder()
    recorder.pytest_runtest_logreport(phase("call", "passed"))
    assert recorder.outcomes == {f"{FIVE_YEARS} S2-11": "passed"}
    recorder.pytest_runtest_logreport(phase("teardown", "failed"))
    assert recorder.outcomes == {f"{FIVE_YEARS} S2-11": "failed"}


def phase(when: Literal["call", "teardown"], outcome: Literal["passed", "failed"]) -> pytest.TestReport:
    place, rows = ("test_a.py", 1, "test_five_years"), [("rows", ["S2-11"])]
    return pytest.TestReport(FIVE_YEARS, place, {}, outcome, None, when, user_properties=rows)
