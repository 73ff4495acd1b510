"""The world of the guards, made once for the tests of a file and undone afterwards."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings

from tests.contract.world import World, make_world
from tests.support.web_role import requests_as_web


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the files of a world lie."""
    return tmp_path_factory.mktemp("world")


@pytest.fixture(scope="module")
def made(folder: Path, roles: None, django_db_blocker: Any) -> Iterator[World]:
    """One world a file, in a transaction that is never committed. Its requests run under the web's role."""
    with django_db_blocker.unblock(), override_settings(**places(folder)), transaction.atomic(), requests_as_web():
        yield make_world()
        transaction.set_rollback(True)


def places(folder: Path) -> dict[str, Any]:
    """Return the settings that say where files lie."""
    home = django_settings.CONFIGURATION.model_copy(update={"home": folder})
    return {"CONFIGURATION": home, "YZT_FILES": folder / "files", "YZT_PHOTO_RECEIPTS": folder / "photo-receipts"}


@pytest.fixture
def _django_db_helper(world: World) -> None:
    """Tests marked django_db find the world here, where elsewhere they find an empty database of their own."""


@pytest.fixture
def world(made: World, folder: Path, settings: Any, _files_apart: None) -> Iterator[World]:
    """The world as it was made: what a test does to it is undone."""
    settings.YZT_FILES = folder / "files"
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)
