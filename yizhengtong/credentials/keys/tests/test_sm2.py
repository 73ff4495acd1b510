"""SM2: what we sign others believe, what others sign we believe, and what is malformed nobody does."""

import ctypes
import gc
import hashlib
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gmssl import sm2 as gmssl  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.credentials.keys import libcrypto, sm2
from yizhengtong.credentials.keys.errors import KeyProblem

PRIME = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
DATA = "新居民 a permit".encode()
# GB/T 32918.5-2017, annex A.2: the recommended curve, the identity of GM/T 0009, the message in ASCII.
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
POINT = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
MESSAGE = b"message digest"


def of_standard() -> sm2.Sm2Signer:
    return sm2.signer_of(b64encode(PRIVATE).decode())


def checker(signer: sm2.Sm2Signer) -> sm2.Sm2Checker:
    return sm2.checker_of(signer.public_jwk)


def test_the_standards_private_key_has_the_standards_public_key() -> None:
    assert sm2.point_of(of_standard().public_jwk) == POINT


def test_the_standards_signature_is_one() -> None:
    assert checker(of_standard()).check(MESSAGE, SIGNATURE)


def test_a_signature_is_64_bytes_and_of_that_data_and_that_key() -> None:
    signer, other = sm2.new_signer(), sm2.new_signer()
    signature = signer.sign(DATA)
    assert len(signature) == 64
    assert checker(signer).check(DATA, signature)
    assert not checker(signer).check(DATA + b"\0", signature)
    assert not checker(other).check(DATA, signature)


def test_a_key_that_was_sealed_signs_as_before() -> None:
    signer = sm2.new_signer()
    again = sm2.signer_of(signer.secret())
    assert again.public_jwk == signer.public_jwk
    assert checker(signer).check(DATA, again.sign(DATA))


def test_gmssl_believes_us_and_we_believe_gmssl() -> None:
    signer = of_standard()
    other = gmssl.CryptSM2(private_key=PRIVATE.hex(), public_key=POINT.hex())
    assert other.verify_with_sm3(signer.sign(DATA).hex(), DATA)
    assert checker(signer).check(DATA, bytes.fromhex(other.sign_with_sm3(DATA)))
    assert not other.verify_with_sm3(signer.sign(DATA).hex(), DATA + b".")


def test_a_signature_under_another_identity_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    signer = sm2.new_signer()
    for identity in (b"", b"ALICE123@YAHOO.COM"):
        monkeypatch.setattr(sm2, "IDENTITY", identity)
        signature = signer.sign(DATA)
        assert checker(signer).check(DATA, signature)
        monkeypatch.undo()
        assert not checker(signer).check(DATA, signature)


def _number(value: int) -> bytes:
    return value.to_bytes(32, "big")


R, S = SIGNATURE[:32], SIGNATURE[32:]
NO_SIGNATURES = {
    "empty": b"",
    "short": SIGNATURE[:-1],
    "long": SIGNATURE + b"\0",
    "in DER": bytes.fromhex("3046022100") + R + bytes.fromhex("022100") + S,
    "r is zero": _number(0) + S,
    "s is zero": R + _number(0),
    "both are zero": bytes(64),
    "r is the order": _number(sm2.ORDER) + S,
    "s is the order": R + _number(sm2.ORDER),
    "both are the largest": b"\xff" * 64,
    "r and s make the order": R + _number(sm2.ORDER - int.from_bytes(R, "big")),
    "s is the order less s": R + _number(sm2.ORDER - int.from_bytes(S, "big")),
    "swapped": S + R,
}


@pytest.mark.parametrize("name", NO_SIGNATURES)
def test_what_is_no_signature_is_refused(name: str) -> None:
    assert not checker(of_standard()).check(MESSAGE, NO_SIGNATURES[name])


@given(at=st.integers(0, 511))
def test_a_signature_with_a_bit_turned_is_none(at: int) -> None:
    turned = bytearray(SIGNATURE)
    turned[at // 8] ^= 1 << at % 8
    assert not checker(of_standard()).check(MESSAGE, bytes(turned))


NO_POINTS = {
    "zero": bytes(64),
    "off the curve": POINT[:-1] + bytes([POINT[-1] ^ 1]),
    "x is the prime": _number(PRIME) + POINT[32:],
    "y past the prime": POINT[:32] + _number(int.from_bytes(POINT[32:], "big") % (2**256 - PRIME) + PRIME),
    "infinite": b"\xff" * 64,
    "short": POINT[:-1],
    "long": POINT + b"\0",
    "none": b"",
}


@pytest.mark.parametrize("name", NO_POINTS)
def test_what_is_no_point_of_the_curve_is_no_key(name: str) -> None:
    with pytest.raises(KeyProblem) as problem:
        sm2.checker_of(sm2.jwk_of(NO_POINTS[name]))
    assert problem.value.code == "keys.not_a_key"


def test_a_point_of_another_curve_is_no_key() -> None:
    with pytest.raises(KeyProblem):
        sm2.checker_of({**of_standard().public_jwk, "crv": "P-256"})


@pytest.mark.parametrize("number", [0, sm2.ORDER - 1, sm2.ORDER, 2**256 - 1])
def test_a_private_number_outside_its_range_is_no_key(number: int) -> None:
    """GB/T 32918.1, 6.1: from 1 to the order less 2."""
    with pytest.raises(KeyProblem):
        sm2.signer_of(b64encode(_number(number)).decode())


@pytest.mark.parametrize("number", [1, sm2.ORDER - 2])
def test_the_ends_of_the_range_are_keys(number: int) -> None:
    signer = sm2.signer_of(b64encode(_number(number)).decode())
    assert checker(signer).check(DATA, signer.sign(DATA))


@pytest.mark.parametrize("size", [0, 1, 55, 56, 64, 65, 100_000])
def test_data_of_any_length_is_signed(size: int) -> None:
    signer = of_standard()
    assert checker(signer).check(b"\0" * size, signer.sign(b"\0" * size))


def test_what_failed_leaves_no_error_behind_for_tls_to_stumble_over() -> None:
    """OpenSSL's queue of errors is the thread's, and Python's TLS reads it."""
    peek = ctypes.CDLL(libcrypto.NAME).ERR_peek_error
    peek.restype = ctypes.c_ulong
    checker(of_standard()).check(MESSAGE, NO_SIGNATURES["swapped"])
    with pytest.raises(KeyProblem):
        sm2.checker_of(sm2.jwk_of(NO_POINTS["off the curve"]))
    assert peek() == 0


def test_threads_share_a_key() -> None:
    signer = sm2.new_signer()
    check = checker(signer)

    def signs(number: int) -> bool:
        data = str(number).encode()
        return check.check(data, signer.sign(data))

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(signs, range(200)))


def test_keys_are_freed_with_what_holds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    freed: list[int] = []
    key = sm2.new_signer()._key
    key._free = freed.append
    pointer = key.pointer
    del key
    gc.collect()
    assert freed == [pointer]
    libcrypto.library().EVP_PKEY_free(pointer)


def test_a_missing_libcrypto_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libcrypto, "NAME", "libcrypto.so.nowhere")
    libcrypto.library.cache_clear()
    try:
        with pytest.raises(KeyProblem) as problem:
            sm2.new_signer()
    finally:
        libcrypto.library.cache_clear()
    assert (problem.value.code, problem.value.facts) == ("keys.libcrypto_missing", {"library": "libcrypto.so.nowhere"})


def test_a_libcrypto_without_sm2_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sm2, "_KIND", b"SM2-left-out")
    with pytest.raises(KeyProblem) as problem:
        sm2.new_signer()
    assert problem.value.code == "keys.algorithm_missing"


def test_the_private_number_is_in_no_text_about_a_key() -> None:
    signer: Any = of_standard()
    secret = signer.secret()
    for text in (repr(signer), str(signer), repr(signer._key), repr(checker(signer))):
        assert secret not in text
        assert PRIVATE.hex() not in text.lower()


def test_sm3_is_what_is_signed() -> None:
    """GB/T 32905, example 1: the hash that this Python and libcrypto both name."""
    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
