"""王小明 with a permit and a browser, and a bank that asks; with the rights of the web's role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.support.cases import case_at, permit_of
from tests.support.city import City, a_city
from tests.support.people import Resident, a_principal, a_resident
from tests.support.sessions import session
from tests.support.web_role import requests_as_web
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.keys.ring import forget
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.verification.openid.tests.party import Party, a_party, query_of


@pytest.fixture(autouse=True)
def _as_web(roles: None) -> Iterator[None]:
    forget()
    with requests_as_web():
        yield


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def wang(town: City) -> Holder:
    """王小明, whose card is handed over."""
    return a_holder(town, "wang")


@pytest.fixture
def bank(db: None) -> Party:
    return a_party("bank", "platform")


def a_holder(town: City, username: str, **person: Any) -> Holder:
    account = Account.objects.create(username=username)
    made = a_resident(account=account, **person)
    resident = Resident(made.person, a_principal(account.pk), made.number)
    case, _ = case_at(town, CaseState.COMPLETED, resident=resident)
    return Holder(permit_of(case), resident.principal)


def browser_of(who: Holder) -> Client:
    client = Client(headers={"Accept-Language": "zh-CN"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session(Account.objects.get(pk=str(who.principal.id)))
    return client


def page_of(browser: Client, address: str) -> str:
    """Follow the authorization endpoint to the page of consent."""
    sent = browser.get(address)
    assert sent.status_code == 303, sent.content.decode()
    assert sent["Location"].startswith("/openid/consent?"), sent["Location"]
    found: str = sent["Location"]
    return found


def say_yes(browser: Client, address: str, *claims: str) -> str:
    """Say yes on the page, with claims ticked, and return where one is sent."""
    answer = browser.post(page_of(browser, address), {"answer": "yes", "claims": claims})
    assert answer.status_code == 303, answer.content.decode()
    found: str = answer["Location"]
    return found


def a_code(browser: Client, party: Party, *claims: str, **changed: Any) -> str:
    return query_of(say_yes(browser, party.pushed(**changed), *claims))["code"]
