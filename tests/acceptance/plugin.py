"""What pytest tells about marked tests: which rows each names, and how it ended. Works under xdist too."""

from collections.abc import Sequence
from typing import cast

import pytest

_PROPERTY = "rows"


def rows_of(item: pytest.Item) -> tuple[str, ...]:
    """The rows a test's marks name, once each, in order."""
    named = (str(row) for mark in item.iter_markers("row") for row in mark.args)
    return tuple(dict.fromkeys(named))


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Note each test's rows where its reports carry them from a worker to the run."""
    for item in items:
        item.user_properties.append((_PROPERTY, list(rows_of(item))))


class Recorder:
    """Keeps the outcome of each pair of a test and a row it names: passed, failed, skipped, expected to fail."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst of the phases of a test."""
        outcome = "expected to fail" if hasattr(report, "wasxfail") else report.outcome
        named = (row for name, rows in report.user_properties if name == _PROPERTY for row in cast("list[str]", rows))
        for row in named:
            pair = f"{report.nodeid} {row}"
            if self.outcomes.get(pair, "passed") == "passed":
                self.outcomes[pair] = outcome


class Reader:
    """Takes every marked test that would be run as passed: what the page says when the run is good."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the marked tests without running one."""
        for item in session.items:
            for row in rows_of(item):
                self.outcomes[f"{item.nodeid} {row}"] = "passed"
