"""What every test stands on: a home folder of its own, a database, the law in force, the demonstration city."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import hypothesis
import pytest

from tests.home import HOME
from tests.support.migrated import migrated

# An example may take as long as a busy machine makes it.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

TODAY = date(2026, 9, 18)
"""A Friday before 调休: the day of the golden vectors, on which tests happen unless they say otherwise."""


_TESTS = Path(__file__).parent / "tests"
_STARTED_ONCE = tuple(_TESTS / folder for folder in ("deploy", "observability"))
"""Folders whose tests share a running platform: with `--dist loadgroup` one process starts it, not each."""
_LONG = (
    *("tests/pages/", "tests/upgrade/", "tests/faults/test_storm.py"),
    *("tests/wallets/", "tests/machines/", "tests/identity/"),
)
"""Where tests or groups take longest, longest first: they run before others of their kind, so that both processes end
at once. (pytest-django's kinds: tests that undo what they wrote, that empty the tables, that have no database.)"""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--of-database", action="store_true", help="run what asks the database of the run, one case of each"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--of-database"):
        others = {item for item in items if not _asks_the_database(item)} | _other_cases(items)
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]
    for item in items:
        for folder in _STARTED_ONCE:
            if item.path.is_relative_to(folder):
                item.add_marker(pytest.mark.xdist_group(folder.name))
        if "server" in getattr(item, "fixturenames", ()):  # tests/conftest.py
            item.add_marker(pytest.mark.xdist_group("served"))
    items.sort(key=_turn)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse to run where xdist makes no groups: every process would start a platform of its own."""
    is_grouped = getattr(session.config.option, "loadgroup", False)
    marked = [item for item in session.items if item.get_closest_marker("xdist_group")] if is_grouped else []
    if not all("@" in item.nodeid for item in marked):
        raise pytest.UsageError("xdist does not group tests: pytest is too new for it (requirements/dev.in)")


def _turn(item: pytest.Item) -> int:
    """Return when a test's folder has its turn; tests of one turn keep their order."""
    return next((turn for turn, place in enumerate(_LONG) if item.nodeid.startswith(place)), len(_LONG))


def _other_cases(items: list[pytest.Item]) -> set[pytest.Item]:
    """Return the cases of each parametrized test but its first, which asks the database what the others ask.

    What a role may do to a table is asked of each table.
    """
    first: dict[str, pytest.Item] = {}
    for item in items:
        first.setdefault(item.nodeid.partition("[")[0], item)
    kept = set(first.values())
    return {item for item in items if item not in kept and not item.path.is_relative_to(_TESTS / "trust")}


def _asks_the_database(item: pytest.Item) -> bool:
    """Whether a test is marked for the database, stands on a fixture of it, or makes one of its own on that server."""
    if item.get_closest_marker("django_db"):
        return True
    return not _FIXTURES_OF_DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


_FIXTURES_OF_DATABASE = frozenset({"db", "transactional_db", "django_db_setup", "server", "lived", "empty_place"})
"""The last three are platforms on databases of their own, on the run's server (tests/conftest.py, tests/deploy)."""


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """The database of each process is a copy of one that was migrated once; one that stays is used as it is."""
    from django.db import connection

    stays = request.config.getoption("reuse_db") and not request.config.getoption("create_db")
    if "DATABASE_URL" in os.environ and not stays:
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated()


@pytest.fixture(scope="session")
def home() -> Path:
    from django.conf import settings

    """The home folder of this test run; the settings must have read it."""
    assert Path(HOME.name) == settings.CONFIGURATION.home
    return Path(HOME.name)


@pytest.fixture(autouse=True, scope="session")
def _cheap_where_nothing_is_tested() -> Iterator[None]:
    """Passwords cost a thousandth, and the static files are read once a process, not once a test's browser."""
    from django.contrib.auth.hashers import ScryptPasswordHasher
    from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

    read, files = WhiteNoiseMiddleware.add_files_from_finders, {}

    def read_once(middleware: Any) -> None:
        if not files:
            read(middleware)
            files.update(middleware.files)
        middleware.files.update(files)

    with (
        mock.patch.object(ScryptPasswordHasher, "work_factor", 2**4),
        mock.patch.object(WhiteNoiseMiddleware, "add_files_from_finders", read_once),
    ):
        yield


@pytest.fixture(autouse=True, scope="session")
def _packs_read_once() -> Iterator[None]:
    """Each test that puts the law in force reads all packs: a text in which nothing is wrong is read once a process."""
    from yizhengtong.law import reading
    from yizhengtong.law.errors import ErrorList
    from yizhengtong.law.packfile import PackFile, read_pack_file

    files: dict[tuple[str, str], PackFile] = {}

    def read_once(path: str, text: str, errors: ErrorList) -> PackFile | None:
        if (path, text) in files:
            return files[path, text]
        before = len(errors.errors)
        file = read_pack_file(path, text, errors)
        if file is not None and len(errors.errors) == before and len(files) < _MOST_PACKS:
            files[path, text] = file
        return file

    with mock.patch.object(reading, "read_pack_file", read_once):
        yield


_MOST_PACKS = 200
"""Kept are those of the checkout and of tests that change one of them, not what a fuzzer makes."""


@pytest.fixture(autouse=True, scope="session")
def _emptied_of_what_is_ours() -> Iterator[None]:
    """A test that empties the tables leaves Django's list of models and permissions, which nothing changes."""
    from django.contrib.auth.management import create_permissions
    from django.contrib.contenttypes.management import create_contenttypes
    from django.core.management.commands import flush
    from django.core.management.sql import emit_post_migrate_signal
    from django.db.models.signals import post_migrate

    def statements(style: Any, connection: Any, **how: bool) -> list[str]:
        tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        ours = sorted(tables - {"django_content_type", "auth_permission"})
        return list(connection.ops.sql_flush(style, ours, **how))

    def emptied(*arguments: Any, **how: Any) -> None:
        post_migrate.disconnect(create_contenttypes)
        post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
        try:
            emit(*arguments, **how)
        finally:
            post_migrate.connect(create_contenttypes)
            post_migrate.connect(create_permissions, dispatch_uid="django.contrib.auth.management.create_permissions")

    emit = emit_post_migrate_signal
    with (
        mock.patch.object(flush, "sql_flush", statements),
        mock.patch.object(flush, "emit_post_migrate_signal", emptied),
    ):
        yield


@pytest.fixture(autouse=True)
def _read_as_nobody_afterwards() -> Iterator[None]:
    """A test may name a reader, as a request does: the next one begins without."""
    from yizhengtong.foundation.postgresql.readers import read_as_nobody

    yield
    read_as_nobody()


@pytest.fixture(autouse=True, scope="session")
def _figures_at_once() -> Iterator[None]:
    """What relying parties ask is written while they ask: no thread writes behind a test's back."""
    from django.conf import settings

    with mock.patch.object(settings, "YZT_FIGURES_WITHIN_SECONDS", 0):
        yield


@pytest.fixture(autouse=True)
def _files_apart(settings: Any, tmp_path: Path) -> None:
    """Every test keeps its files in a folder of its own."""
    settings.YZT_FILES = tmp_path / "files"


@pytest.fixture(autouse=True)
def _keys_apart_from_the_database(settings: Any) -> None:
    """Tests without a database seal with a key of their own; with one, the vault reads that database's, once."""
    from yizhengtong.foundation.vault import keyring

    settings.YZT_KEYS_REFRESH_SECONDS = 1_000_000
    if not keyring.is_loaded():
        keyring.use(keyring.ring_of_random_keys())


@pytest.fixture(autouse=True)
def _issuer_keys_as_they_lie() -> None:
    """What a test before rotated, and undid, signs nothing in this one."""
    from yizhengtong.credentials.keys import ring

    ring.forget()


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


@pytest.fixture(scope="session")
def roles(django_db_setup: None, django_db_blocker: Any) -> None:
    """What the database's roles may do, given once for the run; the owner is bound by none of it."""
    from yizhengtong.project.roles.applying import apply_roles

    with django_db_blocker.unblock():
        apply_roles()
