"""What every test stands on: a home folder of its own, a database, the law in force, the demonstration city."""

import os
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

# Before the settings are read: keys, files and photo receipts of tests lie in a folder that goes with them.
_HOME = tempfile.TemporaryDirectory(prefix="yzt-test-")
os.environ["YZT_HOME"] = _HOME.name
os.environ.pop("YZT_PRODUCTION", None)

TODAY = date(2026, 9, 18)
"""A Friday before 调休: the day of the golden vectors, on which tests happen unless they say otherwise."""


@pytest.fixture(scope="session")
def home() -> Path:
    """The home folder of this test run."""
    return Path(_HOME.name)


@pytest.fixture(autouse=True)
def _files_apart(settings: Any, tmp_path: Path) -> None:
    """Every test keeps its files in a folder of its own."""
    settings.YZT_FILES = tmp_path / "files"


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture
def law_in_force(db: None) -> None:
    """The packs of the checkout, proposed and confirmed."""
    from yizhengtong.project.demonstration.city import put_law_in_force

    put_law_in_force()


@pytest.fixture
def city(db: None, home: Path, today: date) -> object:
    """The demonstration city: law, offices, officers, a relying party. Returns demonstration.city.Demonstration."""
    from yizhengtong.project.demonstration.city import make_city

    (home / "demonstration.json").unlink(missing_ok=True)
    return make_city(today)
