"""Signatures and digests: the vectors of RFC 9421 and RFC 9530, both algorithms, and every way to tamper."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import replace
from email.message import Message as Headers
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.exchange.fields import InnerList, Item, Token, read_dictionary, written
from yizhengtong.foundation.exchange.keys import (
    ALGORITHMS,
    ED25519,
    SigningKey,
    new_signing_key,
    public_key,
    public_keys,
    signing_key_of,
)
from yizhengtong.foundation.exchange.signatures import (
    COVERED,
    HOLDS_SECONDS,
    SKEW_SECONDS,
    TAG,
    Message,
    NotSigned,
    content_digest,
    is_digest_of,
    sign,
    signature_base,
    target_uri,
    verify,
)

NOW = 1_780_000_000
URL = "https://platform.example/events"
BODY = b'{"hello": "world"}'
B26_INPUT = (
    'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
    ';created=1618884473;keyid="test-key-ed25519"'
)
B26_SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
B26_MESSAGE = Message(
    "POST",
    "https://example.com/foo?param=Value&Pet=dog",
    {"date": "Tue, 20 Apr 2021 02:07:55 GMT", "content-type": "application/json", "content-length": "18"},
)
B24_BASE = (
    '"@status": 200\n'
    '"content-type": application/json\n'
    '"content-digest": sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWd'
    "XymyU0rjJuahq4l5aGgfLQ==:\n"
    '"content-length": 23\n'
    '"@signature-params": ("@status" "content-type" "content-digest" "content-length")'
    ';created=1618884473;keyid="test-key-ecc-p256"'
)
B24_SIGNATURE = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="


def request(body: bytes = BODY, url: str = URL) -> Message:
    return Message(
        "POST",
        url,
        {
            "content-type": "application/cloudevents+json",
            "content-length": str(len(body)),
            "content-digest": content_digest(body),
        },
    )


def signed(key: SigningKey, message: Message | None = None, *, created: int = NOW) -> Message:
    message = message or request()
    headers = sign(message, key, created=created, nonce="n0nce")
    return replace(message, headers={**message.headers, **{name.lower(): text for name, text in headers.items()}})


def keys_of(*keys: SigningKey) -> Mapping[str, Any]:
    return {key.id: public_key(key.public_jwk()) for key in keys}


def why(message: Message, *keys: SigningKey, now: float = NOW) -> str:
    with pytest.raises(NotSigned) as refusal:
        verify(message, keys_of(*keys), now=now)
    return refusal.value.code


def test_the_ed25519_example_of_rfc_9421_is_ours_letter_for_letter() -> None:
    components = read_dictionary(B26_INPUT)["sig-b26"]
    assert isinstance(components, InnerList)
    base = signature_base(B26_MESSAGE, components)
    key = public_key({"kty": "OKP", "crv": "Ed25519", "x": "JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"})
    assert key.verifies(b64decode(B26_SIGNATURE), base)
    private = signing_key_of("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")
    assert private.sign(base) == b64decode(B26_SIGNATURE)


def test_the_ecdsa_example_of_rfc_9421_verifies() -> None:
    key = public_key(
        {
            "kty": "EC",
            "crv": "P-256",
            "x": "qIVYZVLCrPZHGHjP17CTW0_-D9Lfw0EkjqF7xB4FivA",
            "y": "Mc4nN9LTDOBhfoUeg8Ye9WedFRhnZXZJA12Qp0zZ6F0",
        }
    )
    assert key.verifies(b64decode(B24_SIGNATURE), B24_BASE.encode())
    assert not key.verifies(b64decode(B24_SIGNATURE), B24_BASE.replace("200", "201").encode())


def test_the_digest_examples_of_rfc_9530_hold() -> None:
    assert content_digest(BODY) == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"
    sha512 = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
    assert is_digest_of(sha512, BODY)
    assert not is_digest_of(sha512, BODY + b" ")


@pytest.mark.parametrize("header", ["", "md5=:abc=:", "sha-256=x", "sha-256=:AAAA:", "unixsum=30637", "sha-256"])
def test_a_digest_that_tells_nothing_or_something_wrong_is_none(header: str) -> None:
    assert not is_digest_of(header, BODY)


def test_one_wrong_digest_beside_a_right_one_is_wrong() -> None:
    assert not is_digest_of(f"{content_digest(BODY)}, sha-512=:AAAA:", BODY)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_we_sign_is_found_signed_by_our_key(algorithm: str) -> None:
    key = new_signing_key(algorithm)
    assert verify(signed(key), keys_of(key), now=NOW) == key.id


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_sealed_and_opened_signs_as_before(algorithm: str) -> None:
    key = new_signing_key(algorithm)
    assert signing_key_of(key.secret()).id == key.id
    assert key.secret() not in repr(key)
    assert verify(signed(signing_key_of(key.secret())), keys_of(key), now=NOW) == key.id


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("name", [*COVERED, "signature-input"])
def test_nothing_that_is_covered_can_be_changed(algorithm: str, name: str) -> None:
    key = new_signing_key(algorithm)
    message = signed(key)
    if name == "@method":
        message = replace(message, method="PUT")
    elif name == "@target-uri":
        message = replace(message, target_uri="https://platform.example/other")
    elif name == "signature-input":
        later = message.headers[name].replace('nonce="n0nce"', 'nonce="other"')
        message = replace(message, headers={**message.headers, name: later})
    else:
        message = replace(message, headers={**message.headers, name: message.headers[name] + "0"})
    assert why(message, key) == "exchange.signature_wrong"


def test_an_unknown_key_and_a_strangers_signature_under_a_known_id_are_refused() -> None:
    ours, strange = new_signing_key(), new_signing_key()
    assert why(signed(strange), ours) == "exchange.key_unknown"
    posing = SigningKey(ours.id, ours.algorithm, strange.key)
    assert why(signed(posing), ours) == "exchange.signature_wrong"


def test_a_key_is_used_with_its_own_algorithm_only() -> None:
    key = new_signing_key()
    posing = SigningKey(key.id, "ecdsa-p256-sha256", key.key)
    assert why(signed(posing), key) == "exchange.signature_wrong"


@pytest.mark.parametrize(
    ("now", "is_fresh"),
    [
        (NOW - SKEW_SECONDS, True),
        (NOW - SKEW_SECONDS - 1, False),
        (NOW + HOLDS_SECONDS + SKEW_SECONDS, True),
        (NOW + HOLDS_SECONDS + SKEW_SECONDS + 1, False),
    ],
)
def test_a_signature_holds_from_its_making_for_five_minutes(now: int, is_fresh: bool) -> None:
    key = new_signing_key()
    if is_fresh:
        assert verify(signed(key), keys_of(key), now=now) == key.id
    else:
        assert why(signed(key), key, now=now) == "exchange.stale"


def hand_signed(key: SigningKey, parameters: Mapping[str, Any], covered: tuple[str, ...] = COVERED) -> Message:
    components = InnerList(tuple(Item(name) for name in covered), parameters)
    message = request()
    signature = key.sign(signature_base(message, components))
    headers = {"signature-input": f"yzt={written(components)}", "signature": f"yzt={written(Item(signature))}"}
    return replace(message, headers={**message.headers, **headers})


@pytest.mark.parametrize(
    "parameters",
    [
        {"created": NOW, "expires": NOW + HOLDS_SECONDS + 1},
        {"created": NOW, "expires": NOW},
        {"created": NOW},
        {"expires": NOW + 10},
        {"created": True, "expires": NOW + 10},
        {"created": "1", "expires": NOW + 10},
    ],
)
def test_a_signature_that_says_no_short_time_is_stale(parameters: dict[str, Any]) -> None:
    key = new_signing_key()
    assert why(hand_signed(key, {**parameters, "keyid": key.id, "tag": TAG}), key) == "exchange.stale"


@pytest.mark.parametrize("left_out", COVERED)
def test_a_signature_that_leaves_something_out_is_none(left_out: str) -> None:
    key = new_signing_key()
    covered = tuple(name for name in COVERED if name != left_out)
    parameters = {"created": NOW, "expires": NOW + 10, "keyid": key.id, "tag": TAG}
    assert why(hand_signed(key, parameters, covered), key) == "exchange.not_covered"


def test_a_component_that_stands_twice_is_refused() -> None:
    key = new_signing_key()
    parameters = {"created": NOW, "expires": NOW + 10, "keyid": key.id, "tag": TAG}
    assert why(hand_signed(key, parameters, (*COVERED, "@method")), key) == "exchange.not_covered"


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("signature", ""),
        ("signature-input", ""),
        ("signature", "yzt=abc"),
        ("signature", "other=:AAAA:"),
        ("signature-input", "yzt=1"),
        ("signature-input", "yzt=(;tag"),
    ],
)
def test_a_request_without_a_readable_signature_is_refused(header: str, text: str) -> None:
    key = new_signing_key()
    message = signed(key)
    assert why(replace(message, headers={**message.headers, header: text}), key) == "exchange.signature_missing"


def test_two_signatures_with_our_tag_are_none() -> None:
    key = new_signing_key()
    message = signed(key)
    twice = f"{message.headers['signature-input']}, two={message.headers['signature-input'].removeprefix('yzt=')}"
    assert why(replace(message, headers={**message.headers, "signature-input": twice}), key) == (
        "exchange.signature_missing"
    )


def test_an_address_without_a_path_is_signed_as_it_is_asked() -> None:
    assert target_uri("https://platform.example") == "https://platform.example/"
    assert target_uri(URL) == URL


@pytest.mark.parametrize("text", ["[]", "{}", '{"keys": 1}', '{"keys": [{}]}', '{"keys": [{"kty": "RSA"}]}', "x"])
def test_what_is_no_key_set_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        public_keys(text)


members = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.booleans(),
    st.binary(max_size=20),
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=20),
    st.from_regex(r"\A[A-Za-z*][A-Za-z0-9:/*.]{0,8}\Z").map(Token),
)
parameters = st.dictionaries(st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,5}\Z"), members, max_size=3)
items = st.builds(Item, members, parameters)


@given(st.dictionaries(st.from_regex(r"\A[a-z*][a-z0-9_.*-]{0,5}\Z"), items | st.builds(
    InnerList, st.lists(items, max_size=3).map(tuple), parameters), min_size=1, max_size=3))  # fmt: skip
def test_what_is_written_is_read_as_it_was(found: dict[str, Any]) -> None:
    text = ", ".join(f"{name}={written(member)}" for name, member in found.items())
    assert read_dictionary(text) == found


@given(st.text(max_size=60))
def test_reading_ends_with_members_or_a_refusal(text: str) -> None:
    try:
        read_dictionary(text)
    except ValueError:
        return


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_a_digest_is_of_one_content(first: bytes, second: bytes) -> None:
    assert is_digest_of(content_digest(first), second) == (first == second)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_an_independent_implementation_takes_what_we_sign(algorithm: str) -> None:
    library = pytest.importorskip("http_message_signatures")
    algorithms = library.algorithms
    key = new_signing_key(algorithm)
    resolver = SimpleNamespace(
        resolve_public_key=lambda key_id: public_key(key.public_jwk()).key if key_id == key.id else None
    )
    kind = algorithms.ED25519 if algorithm == ED25519 else algorithms.ECDSA_P256_SHA256
    message = signed(key, created=_now())
    headers = Headers()
    for name, text in message.headers.items():
        headers[name] = text
    foreign = SimpleNamespace(method="POST", url=URL, headers=_Caseless(message.headers))
    verifier = library.HTTPMessageVerifier(signature_algorithm=kind, key_resolver=resolver)
    results = verifier.verify(foreign)
    assert [result.label for result in results] == ["yzt"]
    assert set(results[0].covered_components) >= {f'"{name}"' for name in COVERED}
    tampered = {**message.headers, "content-length": "1"}
    with pytest.raises(library.InvalidSignature):
        verifier.verify(SimpleNamespace(method="POST", url=URL, headers=_Caseless(tampered)))


class _Caseless(dict[str, str]):
    """Headers as HTTP libraries give them: whatever the case of the name."""

    def __getitem__(self, name: str) -> str:
        return super().__getitem__(name.lower())

    def __contains__(self, name: object) -> bool:
        return super().__contains__(str(name).lower())

    def get(self, name: str, default: Any = None) -> Any:
        return super().get(name.lower(), default)


def _now() -> int:
    from time import time

    return int(time())
