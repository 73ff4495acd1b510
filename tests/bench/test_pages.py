"""What the first page's figure is made of: everything the page loads, as it goes over the wire."""

from collections.abc import Iterator

import pytest

from benchmarks.pages import first_page_bytes
from tests.bench.answering import Answering, answering

PAGE = (
    b'<link rel="stylesheet" href="/a.css"><script src="/b.js" defer></script>'
    b'<img alt="" src="/c.png"><a href="/not-loaded">more</a><link rel="stylesheet" href="/a.css">'
)
SIZES = {"/": PAGE, "/a.css": b"a" * 1000, "/b.js": b"b" * 300, "/c.png": b"c" * 50}


class _Site(Answering):
    def get(self) -> None:
        self.send(SIZES[self.path])


@pytest.fixture
def port() -> Iterator[int]:
    with answering(_Site) as port:
        yield port


def test_a_first_look_weighs_the_page_and_each_thing_it_loads_once(port: int) -> None:
    bodies = sum(map(len, SIZES.values()))
    weighed = first_page_bytes(port)
    assert bodies < weighed < bodies + 4 * 300
