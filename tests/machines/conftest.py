"""The small city, committed, so that threads of a machine see it too."""

import pytest

from tests.support.city import City, a_city


@pytest.fixture
def town(transactional_db: None) -> City:
    return a_city()
