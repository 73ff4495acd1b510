"""A ring that knows nothing of what an earlier test undid."""

from collections.abc import Iterator

import pytest

from yizhengtong.credentials.keys import ring


@pytest.fixture(autouse=True)
def _own_ring() -> Iterator[None]:
    ring.forget()
    yield
    ring.forget()
