"""What is told over a real server."""

from collections.abc import Iterator

import pytest

from tests.journeys.main_job import Ended, tell_main_job
from tests.journeys.ruian import Told, tell_ruian
from tests.support.serving import Running
from yizhengtong.project.demonstration.journeys import Journeys
from yizhengtong.project.demonstration.receiving import receiving


@pytest.fixture(scope="session")
def journeys(server: Running) -> Iterator[Journeys]:
    """The journeys, with a data platform that listens meanwhile."""
    told = server.journeys
    with receiving(told.beside, told.officer("demo-zhejiang-supervisor")) as told.platform:
        told.platform_listens()
        yield told


@pytest.fixture(scope="session")
def ended(journeys: Journeys) -> Ended:
    """What the main job and the journeys beside it ended with."""
    return tell_main_job(journeys)


@pytest.fixture(scope="session")
def ruian(journeys: Journeys) -> Told:
    """What the journeys of Rui'an ended with."""
    return tell_ruian(journeys)
