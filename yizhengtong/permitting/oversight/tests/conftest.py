"""The small city that these tests happen in."""

import pytest

from tests.support.city import City, a_city


@pytest.fixture
def town(db: None) -> City:
    return a_city()
