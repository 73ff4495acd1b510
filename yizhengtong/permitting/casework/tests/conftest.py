"""The small city for every test that wants it."""

import pytest

from tests.support.city import City, a_city


@pytest.fixture
def town(db: None) -> City:
    """The law in force, offices and officers."""
    return a_city()
