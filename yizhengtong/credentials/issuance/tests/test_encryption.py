"""Requests are encrypted to our key, answers to the wallet's; only who encrypted may name where the answer goes."""

from typing import Any

import pytest
from joserfc import jwe
from joserfc.jwk import ECKey

from yizhengtong.credentials.issuance.encryption import open_request, read_recipient, request_key, seal_answer
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem

WALLET = ECKey.generate_key("P-256", {"kid": "w-1", "alg": "ECDH-ES", "use": "enc"}, private=True)
JWK = WALLET.as_dict(private=False)
ALL = ["ECDH-ES", "A256GCM", "A128GCM", "A128CBC-HS256", "DEF"]


def sealed(content: bytes, *, to: Any = None, **header: Any) -> bytes:
    key: Any = to or request_key()
    said = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": request_key()["kid"], **header}
    named = {name: value for name, value in said.items() if value is not None}
    return jwe.encrypt_compact(named, content, ECKey.import_key(key), algorithms=ALL).encode()


@pytest.mark.parametrize("cipher", ["A128GCM", "A256GCM"])
def test_what_was_encrypted_to_us_is_read(cipher: str) -> None:
    assert open_request(sealed(b'{"a":1}', enc=cipher)) == {"a": 1}


def test_our_key_is_public_the_same_everywhere_and_no_signing_key() -> None:
    assert request_key() == request_key()
    assert "d" not in request_key()
    assert request_key()["use"] == "enc"


@pytest.mark.parametrize("token", [b"x", b"", b"a.b.c.d.e", b"\xff"])
def test_what_is_no_encrypted_request_is_refused(token: bytes) -> None:
    assert fault_of(token) == Fault.INVALID_ENCRYPTION


@pytest.mark.parametrize("content", [b"no json", b"[1]", b'{"a":1,"a":2}'])
def test_what_holds_no_object_is_refused(content: bytes) -> None:
    assert fault_of(sealed(content)) == Fault.INVALID_ENCRYPTION


@pytest.mark.parametrize(
    "header", [{"enc": "A128CBC-HS256"}, {"kid": "other"}, {"kid": None}, {"zip": "DEF"}, {"to": JWK}]
)
def test_what_is_encrypted_otherwise_is_refused(header: dict[str, Any]) -> None:
    assert fault_of(sealed(b'{"a":1}', **header)) == Fault.INVALID_ENCRYPTION


def test_what_was_changed_on_the_way_is_refused() -> None:
    assert fault_of(sealed(b'{"a":1}')[:-4] + b"AAAA") == Fault.INVALID_ENCRYPTION


@pytest.mark.parametrize("cipher", ["A128GCM", "A256GCM"])
def test_only_the_wallet_reads_an_answer_that_it_wanted_encrypted(cipher: str) -> None:
    recipient = read_recipient({"credential_response_encryption": {"jwk": JWK, "enc": cipher}}, was_encrypted=True)
    assert recipient is not None
    opened = jwe.decrypt_compact(seal_answer({"credentials": []}, recipient), WALLET, algorithms=["ECDH-ES", cipher])
    assert opened.plaintext == b'{"credentials":[]}'
    assert opened.protected["kid"] == "w-1"
    assert opened.protected["enc"] == cipher


def test_an_answer_is_not_encrypted_where_nobody_asks() -> None:
    assert read_recipient({}, was_encrypted=True) is None
    assert read_recipient({}, was_encrypted=False) is None


@pytest.mark.parametrize(
    "wanted",
    [
        7, {}, {"jwk": JWK}, {"enc": "A256GCM"}, {"jwk": "x", "enc": "A256GCM"},
        {"jwk": JWK, "enc": "A256GCM", "zip": "DEF"},
        {"jwk": JWK, "enc": "A128CBC-HS256"}, {"jwk": {**JWK, "alg": "RSA-OAEP"}, "enc": "A256GCM"},
        {"jwk": {**JWK, "d": "AA"}, "enc": "A256GCM"}, {"jwk": {"kty": "OKP", "alg": "ECDH-ES"}, "enc": "A256GCM"},
        {"jwk": {**JWK, "x": "A" * 43}, "enc": "A256GCM"},
    ],
)  # fmt: skip
def test_parameters_we_cannot_encrypt_by_are_refused(wanted: Any) -> None:
    with pytest.raises(IssuanceProblem) as caught:
        read_recipient({"credential_response_encryption": wanted}, was_encrypted=True)
    assert caught.value.fault == Fault.INVALID_ENCRYPTION


def test_who_did_not_encrypt_cannot_redirect_the_answer() -> None:
    with pytest.raises(IssuanceProblem) as caught:
        read_recipient({"credential_response_encryption": {"jwk": JWK, "enc": "A256GCM"}}, was_encrypted=False)
    assert caught.value.fault == Fault.INVALID_ENCRYPTION


def fault_of(token: bytes) -> Fault:
    with pytest.raises(IssuanceProblem) as caught:
        open_request(token)
    return caught.value.fault
