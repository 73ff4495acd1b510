"""A small Jinan with an exit–entry office."""

import pytest

from tests.settlement.taipei import Jinan, a_jinan


@pytest.fixture
def jinan(db: None) -> Jinan:
    """The law in force, offices and officers, the exit–entry office of Lixia among them."""
    return a_jinan()
