"""The kit's own addresses, and browsers of somebody."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from tests.support.sessions import session
from yizhengtong.foundation.accounts.models import Account

Browser = Callable[[Account], Client]


@pytest.fixture(autouse=True)
def _own_addresses(settings: Any) -> None:
    templates = deepcopy(django_settings.TEMPLATES)
    templates[0]["DIRS"] = [Path(__file__).parent / "templates"]
    settings.TEMPLATES = templates
    settings.ROOT_URLCONF = "yizhengtong.foundation.pages.tests.sites"


@pytest.fixture
def account(db: None) -> Account:
    call_command("createcachetable", verbosity=0)
    return Account.objects.create(username="kit-resident")


@pytest.fixture
def browser() -> Browser:
    """Return a browser that is signed in as an account."""

    def signed_in(account: Account) -> Client:
        client = Client(raise_request_exception=False)
        client.cookies[django_settings.SESSION_COOKIE_NAME] = session(account)
        return client

    return signed_in
