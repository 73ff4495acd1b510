"""Attestations of keys: by a key their maker registered, or by certificates that lead to a root of its own."""

from typing import Any

import pytest
from joserfc.jwk import ECKey

from yizhengtong.credentials.formats.jose import open_compact
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.sites.wallet.attesting import attester_of
from yizhengtong.verification.authorization.models import WalletProvider
from yizhengtong.verification.authorization.tests.test_attesters import OTHER, ROOT, SIGNER, private, written
from yizhengtong.verification.authorization.tests.test_clients import ISSUER
from yizhengtong.verification.authorization.tests.wallet import new_key, signed

pytestmark = pytest.mark.django_db
ATTESTS_KEYS = "key-attestation+jwt"


def opened(by: ECKey, **header: Any) -> Any:
    token = signed(by, {"typ": ATTESTS_KEYS, **header}, {"attested_keys": []})
    return open_compact(token, attester_of, typ=ATTESTS_KEYS)[1]


def test_keys_are_attested_by_a_certificate(db: None) -> None:
    WalletProvider.objects.create(issuer=ISSUER, name="示范钱包", jwks={"keys": []}, roots=written(ROOT.root))
    assert opened(private(SIGNER), x5c=written(*SIGNER.certificates)) == {"attested_keys": []}
    with pytest.raises(FormatProblem, match="attester_unknown"):
        opened(private(OTHER), x5c=written(*OTHER.certificates))
    with pytest.raises(FormatProblem, match="signature_wrong"):
        opened(private(OTHER), x5c=written(*SIGNER.certificates))
    for nothing in ({}, {"kid": 1}, {"kid": "one"}, {"x5c": "x"}, {"x5c": [1]}):
        with pytest.raises(FormatProblem, match="attester_unknown"):
            attester_of({"typ": ATTESTS_KEYS, "alg": "ES256", **nothing})


def test_two_makers_may_call_their_keys_alike(db: None) -> None:
    keys = [new_key(), new_key()]
    for number, key in enumerate(keys):
        jwks = {"keys": [{**key.as_dict(private=False), "kid": "one"}]}
        WalletProvider.objects.create(issuer=f"https://{number}.example", name="x", jwks=jwks)
    for key in keys:
        assert opened(key, kid="one") == {"attested_keys": []}
    with pytest.raises(FormatProblem, match="signature_wrong"):
        opened(new_key(), kid="one")
