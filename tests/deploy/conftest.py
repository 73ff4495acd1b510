"""What the tests of operations stand on: an installation that lived through the journeys."""

from collections.abc import Iterator

import pytest

from tests.deploy.place import Place, empty_database, live_through_the_journeys, migrated_database


@pytest.fixture(scope="session")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation with the journeys' data. Nobody changes it; backups are taken of it."""
    with migrated_database() as database:
        place = Place(tmp_path_factory.mktemp("home"), database)
        live_through_the_journeys(place)
        yield place


@pytest.fixture
def empty_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An empty installation elsewhere, without keys."""
    with empty_database() as database:
        yield Place(tmp_path_factory.mktemp("elsewhere"), database)


@pytest.fixture
def empty(empty_place: Place, lived: Place) -> Place:
    """An empty installation elsewhere that holds the same keys."""
    bundle = empty_place.home / "keys.sealed"
    lived.done("backup_keys", str(bundle), stdin="a passphrase for the drill\n")
    empty_place.done("restore_keys", str(bundle), stdin="a passphrase for the drill\n")
    return empty_place
