"""Browsers of residents who have something: the small city, a permit, cases, messages."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from tests.support.cases import case_at
from tests.support.city import City, a_city
from tests.support.people import Resident, a_resident
from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.permitting.casework.models import Case
from yizhengtong.permitting.casework.states import CaseState
from yizhengtong.registry.people.models import Person

Browse = Callable[[Person], Client]


@pytest.fixture
def town(db: None) -> City:
    call_command("createcachetable", verbosity=0)
    return a_city()


@pytest.fixture
def browse() -> Browse:
    """Return a browser signed in as a person, who gets an account for it."""

    def signed_in(person: Person) -> Client:
        if person.account_id is None:
            person.account = Account.objects.create(username=f"resident-{uuid4().hex[:12]}")
            person.save()
        account = person.account
        assert account is not None
        client = Client(raise_request_exception=True)
        client.cookies[settings.SESSION_COOKIE_NAME] = session(account)
        return client

    return signed_in


@pytest.fixture
def holder(town: City) -> tuple[Case, Resident]:
    """Somebody whose case is completed and who holds the permit it granted."""
    return case_at(town, CaseState.COMPLETED)


@pytest.fixture
def stranger(town: City, browse: Browse) -> Client:
    """A browser of somebody else."""
    return browse(a_resident(name="李四").person)


@pytest.fixture(params=["zh-Hans", "zh-Hant-HK", "zh-Hant-TW", "en"])
def language(request: Any) -> str:
    return str(request.param)
