"""Tokens in compact form: opened by the key that signed them, of the type that was asked for, and in no other way."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from tests.support.issuers import Key
from yizhengtong.credentials.formats.jose import LONGEST_TOKEN, open_compact, open_signed, sign_compact
from yizhengtong.credentials.formats.jwk import checker_of, coordinates, es256_key, jwk_of, public_part, thumbprint
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.strict import decode_base64url, encode_base64url, read_json, read_object

SIGNER = Key()


def refusal(token: str, checkers: Any = None, **how: Any) -> str:
    with pytest.raises(FormatProblem) as found:
        open_compact(token, checkers or SIGNER.checkers, **how)
    return found.value.code


def test_what_is_signed_is_opened() -> None:
    header, payload = open_compact(sign_compact({"typ": "x"}, {"名": "值"}, SIGNER), SIGNER.checkers, typ="x")
    assert header == {"typ": "x", "alg": "ES256", "kid": SIGNER.key_id}
    assert payload == {"名": "值"}


def test_a_library_of_others_opens_what_we_sign_and_we_what_it_signs() -> None:
    token = sign_compact({"typ": "x"}, {"a": 1}, SIGNER)
    key = ECKey.import_key(SIGNER.private)
    assert json.loads(jws.deserialize_compact(token, key).payload) == {"a": 1}
    theirs = jws.serialize_compact({"alg": "ES256", "kid": SIGNER.key_id}, b'{"b":2}', key)
    assert open_compact(theirs, SIGNER.checkers)[1] == {"b": 2}


def test_a_header_that_carries_its_key_has_no_kid_put_in() -> None:
    for header in ({"jwk": SIGNER.jwk}, {"x5c": ["AA=="]}, {"kid": "other"}):
        told, _ = open_compact(sign_compact(header, {}, SIGNER), lambda _: SIGNER.checker)
        assert told == {**header, "alg": "ES256"}


def test_the_header_cannot_name_another_algorithm_than_the_signers() -> None:
    with pytest.raises(ValueError, match="another algorithm"):
        sign_compact({"alg": "none"}, {}, SIGNER)


@pytest.mark.parametrize("kid", [None, 7, [], "unknown"])
def test_a_key_that_is_not_known_opens_nothing(kid: Any) -> None:
    assert refusal(sign_compact({"kid": kid}, {}, SIGNER)) == "jose.key_unknown"


def test_a_payload_that_is_no_object_is_opened_as_bytes_alone() -> None:
    head = encode_base64url(b'{"alg":"ES256","kid":"key-1"}')
    token = f"{head}.{encode_base64url(b'[1]')}"
    token += "." + encode_base64url(SIGNER.sign(token.encode()))
    assert refusal(token) == "jose.malformed"
    assert open_signed(token, SIGNER.checkers)[1] == b"[1]"


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b", "e30.e30.", "e30=.e30.AA", " e30.e30.AA", "é.e30.AA"])
def test_what_is_no_token_is_refused(token: str) -> None:
    assert refusal(token) in {"jose.malformed", "jose.algorithm_refused"}


def test_a_token_without_end_is_refused() -> None:
    assert refusal("a" * (LONGEST_TOKEN + 1)) == "jose.malformed"


def test_a_signature_is_64_bytes_and_of_this_key() -> None:
    token = sign_compact({}, {}, SIGNER)
    for touched in (token[:-4], token + "AAAA", token.rpartition(".")[0] + ".", token[:-86] + "A" * 86):
        assert refusal(touched) in {"jose.signature_wrong", "jose.malformed"}
    assert refusal(token, {SIGNER.key_id: Key().checker}) == "jose.signature_wrong"


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=40))
def test_base64url_has_one_way_to_write_what_it_says(data: bytes) -> None:
    text = encode_base64url(data)
    assert decode_base64url(text, "x") == data
    for other in (text + "=", text + "\n", " " + text):
        with pytest.raises(FormatProblem):
            decode_base64url(other, "x")


@pytest.mark.parametrize("text", ["AB", "A", "AA=", "+_8", "/w", "AAB"])
def test_spare_bits_padding_and_letters_of_others_are_refused(text: str) -> None:
    with pytest.raises(FormatProblem, match="x"):
        decode_base64url(text, "x")


@pytest.mark.parametrize(
    "text", ['{"a":1,"a":2}', "NaN", "[Infinity]", "{", "[1,]", '"\ud800"', "[" * 20 + "]" * 20, ""]
)
def test_json_has_one_reading_or_none(text: str) -> None:
    with pytest.raises(FormatProblem, match="x"):
        read_json(text.encode("utf-8", "surrogatepass"), "x")


def test_an_object_is_an_object() -> None:
    with pytest.raises(FormatProblem, match="x"):
        read_object("[]", "x")


def test_a_key_is_read_as_a_point_and_nothing_else() -> None:
    assert public_part({**SIGNER.public_jwk, "ext": True}) == SIGNER.jwk
    assert jwk_of(es256_key(SIGNER.jwk)) == SIGNER.jwk
    assert checker_of({**SIGNER.jwk, "kid": "a"}).key_id == "a"
    assert checker_of(SIGNER.jwk).key_id == thumbprint(SIGNER.jwk)


@pytest.mark.parametrize(
    "change",
    [
        {"kty": "RSA"}, {"crv": "P-384"}, {"x": "AA"}, {"y": 1}, {"x": None}, {"x": "A" * 43, "y": "A" * 43},
        {"x": "é"}, {"kty": ["EC"]},
    ],
)  # fmt: skip
def test_a_key_off_the_curve_or_of_another_kind_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(FormatProblem, match=r"jwk\.malformed"):
        es256_key({**SIGNER.jwk, **change})


@pytest.mark.parametrize("change", [{"alg": "ES384"}, {"use": "enc"}])
def test_a_key_for_something_else_checks_nothing(change: dict[str, Any]) -> None:
    with pytest.raises(FormatProblem, match=r"jwk\.malformed"):
        checker_of({**SIGNER.jwk, **change})


@pytest.mark.parametrize("name", ["d", "p", "k"])
def test_a_private_key_is_told_from_a_public_one(name: str) -> None:
    with pytest.raises(FormatProblem, match=r"jwk\.private"):
        coordinates({**SIGNER.jwk, name: "AA"})


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 7638 3.3 for another type of key; the members and their order by 3.2."""
    key: dict[str, str | list[str]] = {"y": SIGNER.jwk["y"], "x": SIGNER.jwk["x"], "kty": "EC", "crv": "P-256"}
    assert thumbprint(key) == ECKey.import_key(key).thumbprint()


def test_a_key_of_another_curve_is_not_written_as_ours() -> None:
    other = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises((OverflowError, FormatProblem)):
        es256_key(jwk_of(other))
