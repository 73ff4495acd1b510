"""A holder's browser, and the web's own rights."""

from collections.abc import Iterator

import pytest
from django.test import Client

from tests.support.people import Resident
from tests.support.web_role import requests_as_web
from yizhengtong.permitting.casework.models import Case
from yizhengtong.sites.resident.mine.tests import conftest as mine
from yizhengtong.sites.resident.mine.tests.conftest import Browse

town, browse, holder, stranger, language = mine.town, mine.browse, mine.holder, mine.stranger, mine.language


@pytest.fixture
def own(holder: tuple[Case, Resident], browse: Browse) -> Client:
    return browse(holder[1].person)


@pytest.fixture(autouse=True)
def _as_web(roles: None) -> Iterator[None]:
    """Every request runs as the web's role, so that the policies of rows are asked, too."""
    with requests_as_web():
        yield
