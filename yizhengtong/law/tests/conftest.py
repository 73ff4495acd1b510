"""The packs as they are, read once."""

from datetime import date

import pytest

from yizhengtong.law.law import Law
from yizhengtong.law.reading import Library, load

DAY = date(2026, 3, 2)


@pytest.fixture(scope="session")
def library() -> Library:
    return load()


@pytest.fixture(scope="session")
def jinan(library: Library) -> Law:
    return library.law("370100", "hmt", DAY)


@pytest.fixture(scope="session")
def nation(library: Library) -> Law:
    return library.law("cn", "hmt", DAY)


@pytest.fixture(scope="session")
def domestic(library: Library) -> Law:
    return library.law("cn", "floating", DAY)
