"""The rows of the law with where each stands: proven by a marked test, recorded only, or open.

rows.csv holds the 331 rows; status.yaml says of a row that it is recorded (why) or open (which part will prove it).
Both override a mark: a test that only sees that words are stored proves no behaviour, and part of a row is not the row.
"""

import csv
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml

from yizhengtong.law.rows import is_row

FOLDER = Path(__file__).parent
PARTS = ("S0-T", "S0-L", "S1", "S2", "S3", "S4")
OPEN_PARTS = frozenset(
    {
        "notifications", "exchange", "zhejiang", "recognition", "settlement", "pages", "papers", "credentials",
        "verification", "coverage", "library", "cards", "operations",
    }
)  # fmt: skip

Standing = Literal["proven", "recorded", "open", "failed", "missing"]


@dataclass(frozen=True, slots=True)
class Row:
    """A statement of the five documents: its id, its kind (COND, DL …), its short words."""

    id: str
    kind: str
    statement: str

    @property
    def part(self) -> str:
        """The part of the seeds it comes from, one of PARTS."""
        head, _, tail = self.id.partition("-")
        return f"{head}-{tail[0]}" if head == "S0" else head


@dataclass(frozen=True, slots=True)
class Status:
    """What status.yaml says: row → why it is only recorded, row → part, mutation (`path key`) → why it is the same."""

    recorded: Mapping[str, str]
    open: Mapping[str, str]
    equivalent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row with its standing.

    `tests` marked with it, those that name few rows first; `why`: the reason, or the part that is to come.
    """

    row: Row
    standing: Standing
    tests: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every row in order, and what is wrong: `faults` end the run with 1, `remarks` are only told."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]
    remarks: tuple[str, ...]


def read_rows(path: Path = FOLDER / "rows.csv") -> tuple[Row, ...]:
    """Read the rows in their order. Raises TypeError for a line of another shape."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(Row(**line) for line in csv.DictReader(file))


def read_status(path: Path = FOLDER / "status.yaml") -> Status:
    """Read what is said of rows that no test proves. Raises TypeError for an unknown section."""
    return Status(**yaml.safe_load(path.read_text("utf-8")))


def make_ledger(rows: tuple[Row, ...], status: Status, marked: Mapping[str, str]) -> Ledger:
    """Bring rows, status and marked tests together.

    `marked`: `node id of a test` + " " + `row id` → its outcome, passed or anything else.
    """
    tests: dict[str, dict[str, str]] = {}
    for pair, outcome in marked.items():
        test, _, row = pair.rpartition(" ")
        tests.setdefault(row, {})[test] = outcome
    breadth = _breadth(tests)
    entries = tuple(_entry(row, status, tests.get(row.id, {}), breadth) for row in rows)
    faults = (*_faults_of_status(rows, status), *_faults_of_marks(tests), *_faults_of_entries(entries))
    return Ledger(entries, faults, tuple(_remarks(entries)))


def _breadth(tests: Mapping[str, Mapping[str, str]]) -> Mapping[str, int]:
    """How many rows each test function names in all its cases: the fewer, the more it says of one."""
    return Counter(name for outcomes in tests.values() for name in {_function(test) for test in outcomes})


def _function(test: str) -> str:
    return test.partition("[")[0]


def _entry(row: Row, status: Status, tests: Mapping[str, str], breadth: Mapping[str, int]) -> Entry:
    names = tuple(sorted({_function(test) for test in tests}, key=lambda name: (breadth[name], name)))
    if row.id in status.recorded:
        return Entry(row, "recorded", names, status.recorded[row.id])
    if row.id in status.open:
        return Entry(row, "open", names, status.open[row.id])
    if not tests:
        return Entry(row, "missing")
    has_passed = all(outcome == "passed" for outcome in tests.values())
    return Entry(row, "proven" if has_passed else "failed", names)


def _faults_of_status(rows: tuple[Row, ...], status: Status) -> Iterator[str]:
    known = {row.id for row in rows}
    for row in sorted((status.recorded.keys() | status.open.keys()) - known):
        yield f"status.yaml names {row}, which is no row"
    for row in sorted(status.recorded.keys() & status.open.keys()):
        yield f"status.yaml lists {row} as recorded and as open: one of them"
    for row, part in status.open.items():
        if part not in OPEN_PARTS:
            yield f"status.yaml opens {row} for {part!r}, which is no part: {', '.join(sorted(OPEN_PARTS))}"


def _faults_of_marks(tests: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    unproven: dict[tuple[str, str], list[str]] = {}
    for row, outcomes in tests.items():
        for test, outcome in outcomes.items():
            if not is_row(row):
                yield f"{test} names {row}, which is no row"
            if outcome != "passed":
                unproven.setdefault((test, outcome), []).append(row)
    for (test, outcome), rows in unproven.items():
        yield f"{test} proves {', '.join(rows)} only when it passes: {outcome}"


def _faults_of_entries(entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        if entry.standing == "missing":
            yield f"{entry.row.id} has no test, and status.yaml says nothing of it: prove it, record it or open it"


def _remarks(entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        if entry.standing == "open" and entry.tests:
            yield f"{entry.row.id} is open ({entry.why}) though marked by {_short(entry.tests)}"


def _short(tests: tuple[str, ...]) -> str:
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    return f"{tests[0]}{more}"
