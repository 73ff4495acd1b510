"""Relying parties of the demonstration, all synthetic: approved beforehand, each for what such a one checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from yizhengtong.foundation.accounts.principals import SYSTEM
from yizhengtong.verification.relying_parties.models import Environment, RelyingPartyAddress
from yizhengtong.verification.relying_parties.services import register_relying_party

APP_ADDRESS = "https://app.example/back"
"""Where residents who sign in to the app go on. Nothing listens there; nothing needs to."""


@dataclass(frozen=True, slots=True)
class Party:
    """A relying party. `address`: to which those who sign in there go back; empty: nobody signs in there."""

    name: str
    legal_basis: str
    purposes: tuple[str, ...]
    environment: Environment = Environment.PRODUCTION
    address: str = ""


PARTIES: Mapping[str, Party] = {
    "relying_party_key": Party("泉城演示银行", "《中华人民共和国反洗钱法》", ("bank", "work")),
    "school_key": Party("泉城演示大学", "《普通高等学校学生管理规定》", ("school",)),
    "hotel_key": Party("泉城演示酒店", "《旅馆业治安管理办法》", ("hotel",)),
    "app_key": Party("泉城演示生活", "《中华人民共和国网络安全法》", ("platform",), address=APP_ADDRESS),
    "test_key": Party("泉城演示沙箱", "演示", (), Environment.TEST),
}
"""By the name under which the demonstration keeps its secret."""


def register(party: Party) -> str:
    """Register a party with its address, and return its secret."""
    made, key = register_relying_party(
        name=party.name, legal_basis=party.legal_basis, purposes=party.purposes, by=SYSTEM,
        environment=party.environment,
    )  # fmt: skip
    if party.address:
        kind = RelyingPartyAddress.Kind.REDIRECT
        RelyingPartyAddress.objects.create(relying_party=made, kind=kind, uri=party.address)
    return key
