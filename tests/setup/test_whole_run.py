"""What the run on the second database server leaves out says nothing to a database in its own words."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
SQL = re.compile(r"RawSQL|\.raw\(|\.extra\(|\.cursor\(|sql\.SQL|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|LOCK TABLE) ")


@pytest.fixture(scope="module")
def program() -> ModuleType:
    spec = importlib.util.spec_from_file_location("whole_run", ROOT / "scripts" / "test.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_left_out_is_there(program: ModuleType) -> None:
    left_out = program.WITH_THEIR_OWN_DATABASE + program.BY_ADDRESS + program.LONG
    assert [each for each in left_out if not (ROOT / each).exists()] == []


def test_no_house_that_is_left_out_writes_sql_or_migrations_of_its_own(program: ModuleType) -> None:
    houses = [ROOT / folder for folder in program.BY_ADDRESS if folder.startswith("yizhengtong/")]
    files = [path for house in houses for path in house.rglob("*.py") if "tests" not in path.parts]
    assert len(files) > 100
    wrote = [
        str(path.relative_to(ROOT)) for path in files if SQL.search(path.read_text()) or "migrations" in path.parts
    ]
    assert wrote == []


def test_the_search_sees_sql_where_it_stands() -> None:
    site = ROOT / "yizhengtong" / "sites" / "operations"
    assert any(SQL.search(path.read_text()) for path in site.glob("*.py"))
