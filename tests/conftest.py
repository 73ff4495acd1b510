"""A platform that runs, for all tests of the run that ask it over HTTP or in a browser."""

from collections.abc import Iterator

import pytest

from tests.support.serving import Running, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with serving(tmp_path_factory.mktemp("home")) as running:
        yield running
