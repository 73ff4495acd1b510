"""Attestations by certificates (HAIP 1.0): the chain leads to a root that their maker registered, and to no other."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from joserfc.jwk import ECKey

from tests.support.issuers import Authority, Key
from tests.support.people import Resident
from yizhengtong.verification.authorization.models import Client, Grant, WalletProvider
from yizhengtong.verification.authorization.tests.test_clients import ISSUER, attestation
from yizhengtong.verification.authorization.tests.test_codes import code_for
from yizhengtong.verification.authorization.tests.wallet import REDIRECT, Wallet, answer_of, error_of, new_key

pytestmark = pytest.mark.django_db
ROOT, STRANGER = Authority(), Authority()
SIGNER, OTHER = ROOT.signer(is_for_mdoc=False), STRANGER.signer(is_for_mdoc=False)


def written(*certificates: bytes) -> list[str]:
    return [b64encode(each).decode() for each in certificates]


def private(key: Key) -> ECKey:
    return ECKey.import_key(key.private)


@pytest.fixture
def provider(db: None) -> WalletProvider:
    return WalletProvider.objects.create(
        issuer=ISSUER, name="示范钱包", jwks={"keys": []}, roots=written(ROOT.root)
    )  # fmt: skip


def certified(signer: Key = SIGNER, *, x5c: Any = None, **changed: Any) -> dict[str, str]:
    chain = written(*signer.certificates) if x5c is None else x5c
    return attestation(by=private(signer), header={"kid": None, "x5c": chain}, **changed)


@pytest.mark.parametrize("issuer", [ISSUER, None], ids=["named", "unnamed"])
def test_a_wallet_is_attested_by_a_certificate_of_its_maker(
    provider: WalletProvider, wang: Resident, issuer: str | None
) -> None:
    wallet = Wallet(attest=lambda: certified(a_iss=issuer))
    answer = answer_of(wallet.redeem(code_for(wallet, wang)))
    assert Grant.objects.get().client_name == "示范钱包"
    assert wallet.refresh(answer["refresh_token"]).status_code == 200


BAD: dict[str, dict[str, Any]] = {
    "of another authority": {"signer": OTHER},
    "of another authority, unnamed": {"signer": OTHER, "a_iss": None},
    "of another maker's name": {"a_iss": "https://other.example"},
    "signed by another key": {"signer": OTHER, "x5c": written(*SIGNER.certificates)},
    "with its root first": {"x5c": written(ROOT.root, *SIGNER.certificates)},
    "without any": {"x5c": []},
    "that are none": {"x5c": ["AAAA"]},
    "signed by the root itself": {"signer": Key(private=ROOT.key.private, certificates=(ROOT.root,))},
}


@pytest.mark.parametrize("case", BAD)
def test_certificates_that_lead_to_no_root_attest_nobody(provider: WalletProvider, case: str) -> None:
    refused = Wallet(attest=lambda: certified(**BAD[case])).push()
    assert (refused.status_code, error_of(refused)) == (401, "invalid_client")


def test_a_certificate_attests_while_it_is_good(provider: WalletProvider) -> None:
    since = timezone.now() - timedelta(hours=3)
    over = ROOT.signer(begins=since, lasts=timedelta(hours=1), is_for_mdoc=False)
    assert error_of(Wallet(attest=lambda: certified(over)).push()) == "invalid_client"
    assert Wallet(attest=certified).push().status_code == 201


def test_a_maker_no_longer_believed_attests_by_no_certificate(provider: WalletProvider) -> None:
    WalletProvider.objects.update(is_active=False)
    for issuer in (ISSUER, None):
        assert error_of(Wallet(attest=lambda named=issuer: certified(a_iss=named)).push()) == "invalid_client"


def test_a_root_of_two_makers_needs_the_makers_name(provider: WalletProvider) -> None:
    WalletProvider.objects.create(issuer="https://two.example", name="二", jwks={"keys": []}, roots=provider.roots)
    assert Wallet(attest=certified).push().status_code == 201
    assert error_of(Wallet(attest=lambda: certified(a_iss=None)).push()) == "invalid_client"


def test_who_brings_certificates_beside_a_kid_is_known_by_either(provider: WalletProvider) -> None:
    key = new_key()
    jwks = {"keys": [{**key.as_dict(private=False), "kid": "one"}]}
    WalletProvider.objects.update(jwks=jwks, roots=[])
    both = {"kid": "one", "x5c": written(*SIGNER.certificates)}
    assert Wallet(attest=lambda: attestation(by=key, header=both)).push().status_code == 201
    assert error_of(Wallet(attest=lambda: attestation(by=private(SIGNER), header=both)).push()) == "invalid_client"


def test_an_attested_wallet_goes_back_only_where_its_maker_said(provider: WalletProvider) -> None:
    wallet = Wallet(attest=certified)
    assert wallet.push(redirect_uri="https://thief.example/back").status_code == 201, "nobody said where"
    WalletProvider.objects.update(redirect_uris=[REDIRECT])
    assert error_of(wallet.push(redirect_uri="https://thief.example/back")) == "invalid_request"
    assert wallet.push().status_code == 201


def test_an_attestation_of_a_closed_client_is_of_no_use(provider: WalletProvider) -> None:
    Client.objects.create(
        client_id="https://wallet.example", name="x", redirect_uris=[REDIRECT], is_active=False
    )  # fmt: skip
    assert error_of(Wallet(attest=certified).push()) == "invalid_client"
