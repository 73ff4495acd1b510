"""A key is believed to be a wallet's when its proof is for us, young, bears a nonce and is signed with it."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest

from yizhengtong.credentials.formats.jwk import checker_of
from yizhengtong.credentials.formats.problems import FormatProblem
from yizhengtong.credentials.formats.signing import Checker
from yizhengtong.credentials.issuance.problems import Fault, IssuanceProblem
from yizhengtong.credentials.issuance.proofs import AHEAD_SECONDS, OLDEST_SECONDS, Expected, copies_asked, prove
from yizhengtong.credentials.issuance.tests import wallet
from yizhengtong.credentials.issuance.tests.wallet import ISSUER, LEFT_OUT, a_key, attestation_of, public

NOW = 1_795_300_000.5
proof_of = partial(wallet.proof_of, iat=int(NOW))
EXPECTED = Expected(ISSUER, "", NOW, 3)
KEY, OTHER, PROVIDER = a_key(), a_key(), a_key()


def attester(header: Mapping[str, Any]) -> Checker:
    if header.get("kid") != PROVIDER.key_id:
        raise FormatProblem("proof.attester_unknown")
    return checker_of(public(PROVIDER))


ATTESTED = Expected(ISSUER, "", NOW, 3, attester)


def test_each_proof_of_a_batch_gives_its_key_in_order() -> None:
    keys = [a_key() for _ in range(3)]
    proven = prove({"jwt": [proof_of(key, "n-1") for key in keys]}, EXPECTED)
    assert [each.jwk for each in proven.keys] == [public(key) for key in keys]
    assert proven.nonces == {"n-1"}
    assert all(len(each.thumbprint) == 32 for each in proven.keys)


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("aud", "https://other.example"), ("aud", [ISSUER]), ("aud", LEFT_OUT),
        ("iat", LEFT_OUT), ("iat", "now"), ("iat", True),
        ("iat", NOW - OLDEST_SECONDS - 5), ("iat", NOW + AHEAD_SECONDS + 5),
        ("exp", NOW - 1), ("exp", "soon"),
        ("nonce", LEFT_OUT), ("nonce", ""), ("nonce", 7),
        ("iss", "https://wallet.example"),
    ],
)  # fmt: skip
def test_a_proof_that_says_something_else_is_refused(claim: str, value: Any) -> None:
    said = {"nonce": "n-1", claim: value}
    assert fault_of({"jwt": [proof_of(KEY, said.pop("nonce"), **said)]}) == Fault.INVALID_PROOF


def test_every_key_that_is_named_or_attested_counts_as_a_copy_once_and_no_more_than_a_batch() -> None:
    keys = [a_key() for _ in range(3)]
    attested = attestation_of(keys, "n-1", PROVIDER)
    plain = [proof_of(key, "n-1") for key in keys[:2]]
    bearing = [proof_of(key, "n-1", header={"key_attestation": attested}) for key in keys]
    for proofs, copies in (
        ({"jwt": plain}, 2),
        ({"attestation": [attested]}, 3),
        ({"jwt": bearing[:1]}, 3),
        ({"jwt": bearing}, 3),
        ({"jwt": [*plain, *bearing]}, 5),
    ):
        assert copies_asked(proofs, 20) == copies
        assert copies_asked(proofs, 2) == 2
    odd: Any
    for odd in (None, [], {}, {"jwt": "x"}, {"jwt": [7, "", "x", "x.y", "..."]}, {"attestation": [attested[:40]]}):
        assert 1 <= copies_asked(odd, 20) <= 5


@pytest.mark.parametrize("iat", [NOW - OLDEST_SECONDS + 5, NOW + AHEAD_SECONDS - 5])
def test_a_proof_is_good_to_the_ends_of_its_time(iat: float) -> None:
    assert prove({"jwt": [proof_of(KEY, "n-1", iat=iat)]}, EXPECTED).keys


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"}, {"typ": LEFT_OUT}, {"jwk": LEFT_OUT}, {"kid": "0"}, {"x5c": ["MII"]},
        {"jwk": LEFT_OUT, "kid": "0"},
        {"jwk": {**public(KEY), "d": "AA"}}, {"jwk": public(OTHER)}, {"jwk": {"kty": "oct", "k": "AA"}},
        {"trust_chain": ["x"]}, {"crit": ["x"], "x": 1}, {"jwk": {**public(KEY), "x": "A" * 43}},
    ],
)  # fmt: skip
def test_a_proof_whose_header_names_no_usable_key_of_its_own_is_refused(header: dict[str, Any]) -> None:
    assert fault_of({"jwt": [proof_of(KEY, "n-1", header=header)]}) == Fault.INVALID_PROOF


@pytest.mark.parametrize(
    "proofs",
    [
        None, {}, [], "x", {"jwt": []}, {"jwt": "x"}, {"jwt": [7]}, {"jwt": ["x"]}, {"di_vp": [{}]}, {"ldp_vp": ["x"]},
        {"attestation": ["x"]}, {"jwt": ["a.b.c"]},
    ],
)  # fmt: skip
def test_what_is_no_proof_at_all_is_refused(proofs: Any) -> None:
    assert fault_of(proofs) == Fault.INVALID_PROOF


def test_two_kinds_of_proofs_at_once_are_refused() -> None:
    proof = proof_of(KEY, "n-1")
    assert fault_of({"jwt": [proof], "attestation": [proof]}) == Fault.INVALID_PROOF


def test_a_tampered_signature_is_refused() -> None:
    head, body, signature = proof_of(KEY, "n-1").split(".")
    swapped = proof_of(OTHER, "n-1").rsplit(".", 1)[1]
    assert fault_of({"jwt": [f"{head}.{body}.{swapped}"]}) == Fault.INVALID_PROOF
    assert prove({"jwt": [f"{head}.{body}.{signature}"]}, EXPECTED)


def test_more_proofs_than_a_batch_holds_are_refused_and_as_many_are_not() -> None:
    proofs = [proof_of(a_key(), "n-1") for _ in range(4)]
    assert fault_of({"jwt": proofs}) == Fault.INVALID_PROOF
    assert len(prove({"jwt": proofs[:3]}, EXPECTED).keys) == 3


def test_one_key_cannot_be_proved_twice_for_two_copies() -> None:
    assert fault_of({"jwt": [proof_of(KEY, "n-1"), proof_of(KEY, "n-2")]}) == Fault.INVALID_PROOF


def test_one_wrong_proof_spoils_the_batch() -> None:
    assert fault_of({"jwt": [proof_of(KEY, "n-1"), proof_of(OTHER, "n-1", aud="x")]}) == Fault.INVALID_PROOF


def test_iss_is_the_client_where_there_is_one() -> None:
    expected = Expected(ISSUER, "https://wallet.example", NOW, 3)
    assert prove({"jwt": [proof_of(KEY, "n-1", iss="https://wallet.example")]}, expected).keys
    assert prove({"jwt": [proof_of(KEY, "n-1")]}, expected).keys
    with pytest.raises(IssuanceProblem):
        prove({"jwt": [proof_of(KEY, "n-1", iss="https://other.example")]}, expected)


def test_every_key_that_a_trusted_provider_attests_is_proved() -> None:
    attested = attestation_of([KEY, OTHER], "n-1", PROVIDER)
    for proofs in (
        {"jwt": [proof_of(KEY, "n-1", header={"key_attestation": attested})]},
        {"attestation": [attested]},
    ):
        proven = prove(proofs, ATTESTED)
        assert [each.jwk for each in proven.keys] == [public(KEY), public(OTHER)]


def test_no_more_keys_are_taken_than_a_batch_holds() -> None:
    attested = attestation_of([a_key() for _ in range(5)], "n-1", PROVIDER)
    assert len(prove({"attestation": [attested]}, ATTESTED).keys) == 3


def test_a_proof_may_name_its_key_among_the_attested_ones() -> None:
    attested = attestation_of([OTHER, KEY], "n-1", PROVIDER)
    header = {"jwk": LEFT_OUT, "kid": KEY.key_id, "key_attestation": attested}
    assert len(prove({"jwt": [proof_of(KEY, "n-1", header=header)]}, ATTESTED).keys) == 2
    header["kid"] = "7"
    assert fault_of({"jwt": [proof_of(KEY, "n-1", header=header)]}, ATTESTED) == Fault.INVALID_PROOF


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 1}, {"exp": LEFT_OUT}, {"nonce": LEFT_OUT}, {"attested_keys": []}, {"attested_keys": "x"},
        {"attested_keys": [public(OTHER)]}, {"nonce": "n-2"}, {"header": {"typ": "JWT"}},
        {"header": {"kid": "unknown"}},
    ],
)  # fmt: skip
def test_an_attestation_that_is_not_good_spoils_the_proof(changes: dict[str, Any]) -> None:
    said = {"nonce": "n-1", **changes}
    attested = attestation_of([KEY], said.pop("nonce"), PROVIDER, **said)
    assert (
        fault_of({"jwt": [proof_of(KEY, "n-1", header={"key_attestation": attested})]}, ATTESTED) == Fault.INVALID_PROOF
    )


def test_an_attestation_of_a_provider_nobody_trusts_adds_nothing() -> None:
    attested = attestation_of([KEY, OTHER], "n-1", PROVIDER)
    proven = prove({"jwt": [proof_of(KEY, "n-1", header={"key_attestation": attested})]}, EXPECTED)
    assert [each.jwk for each in proven.keys] == [public(KEY)]


def fault_of(proofs: Any, expected: Expected = EXPECTED) -> Fault:
    with pytest.raises(IssuanceProblem) as caught:
        prove(proofs, expected)
    assert caught.value.description.isascii()
    return caught.value.fault
