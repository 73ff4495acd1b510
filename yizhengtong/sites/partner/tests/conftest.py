"""An organisation with a member in a browser, a stranger's, a resident with a permit; requests run as the web does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.foundation.accounts.principals import Principal
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.permitting.permits.models import Permit
from yizhengtong.verification.relying_parties.tests.organisations import Organisation, an_account, an_organisation

BORN = date(1994, 8, 23)
NAME = "葉小明"


@dataclass(frozen=True)
class Member:
    """Somebody who acts for an organisation, at a browser."""

    of: Organisation
    browser: Client

    def get(self, path: str, **query: Any) -> Any:
        return self.browser.get(f"/partner{path}", query)

    def post(self, path: str, **sent: Any) -> Any:
        return self.browser.post(f"/partner{path}", sent)


def browser_of(by: Principal, **named: Any) -> Client:
    """A browser with the session of an account."""
    assert by.id
    client = Client(**named)
    client.cookies[settings.SESSION_COOKIE_NAME] = session(Account.objects.get(pk=by.id))
    return client


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def member(town: City) -> Member:
    made = an_organisation()
    return Member(made, browser_of(made.by))


@pytest.fixture
def other(town: City) -> Member:
    made = an_organisation("另一家单位")
    return Member(made, browser_of(made.by))


@pytest.fixture
def newcomer(town: City) -> Client:
    """Somebody who has just made an account."""
    return browser_of(an_account("newcomer"))


@pytest.fixture
def holder(town: City) -> Resident:
    return a_resident(name=NAME)


@pytest.fixture
def permit(town: City, holder: Resident) -> Permit:
    return permit_of(case_at(town, CaseState.COMPLETED, resident=holder)[0])


@pytest.fixture(autouse=True)
def _as_web(roles: None, town: City) -> Iterator[None]:
    with requests_as_web():
        yield


def words(answer: Any, status: int = 200) -> str:
    """Return a page's text, once its status is what it should be."""
    text = str(answer.content.decode())
    assert answer.status_code == status, text[:3000]
    return text
