"""What every test stands on: a home folder of its own, a database, the law in force, the demonstration city."""

from datetime import date
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests.home import HOME

# An example may take as long as a busy machine makes it.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")

TODAY = date(2026, 9, 18)
"""A Friday before 调休: the day of the golden vectors, on which tests happen unless they say otherwise."""


@pytest.fixture(scope="session")
def home() -> Path:
    from django.conf import settings

    """The home folder of this test run; the settings must have read it."""
    assert Path(HOME.name) == settings.CONFIGURATION.home
    return Path(HOME.name)


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
