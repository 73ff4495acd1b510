"""王小明 with an account, and a catalogue of two credentials: what is issued is another room's matter."""

import pytest

from tests.support.people import Resident, a_principal, a_resident
from yizhengtong.foundation.accounts.models import Account
from yizhengtong.verification.authorization import configurations

ZHEJIANG, MDOC = "zhejiang_permit_sd_jwt", "zhejiang_permit_mdoc"


@pytest.fixture(autouse=True)
def two_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configurations, "credential_types", lambda: {ZHEJIANG: None, MDOC: None})


@pytest.fixture
def wang(db: None) -> Resident:
    return with_account("wang")


def with_account(username: str, name: str = "王小明") -> Resident:
    account = Account.objects.create(username=username)
    made = a_resident(name=name, account=account, since=None)
    return Resident(made.person, a_principal(account.pk), made.number)
