"""Status lists of draft 21: packed as the draft's vectors, signed and read back, and nothing else is believed."""

import json
import os
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cbor2 import CBORTag, dumps, loads
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.credentials.formats import jose
from yizhengtong.credentials.formats import status_list as lists
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import ES256
from yizhengtong.credentials.formats.status_list import StatusList
from yizhengtong.credentials.formats.strict import encode_base64url

URI, NOW = "https://permits.example/status-lists/1", 1_800_000_000
VECTORS = Path(os.environ.get("YZT_VECTORS", "../shared/vectors")) / "token-status-list" / "vectors.json"


class Key:
    """A key of nobody: it signs and checks."""

    algorithm = ES256

    def __init__(self, key_id: str = "one", certificates: tuple[bytes, ...] = ()) -> None:
        self.key_id, self.certificates = key_id, certificates
        self._key: EllipticCurvePrivateKey = generate_private_key(SECP256R1())
        self.public_jwk: Mapping[str, str] = {}

    def sign(self, data: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(data, ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def check(self, data: bytes, signature: bytes) -> bool:
        both = (int.from_bytes(part, "big") for part in (signature[:32], signature[32:]))
        try:
            self._key.public_key().verify(encode_dss_signature(*both), data, ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True


KEY, STRANGER = Key(), Key()
KNOWN = {KEY.key_id: KEY}


def a_list(**given: Any) -> StatusList:
    packed = bytearray(1000)
    lists.set_value(packed, 7, 2, lists.INVALID)
    lists.set_value(packed, 8, 2, lists.SUSPENDED)
    return StatusList(
        **{
            "uri": URI, "bits": 2, "packed": bytes(packed), "issued_at": NOW, "expires_at": NOW + 100, "ttl": 60,
            "aggregation_uri": "https://permits.example/status-lists", **given,
        }
    )  # fmt: skip


@cache
def vectors() -> list[dict[str, Any]]:
    if not VECTORS.is_file():
        told = f"not run: the vectors are not at {VECTORS.name}; YZT_VECTORS names their folder"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    found: list[dict[str, Any]] = json.loads(VECTORS.read_text())["vectors"]
    return found


def test_every_value_of_the_draft_s_vectors_is_read_as_asserted() -> None:
    asserted = 0
    for vector in vectors():
        packed = lists.decompress(urlsafe_b64decode(vector["lst"] + "=="))
        for index, value in vector["statuses"].items():
            assert lists.value_at(packed, int(index), vector["bits"]) == value
            asserted += 1
    assert asserted == 293


def test_whatever_the_vectors_do_not_assert_is_valid() -> None:
    for vector in vectors():
        packed = bytearray(lists.decompress(urlsafe_b64decode(vector["lst"] + "==")))
        for index in vector["statuses"]:
            lists.set_value(packed, int(index), vector["bits"], 0)
        assert not any(packed)


def test_setting_the_values_of_a_vector_packs_the_same_bytes() -> None:
    for vector in vectors():
        expected = lists.decompress(urlsafe_b64decode(vector["lst"] + "=="))
        packed = bytearray(len(expected))
        for index, value in vector["statuses"].items():
            lists.set_value(packed, int(index), vector["bits"], value)
        assert bytes(packed) == expected


def test_the_draft_s_examples_of_4_1_are_packed_from_the_least_significant_bit_on() -> None:
    one = bytearray(2)
    for index, value in enumerate([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]):
        lists.set_value(one, index, 1, value)
    two = bytearray(3)
    for index, value in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        lists.set_value(two, index, 2, value)
    assert (one.hex(), two.hex()) == ("b9a3", "c944f9")
    assert lists.decompress(bytes.fromhex("78dadbb918000217015d")) == bytes(one)
    assert lists.decompress(bytes.fromhex("78da3be9f2130003df0207")) == bytes(two)


@given(st.sampled_from(lists.BITS), st.dictionaries(st.integers(0, 999), st.integers(0, 255), max_size=40))
def test_values_are_read_as_they_were_set_and_their_neighbours_stay(bits: int, values: dict[int, int]) -> None:
    packed = bytearray(1000)
    fitting = {index: value % (1 << bits) for index, value in values.items()}
    for index, value in fitting.items():
        lists.set_value(packed, index, bits, value)
    again = lists.decompress(lists.compress(bytes(packed)))
    assert [lists.value_at(again, index, bits) for index in range(1000)] == [fitting.get(i, 0) for i in range(1000)]


def test_a_value_that_needs_more_bits_is_not_set() -> None:
    with pytest.raises(ValueError, match="bits"):
        lists.set_value(bytearray(1), 0, 1, 2)


@pytest.mark.parametrize("index", [-1, 4000, 1 << 60])
def test_an_index_outside_the_list_says_nothing(index: int) -> None:
    with pytest.raises(FormatProblem, match=r"status_list\.index_out_of_range"):
        a_list().value(index)


def test_a_list_of_one_place_more_than_asked_ends_there() -> None:
    assert a_list().value(3999) == lists.VALID


def as_jwt(listed: StatusList, key: Key = KEY) -> str:
    return lists.sign_jwt(listed, key)


def read(token: str | bytes, **given: Any) -> StatusList:
    asked = {"uri": URI, "at": NOW + 1, **given}
    checkers = asked.pop("checkers", KNOWN)
    if isinstance(token, str):
        return lists.read_jwt(token, checkers, **asked)
    return lists.read_cwt(token, checkers, **asked)


BOTH = pytest.mark.parametrize("sign", [lists.sign_jwt, lists.sign_cwt], ids=["jwt", "cwt"])


@BOTH
def test_a_token_is_read_back_as_it_was_signed(sign: Any) -> None:
    assert read(sign(a_list(), KEY)) == a_list()
    assert [read(sign(a_list(), KEY)).value(index) for index in (6, 7, 8, 9)] == [0, 1, 2, 0]


@BOTH
def test_times_and_aggregation_may_be_left_out(sign: Any) -> None:
    plain = a_list(expires_at=None, ttl=0, aggregation_uri="")
    assert read(sign(plain, KEY), at=NOW + 10**8) == plain


def test_the_jwt_says_what_section_5_1_requires() -> None:
    key = Key(certificates=(b"leaf", b"middle"))
    header, claims = jose.open_compact(as_jwt(a_list(), key), {key.key_id: key})
    assert header == {"typ": "statuslist+jwt", "alg": "ES256", "kid": "one", "x5c": ["bGVhZg==", "bWlkZGxl"]}
    assert claims.keys() == {"sub", "iat", "exp", "ttl", "status_list"}
    assert claims["status_list"].keys() == {"bits", "lst", "aggregation_uri"}


def test_the_cwt_says_what_section_5_2_requires() -> None:
    found = loads(lists.sign_cwt(a_list(), Key(certificates=(b"leaf",))))
    assert isinstance(found, CBORTag)
    protected, unprotected, payload, signature = found.value
    assert (found.tag, len(signature)) == (18, 64)
    assert loads(protected) == {1: -7, 16: "application/statuslist+cwt"}
    assert unprotected == {4: b"one", 33: b"leaf"}
    assert loads(payload).keys() == {2, 4, 6, 65533, 65534}


def test_cose_has_no_name_for_sm2() -> None:
    national = Key()
    national.algorithm = "SM2"
    with pytest.raises(FormatProblem, match=r"cose\.algorithm_refused"):
        lists.sign_cwt(a_list(), national)


@BOTH
@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"uri": f"{URI}0"}, "status_list.wrong_subject"),
        ({"at": NOW + 100}, "status_list.expired"),
        ({"at": NOW - 61}, "status_list.from_the_future"),
    ],
)
def test_another_list_a_past_one_and_one_of_the_future_are_refused(sign: Any, given: Any, code: str) -> None:
    token = sign(a_list(), KEY)
    with pytest.raises(FormatProblem) as refused:
        read(token, **given)
    assert refused.value.code == code


@BOTH
def test_a_token_holds_until_the_second_before_it_ends(sign: Any) -> None:
    assert read(sign(a_list(), KEY), at=NOW + 99).value(7) == lists.INVALID


@BOTH
def test_a_key_that_is_replaced_or_unknown_is_not_believed(sign: Any) -> None:
    token = sign(a_list(), STRANGER)
    with pytest.raises(FormatProblem, match="signature_wrong"):
        read(token)
    with pytest.raises(FormatProblem, match="key_unknown"):
        read(token, checkers={"two": KEY})


@BOTH
def test_every_tampered_byte_is_noticed(sign: Any) -> None:
    token = sign(a_list(packed=bytes(4)), KEY)
    raw = token.encode() if isinstance(token, str) else token
    for place in range(len(raw)):
        changed = raw[:place] + bytes((raw[place] ^ 1,)) + raw[place + 1 :]
        try:
            found = read(changed.decode() if isinstance(token, str) else changed)
        except (FormatProblem, UnicodeDecodeError):
            continue
        assert found == a_list(packed=bytes(4))  # the unprotected header of a CWT is not signed, nor is it believed


@BOTH
def test_every_truncation_is_noticed(sign: Any) -> None:
    token = sign(a_list(packed=bytes(4)), KEY)
    for length in range(len(token)):
        with pytest.raises(FormatProblem):
            read(token[:length])


def claims(**given: Any) -> dict[str, Any]:
    packed = encode_base64url(lists.compress(bytes(10)))
    return {"sub": URI, "iat": NOW, "exp": NOW + 100, "ttl": 60, "status_list": {"bits": 2, "lst": packed}, **given}


@pytest.mark.parametrize(
    "given",
    [
        {"iat": None}, {"iat": "now"}, {"iat": True}, {"iat": -1}, {"exp": "later"}, {"ttl": 0}, {"ttl": "60"},
        {"status_list": None}, {"status_list": []}, {"status_list": {"bits": 3, "lst": "eNo="}},
        {"status_list": {"bits": 2}}, {"status_list": {"bits": 2, "lst": 7}},
        {"status_list": {"bits": 2, "lst": "not base64url!"}}, {"status_list": {"bits": 2, "lst": "AAAA"}},
        {"status_list": {"bits": True, "lst": encode_base64url(zlib.compress(b""))}},
    ],
)  # fmt: skip
def test_claims_that_are_missing_or_of_another_kind_are_refused(given: dict[str, Any]) -> None:
    token = jose.sign_compact({"typ": "statuslist+jwt"}, claims(**given), KEY)
    with pytest.raises(FormatProblem, match=r"status_list\.malformed"):
        read(token)


@pytest.mark.parametrize("typ", ["JWT", "dc+sd-jwt", None])
def test_a_token_of_another_type_is_no_status_list(typ: str | None) -> None:
    token = jose.sign_compact({"typ": typ} if typ else {}, claims(), KEY)
    with pytest.raises(FormatProblem, match=r"jose\.wrong_type"):
        read(token)


def test_a_bomb_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(lists.MOST_BYTES + 1), 9)
    token = jose.sign_compact(
        {"typ": "statuslist+jwt"}, claims(status_list={"bits": 2, "lst": encode_base64url(bomb)}), KEY
    )
    with pytest.raises(FormatProblem, match=r"status_list\.too_large"):
        read(token)


def test_the_largest_list_is_unpacked() -> None:
    assert len(lists.decompress(zlib.compress(bytes(lists.MOST_BYTES), 9))) == lists.MOST_BYTES


@pytest.mark.parametrize("more", [b"x", zlib.compress(b"more")])
def test_nothing_may_follow_the_packed_array(more: bytes) -> None:
    with pytest.raises(FormatProblem, match=r"status_list\.malformed"):
        lists.decompress(zlib.compress(bytes(10)) + more)


@pytest.mark.parametrize(
    "token",
    [
        b"", b"\x00", b"\x81" * 9000, dumps(CBORTag(17, [b"", {}, b"", b""])), dumps([b"", {}, b"", b""]),
        dumps(CBORTag(18, [b"", {}, b""])), dumps(CBORTag(18, [b"", [], b"", b""])),
        dumps(CBORTag(18, ["", {}, b"", b""])),
        dumps(CBORTag(61, CBORTag(18, [b"", {}, b"", b""]))), dumps(CBORTag(18, [dumps(7), {}, b"", b""])),
    ],
)  # fmt: skip
def test_what_is_no_signed_cwt_is_malformed(token: bytes) -> None:
    with pytest.raises(FormatProblem, match=r"status_list\.malformed"):
        read(token)


def test_a_cwt_is_signed_by_the_algorithm_of_its_key() -> None:
    listed = loads(lists.sign_cwt(a_list(), KEY))
    protected = dumps({1: -8, 16: "application/statuslist+cwt"})
    with pytest.raises(FormatProblem, match=r"cose\.algorithm_refused"):
        read(dumps(CBORTag(18, [protected, *listed.value[1:]])))


def test_a_reference_is_read_as_it_was_written() -> None:
    assert lists.reference_of(lists.reference(URI, 0)) == (URI, 0)


@pytest.mark.parametrize(
    "claim",
    [
        None, {}, {"status_list": None}, {"status_list": {"idx": 1}}, {"status_list": {"idx": -1, "uri": URI}},
        {"status_list": {"idx": True, "uri": URI}}, {"status_list": {"idx": "1", "uri": URI}},
        {"status_list": {"idx": 1, "uri": ""}},
    ],
)  # fmt: skip
def test_a_claim_without_a_reference_is_told(claim: object) -> None:
    with pytest.raises(FormatProblem, match=r"status_list\.no_reference"):
        lists.reference_of(claim)


def test_openvc_reads_what_we_sign() -> None:
    from openvc.status.token_status_list import check_token_status

    def resolved(uri: str) -> dict[str, Any]:
        assert uri == URI
        return jose.open_compact(as_jwt(a_list()), KNOWN)[1]

    said = [
        check_token_status({"status": lists.reference(URI, index)}, resolve_status_list_token=resolved)
        for index in (6, 7, 8)
    ]
    assert [(each.status, each.revoked, each.suspended) for each in said if each] == [
        (0, False, False), (1, True, False), (2, False, True),
    ]  # fmt: skip


def test_we_read_what_openvc_packs() -> None:
    from openvc.status.token_status_list import encode_status_list, new_status_list, set_status

    packed = new_status_list(40, bits=2)
    set_status(packed, 39, 2, bits=2)
    told = {"bits": 2, "lst": encode_status_list(bytes(packed))}
    token = jose.sign_compact({"typ": "statuslist+jwt"}, claims(status_list=told), KEY)
    assert [read(token).value(index) for index in (38, 39)] == [0, 2]
