"""What the tests of the outbox stand on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from yizhengtong.foundation.exchange import claiming
from yizhengtong.foundation.exchange.tests.platforms import following


@pytest.fixture
def followed() -> Iterator[None]:
    """The tests' kind of event is followed."""
    with following():
        yield


@pytest.fixture
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what failed be tried again at once: such tests look at order and loss, not at patience."""
    monkeypatch.setattr(claiming, "wait_after", lambda _attempts, _chance: timedelta(milliseconds=1))
    monkeypatch.setattr(claiming, "rest_after", lambda _failures, _chance: None)
