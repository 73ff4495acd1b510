"""A connection that works for nobody once a test is over, as after a request."""

from collections.abc import Iterator

import pytest

from yizhengtong.foundation.postgresql.readers import read_as_nobody


@pytest.fixture(autouse=True)
def _nobody_reads_on(db: None) -> Iterator[None]:
    yield
    read_as_nobody()
