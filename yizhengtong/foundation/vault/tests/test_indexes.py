"""Blind indexes: the same value is found again, and nobody without the key can tell which value it was."""

import hmac
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.vault import keyring
from yizhengtong.foundation.vault.indexes import bigram_indexes, blind_index, cache_key, keyed_digest


def test_the_same_value_has_the_same_index_of_16_bytes() -> None:
    assert blind_index("people.number", "H12345678") == blind_index("people.number", "H12345678")
    assert len(blind_index("people.number", "H12345678")) == 16


def test_two_purposes_give_two_indexes_so_that_tables_cannot_be_joined() -> None:
    assert blind_index("people.number", "H12345678") != blind_index("permits.number", "H12345678")


def test_a_purpose_and_a_value_cannot_be_cut_apart_elsewhere_for_the_same_index() -> None:
    assert blind_index("people", "number") != blind_index("peoplen", "umber")


@pytest.mark.parametrize("suite", ["aes256gcm", "sm4gcm"])
def test_another_key_gives_another_index(suite: str) -> None:
    ring, before = keyring.keyring(), blind_index("people.number", "H12345678")
    keyring.use(keyring.ring_of_random_keys(suite))
    assert blind_index("people.number", "H12345678") != before
    keyring.use(ring)
    assert blind_index("people.number", "H12345678") == before


def test_an_index_key_taken_over_from_the_first_release_gives_its_indexes() -> None:
    ring = keyring.keyring()
    keyring.use(keyring.Keyring([keyring.Key(2, "index", "aes256gcm", "active", bytes(32))]))
    found = blind_index("people.number", "hrp:H12345678")
    keyring.use(ring)
    assert found == hmac.digest(bytes(32), b"people.number\0hrp:H12345678", "sha256")[:16]


def test_a_digest_that_could_be_guessed_is_keyed_as_well() -> None:
    plain = sha256(b"POST /x {}").digest()
    assert keyed_digest("web.request", plain) not in (plain, keyed_digest("other", plain))
    assert len(keyed_digest("web.request", plain)) == 32


def test_a_name_in_the_cache_shows_no_address() -> None:
    assert "203.0.113.9" not in cache_key("allauth:rl:login:ip:203.0.113.9", "", 1)
    assert cache_key("a", "", 1) == cache_key("a", "", 1) != cache_key("a", "", 2)


def test_an_index_is_no_plain_hash_that_could_be_tried_out() -> None:
    value = b"people.number\0H12345678"
    assert blind_index("people.number", "H12345678") != sha256(value).digest()[:16]


@given(st.text(), st.text())
def test_two_values_meet_only_when_they_are_one(first: str, second: str) -> None:
    assume_utf8 = first.encode("utf-8", "ignore").decode(), second.encode("utf-8", "ignore").decode()
    assert (blind_index("t", assume_utf8[0]) == blind_index("t", assume_utf8[1])) == (assume_utf8[0] == assume_utf8[1])


def test_a_part_of_a_name_finds_the_name() -> None:
    assert set(bigram_indexes("t", "小明")) < set(bigram_indexes("t", "王小明"))
    assert not set(bigram_indexes("t", "大明")) <= set(bigram_indexes("t", "王小明"))


def test_spaces_and_case_make_no_difference_to_a_search() -> None:
    assert bigram_indexes("t", "Wong Siu-ming") == bigram_indexes("t", "WONGSIU-MING")


def test_a_name_of_one_character_is_its_own_pair_and_no_name_has_none() -> None:
    assert len(bigram_indexes("t", "王")) == 1
    assert bigram_indexes("t", " ") == []


def test_pairs_are_separated_by_purpose_and_show_no_letter() -> None:
    assert not set(bigram_indexes("people.name", "王小明")) & set(bigram_indexes("casework.search", "王小明"))
    assert all(len(pair) == 16 and set(pair) <= set("0123456789abcdef") for pair in bigram_indexes("t", "王小明"))
