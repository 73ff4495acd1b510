"""The desk of the small city, today."""

from typing import Any

import pytest

from tests.support.city import a_city
from yizhengtong.sites.desk.tests.desk import Desk, a_desk


@pytest.fixture
def desk(db: None, monkeypatch: Any) -> Desk:
    return a_desk(a_city())
