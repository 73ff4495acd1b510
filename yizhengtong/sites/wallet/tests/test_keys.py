"""What is published of our keys: everybody may fetch it, nothing private is in it, a lost key is gone from it."""

from typing import Any

import pytest
from cryptography import x509
from django.test import Client

from yizhengtong.credentials.keys import ring
from yizhengtong.credentials.keys.models import Authority, IssuerKey
from yizhengtong.credentials.keys.queries import Use, signer
from yizhengtong.credentials.keys.services import declare_lost, replace_authority, rotate_key
from yizhengtong.foundation.accounts.principals import SYSTEM

pytestmark = pytest.mark.django_db
OF_KEY = {"kty", "crv", "x", "y", "kid", "alg", "use"}
ADDRESSES = ["/.well-known/jwt-vc-issuer", "/.well-known/jwks.json", "/keys/mdoc.json", "/keys/roots.pem"]


@pytest.fixture(autouse=True)
def _own_ring() -> Any:
    ring.forget()
    yield
    ring.forget()


def _get(client: Client, address: str) -> Any:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer


def test_the_issuers_metadata_names_the_issuer_and_its_keys(client: Client, settings: Any) -> None:
    document = _get(client, "/.well-known/jwt-vc-issuer").json()
    assert document["issuer"] == settings.YZT_ADDRESS
    assert [jwk["kid"] for jwk in document["jwks"]["keys"]] == [signer(Use.SD_JWT).key_id]


@pytest.mark.parametrize("use", Use.values)
def test_each_use_has_its_keys_newest_first_and_nothing_private(client: Client, use: str) -> None:
    before = signer(Use(use)).key_id
    new = rotate_key(use=Use(use), algorithm="ES256", by=SYSTEM, at_once=True)
    answer = _get(client, f"/keys/{use}.json")
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert [jwk["kid"] for jwk in answer.json()["keys"]] == [new.key_id, before]
    assert all(jwk.keys() == OF_KEY for jwk in answer.json()["keys"])


def test_the_set_of_all_holds_every_key_once(client: Client) -> None:
    found = [jwk["kid"] for jwk in _get(client, "/.well-known/jwks.json").json()["keys"]]
    assert sorted(found) == sorted(IssuerKey.objects.values_list("key_id", flat=True))


def test_a_lost_key_is_published_no_more_and_its_certificate_is_on_the_list(client: Client) -> None:
    lost = signer(Use.MDOC)
    certificate = x509.load_der_x509_certificate(lost.certificates[0])
    declare_lost(key_id=lost.key_id, by=SYSTEM)
    assert lost.key_id not in {jwk["kid"] for jwk in _get(client, "/keys/mdoc.json").json()["keys"]}
    (point,) = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert point.full_name
    address = point.full_name[0].value
    answer = _get(client, "/" + address.partition("://")[2].partition("/")[2])
    assert answer["Content-Type"] == "application/pkix-crl"
    revoked = x509.load_der_x509_crl(answer.content)
    entry = revoked.get_revoked_certificate_by_serial_number(certificate.serial_number)
    assert entry is not None
    assert entry.extensions.get_extension_for_class(x509.CRLReason).value.reason == x509.ReasonFlags.key_compromise


def test_roots_are_those_that_are_believed_the_one_in_use_first(client: Client) -> None:
    replace_authority(by=SYSTEM, is_lost=False)
    replace_authority(by=SYSTEM, is_lost=True)
    replace_authority(by=SYSTEM, is_lost=False)
    rows = {row.state: bytes(row.certificate) for row in Authority.objects.all()}
    answer = _get(client, "/keys/roots.pem")
    assert answer["Content-Type"] == "application/pem-certificate-chain"
    found = x509.load_pem_x509_certificates(answer.content)
    assert found[0] == x509.load_der_x509_certificate(rows["active"])
    assert x509.load_der_x509_certificate(rows["lost"]) not in found
    assert len(found) == 3
    assert b"PRIVATE" not in answer.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_of_every_origin_may_fetch_them_and_keep_them_for_a_minute(client: Client, address: str) -> None:
    answer = client.get(address, HTTP_ORIGIN="https://checker.example")
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"] == "public, max-age=60"
    assert "Access-Control-Allow-Credentials" not in answer
    assert not answer.cookies


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_changes_anything_there(client: Client, address: str, method: str) -> None:
    assert getattr(client, method)(address).status_code == 405


@pytest.mark.parametrize(
    "address", ["/keys/root.json", "/keys/MDOC.json", "/keys/secret.json", "/keys/none.crl", "/keys/%00.crl"]
)
def test_what_is_not_there_is_not_found_and_says_nothing(client: Client, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.content) == (404, b"")
