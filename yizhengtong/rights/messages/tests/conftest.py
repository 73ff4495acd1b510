"""The small city with cases, as the rooms below make it."""

import pytest

from tests.support.city import City, a_city


@pytest.fixture
def town(db: None) -> City:
    return a_city()
