"""王小明 with copies in a wallet, and a hotel that may ask."""

import pytest

from tests.support.city import City
from yizhengtong.credentials.issuance.tests.collecting import Holder
from yizhengtong.credentials.issuance.tests.conftest import a_holder, town  # noqa: F401 a fixture
from yizhengtong.credentials.keys.ring import forget
from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.kernel.ids import new_id
from yizhengtong.verification.presentations.tests.wallet import Wallet, a_wallet
from yizhengtong.verification.relying_parties.callers import Caller
from yizhengtong.verification.relying_parties.models import RelyingPartyAddress
from yizhengtong.verification.relying_parties.services import register_relying_party

BACK = "https://hotel.example/back?room=1"


@pytest.fixture(autouse=True)
def _keys_of_this_test() -> None:
    """No key that another test made, and its end took back, is remembered."""
    forget()


@pytest.fixture
def wang(town: City) -> Holder:  # noqa: F811
    return a_holder(town, "wang")


@pytest.fixture
def wallet(wang: Holder) -> Wallet:
    return a_wallet(wang)


@pytest.fixture
def hotel(db: None) -> Caller:
    return a_caller("hotel", "platform")


def a_caller(*purposes: str, is_test: bool = False) -> Caller:
    party, _ = register_relying_party(name="悦来客栈", legal_basis="旅馆业治安管理办法", purposes=purposes, by=SYSTEM)
    RelyingPartyAddress.objects.create(relying_party=party, kind="redirect", uri=BACK)
    return Caller(party, new_id(), is_test)
