"""A small Jinan with an exit–entry office, and Qingyuan beside Rui'an."""

import os

import pytest

from tests.settlement.taipei import Jinan, a_jinan
from yizhengtong.credentials.papers.fonts import missing_fonts
from yizhengtong.permitting.casework.tests.qingyuan import RUIAN, County, a_county


@pytest.fixture(autouse=True)
def _fonts() -> None:
    """Without fonts nothing is printed: told as not run, and a failure where gaps are failures."""
    if missing_fonts() and not os.environ.get("CI"):
        pytest.skip(f"not run: fonts of papers are missing: {', '.join(missing_fonts())}")


@pytest.fixture
def jinan(db: None) -> Jinan:
    """The law in force, offices and officers, the exit–entry office of Lixia among them."""
    return a_jinan()


@pytest.fixture
def qingyuan(jinan: Jinan) -> County:
    """The county of conversions; an officer answers for each rule of the system."""
    return a_county()


@pytest.fixture
def ruian(qingyuan: County) -> County:
    """The county where cards are issued."""
    return a_county(RUIAN, "瑞安市", answering=False)
