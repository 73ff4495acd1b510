"""The algorithms are those of their standards: published vectors, and both suites side by side."""

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes

from yizhengtong.foundation.vault.suites import SM4GCM, SUITE_OF, SUITES


def test_sm4_gcm_gives_the_vector_of_rfc_8998() -> None:
    """RFC 8998, appendix A.1."""
    key, nonce = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210"), bytes.fromhex("00001234567800000000ABCD")
    aad = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex("AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD")
    plain += bytes.fromhex("EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA")
    sealed = bytes.fromhex("17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735")
    sealed += bytes.fromhex("D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D")
    sealed += bytes.fromhex("83DE3541E4C2B58177E065A9BF7B62EC")
    assert SM4GCM(key).encrypt(nonce, plain, aad) == sealed
    assert SM4GCM(key).decrypt(nonce, sealed, aad) == plain


def test_sm3_gives_the_vector_of_its_standard() -> None:
    """GB/T 32905, example 1."""
    digest = hashes.Hash(SUITES["sm4gcm"].hash())
    digest.update(b"abc")
    assert digest.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_hkdf_with_sha256_gives_the_vector_of_rfc_5869() -> None:
    """RFC 5869, test case 3: no salt, no info; its first 32 bytes."""
    derived = SUITES["aes256gcm"].derive(bytes([0x0B] * 22), b"")
    assert derived.hex() == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"


@pytest.mark.parametrize("name", SUITES)
def test_a_derived_key_has_the_length_its_suite_needs(name: str) -> None:
    suite = SUITES[name]
    assert len(suite.derive(bytes(32), b"x")) == suite.key_bytes
    assert suite.derive(bytes(32), b"x") != suite.derive(bytes(32), b"y")
    assert len(suite.mac(bytes(32), b"x")) == 32


@pytest.mark.parametrize(
    ("crypto", "suite"), [("international", "aes256gcm"), ("national", "sm4gcm"), ("both", "sm4gcm")]
)
def test_a_deployment_that_signs_by_both_seals_by_the_national_suite(crypto: str, suite: str) -> None:
    assert SUITE_OF[crypto] == suite
    assert suite in SUITES


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(15)])
def test_sm4_gcm_refuses_what_is_shorter_than_a_tag(sealed: bytes) -> None:
    with pytest.raises(InvalidTag):
        SM4GCM(bytes(16)).decrypt(bytes(12), sealed, b"")
