"""A wallet of strangers shows us a permit: @openid4vc/openid4vp reads the request and answers it, with an SD-JWT VC by
@sd-jwt and an mdoc by @auth0/mdl, encrypted and not; and does wrong what it can. The room's tests do the rest.

Modules of the OpenID conformance suite (oid4vp-1final-verifier-test-plan) are named where a case is theirs.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import cbor2
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_der_x509_certificate

from tests.support.city import City
from tests.support.issuers import Authority, Key
from tests.wallets.strangers import ask, needs
from yizhengtong.credentials.catalogue.queries import credential_types
from yizhengtong.credentials.formats.status_list import INVALID, SUSPENDED
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url
from yizhengtong.credentials.issuance.tests.collecting import MDOC, SD_JWT, Holder
from yizhengtong.credentials.issuance.tests.conftest import a_holder, town  # noqa: F401 a fixture
from yizhengtong.credentials.keys import publication
from yizhengtong.credentials.keys.ring import forget
from yizhengtong.verification.checks.models import Check
from yizhengtong.verification.presentations import holding
from yizhengtong.verification.presentations.asking import Started, start_presentation
from yizhengtong.verification.presentations.fetching import fetch_result
from yizhengtong.verification.presentations.models import Presentation
from yizhengtong.verification.presentations.references import response_code_of
from yizhengtong.verification.presentations.tests.conftest import BACK, a_caller
from yizhengtong.verification.presentations.tests.wallet import Wallet, a_wallet
from yizhengtong.verification.relying_parties.callers import Caller

MODES = pytest.mark.parametrize("is_encrypted", [True, False], ids=["direct_post.jwt", "direct_post"])
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _served(settings: Any, live_server: Any) -> None:
    needs("@openid4vc/openid4vp")
    settings.YZT_ADDRESS = live_server.url
    forget()


@pytest.fixture
def wang(town: City) -> Holder:  # noqa: F811
    return a_holder(town, "wang")


@pytest.fixture
def hotel(wang: Holder) -> Caller:
    return a_caller("hotel", "government", "platform")


def asked_by(caller: Caller, **how: Any) -> Started:
    return start_presentation(caller=caller, **{"purpose": "government", "claims": ("name", "number"), **how})


def job(started: Started, wallet: Wallet, form: str, **more: Any) -> dict[str, Any]:
    text, key = wallet.copies[form]
    [root, *_] = publication.roots()
    return {
        "link": started.link, "root": pem_of(root.certificate), "query": form, "key": private_jwk(key),
        "credential": _unsigned(text, form) if form == MDOC else text, **more,
    }  # fmt: skip


def pem_of(certificate: bytes) -> str:
    return load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


def _unsigned(text: str, form: str) -> str:
    """Return an issued mdoc as the library takes one in: a DeviceResponse that no device signed yet."""
    issued = cbor2.loads(decode_base64url(text, "test"))
    document = {"docType": credential_types()[form].doctype, "issuerSigned": issued}
    return encode_base64url(cbor2.dumps({"version": "1.0", "documents": [document], "status": 0}))


def private_jwk(key: Key) -> dict[str, str]:
    secret = key.private.private_numbers().private_value.to_bytes(32, "big")
    point = {name: key.public_jwk[name] for name in ("kty", "crv", "x", "y")}
    return {**point, "kid": key.key_id, "d": encode_base64url(secret)}


def test_a_strangers_wallet_shows_both_forms_in_both_modes(hotel: Caller, wang: Holder) -> None:
    """verifier-happy-flow, for each credential format and response mode; the request is read as 1.0 Final."""
    wallet = a_wallet(wang)
    cases = [(form, is_encrypted) for form in (SD_JWT, MDOC) for is_encrypted in (True, False)]
    started = [asked_by(hotel, is_encrypted=is_encrypted) for _, is_encrypted in cases]
    jobs = [job(each, wallet, form, again=True) for each, (form, _) in zip(started, cases, strict=True)]
    for each, (_, is_encrypted), answer in zip(started, cases, ask("present.js", jobs), strict=True):
        assert answer["ok"], answer
        assert (answer["version"], answer["client"], answer["name"]) == (100, "x509_hash", "悦来客栈")
        assert answer["mode"] == ("direct_post.jwt" if is_encrypted else "direct_post")
        assert (answer["status"], answer["body"], answer["second"]) == (200, {}, 404)
        claims = fetch_result(caller=hotel, key=each.presentation.pk).claims
        assert claims == {"name": "王小明", "number": wang.permit.number}
    assert Check.objects.filter(way="presentation", outcome="told", person_id=wang.permit.person_id).count() == 4


def test_a_strangers_wallet_tells_an_age_and_no_birth_date(hotel: Caller, wang: Holder) -> None:
    wallet = a_wallet(wang)
    started = [asked_by(hotel, purpose="platform", claims=("over_18", "last_day")) for _ in range(2)]
    jobs = [job(each, wallet, form) for each, form in zip(started, (SD_JWT, MDOC), strict=True)]
    for each, answer in zip(started, ask("present.js", jobs), strict=True):
        assert answer["ok"], answer
        assert "birth" not in str(answer["asked"])
        claims = fetch_result(caller=hotel, key=each.presentation.pk).claims
        assert claims == {"over_18": True, "last_day": wang.permit.last_valid_day.isoformat()}


def test_a_strangers_wallet_is_sent_back_with_a_code(hotel: Caller, wang: Holder) -> None:
    wallet, started = a_wallet(wang), asked_by(hotel, redirect_uri=BACK)
    (answer,) = ask("present.js", [job(started, wallet, SD_JWT)])
    code = response_code_of(started.presentation.pk)
    assert answer["body"] == {"redirect_uri": f"{BACK}&response_code={code}"}


LIES: Mapping[str, tuple[str, dict[str, Any], str]] = {
    "sd_hash": (SD_JWT, {"withheld": True}, "sd_jwt.key_binding_wrong_sd_hash"),
    "kb aud": (SD_JWT, {"signed_for": {"client_id": "another"}}, "sd_jwt.key_binding_wrong_aud"),
    "kb nonce": (SD_JWT, {"signed_for": {"nonce": "another"}}, "sd_jwt.key_binding_wrong_nonce"),
    "kb iat in past": (SD_JWT, {"signed_for": {"later": -3600}}, "sd_jwt.key_binding_stale"),
    "kb iat in future": (SD_JWT, {"signed_for": {"later": 3600}}, "sd_jwt.key_binding_stale"),
    "kb signature": (SD_JWT, {"key": private_jwk(Key())}, "sd_jwt.key_binding_signature_wrong"),
    "transcript nonce": (MDOC, {"signed_for": {"nonce": "another"}}, "mdoc.device_signature_wrong"),
    "transcript client_id": (MDOC, {"signed_for": {"client_id": "another"}}, "mdoc.device_signature_wrong"),
    "transcript response_uri": (MDOC, {"signed_for": {"response_uri": "another"}}, "mdoc.device_signature_wrong"),
    "transcript thumbprint": (MDOC, {"signed_for": {"thumbprint": "A" * 43}}, "mdoc.device_signature_wrong"),
    "device signature": (MDOC, {"key": private_jwk(Key())}, "mdoc.device_signature_wrong"),
}
"""verifier-invalid-kb-jwt-sd-hash, -aud, -nonce, -iat-in-past, -iat-in-future, -signature;
verifier-invalid-session-transcript; and of an mdoc a device that is not its holder's."""


@MODES
def test_what_a_strangers_wallet_signed_for_something_else_is_refused(
    hotel: Caller, wang: Holder, is_encrypted: bool
) -> None:
    wallet = a_wallet(wang)
    started = [asked_by(hotel, is_encrypted=is_encrypted) for _ in LIES]
    jobs = [job(each, wallet, form, **how) for each, (form, how, _) in zip(started, LIES.values(), strict=True)]
    for answer, each, (lie, (_, _, code)) in zip(ask("present.js", jobs), started, LIES.items(), strict=True):
        assert answer["ok"], (lie, answer)
        assert (answer["status"], answer["body"]) == (400, {"error": "invalid_request", "error_description": code}), lie
        ensure_refused(each, "invalid")
    assert not Check.objects.exists()


@MODES
@pytest.mark.parametrize("value", [INVALID, SUSPENDED], ids=["revoked", "suspended"])
def test_a_strangers_wallet_shows_in_vain_what_was_revoked_or_suspended(
    hotel: Caller, wang: Holder, is_encrypted: bool, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status list says so, while what the wallet signs is all right."""
    wallet, why = a_wallet(wang), "ended" if value == INVALID else "suspended"
    monkeypatch.setattr(holding, "value_of", lambda _uri, _index: value)
    started = [asked_by(hotel, is_encrypted=is_encrypted) for _ in (SD_JWT, MDOC)]
    jobs = [job(each, wallet, form) for each, form in zip(started, (SD_JWT, MDOC), strict=True)]
    for answer, each in zip(ask("present.js", jobs), started, strict=True):
        assert (answer["status"], answer["body"]["error_description"]) == (400, f"presentations.{why}")
        ensure_refused(each, why)
    assert list(Check.objects.values_list("outcome", "claims")) == [("refused", [])] * 2


def test_a_strangers_wallet_believes_no_link_that_names_another_certificate(hotel: Caller, wang: Holder) -> None:
    """x509_hash: the client_id is the hash of the certificate that signed the request, or nothing is shown."""
    wallet, started = a_wallet(wang), asked_by(hotel)
    named = urlencode({"client_id": started.presentation.client_id})
    other = urlencode({"client_id": f"x509_hash:{'A' * 43}"})
    lies = [{"link": started.link.replace(named, other)}, {"root": pem_of(Authority().root)}]
    for answer in ask("present.js", [job(started, wallet, SD_JWT, **lie) for lie in lies]):
        assert not answer["ok"]
        assert "status" not in answer
    assert Presentation.objects.get().state == "open"


def ensure_refused(started: Started, why: str) -> None:
    found = Presentation.objects.get(pk=started.presentation.pk)
    assert (found.state, found.why, found.result) == ("refused", why, None)
