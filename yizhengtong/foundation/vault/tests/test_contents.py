"""Whole contents: parts cannot be cut, reordered, repeated or taken elsewhere."""

from collections.abc import Iterator
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.vault import contents
from yizhengtong.foundation.vault import keyring as keys
from yizhengtong.foundation.vault.contents import key_of_content, open_content, seal_content
from yizhengtong.foundation.vault.envelope import Place
from yizhengtong.foundation.vault.errors import UnknownEnvelope

PLACE = Place("documents_document", "content", "ab/abcd")
PART = 8


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Parts of a few bytes, and a key that no database is asked about."""
    monkeypatch.setattr(contents, "_PART_BYTES", PART)
    before = keys.keyring()
    keys.use(keys.ring_of_random_keys())
    yield
    keys.use(before)


@given(st.binary(max_size=5 * PART))
def test_a_content_comes_back_whole(content: bytes) -> None:
    assert open_content(seal_content(content, PLACE), PLACE) == content


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, 3 * PART])
def test_a_content_is_as_long_as_its_parts_need(size: int) -> None:
    parts = max(-(-size // PART), 1)
    assert len(seal_content(bytes(size), PLACE)) == 5 + size + 28 * parts


def test_parts_open_in_their_order_only() -> None:
    sealed = seal_content(bytes(range(3 * PART)), PLACE)
    header, size = sealed[:5], PART + 28
    parts = [sealed[5 + at * size : 5 + (at + 1) * size] for at in range(3)]
    assert open_content(header + b"".join(parts), PLACE) == bytes(range(3 * PART))
    for order in list(permutations(parts))[1:]:
        assert not opens(header + b"".join(order))
    for kept in (parts[:1], parts[:2], parts[1:], [], [parts[0], *parts]):
        assert not opens(header + b"".join(kept))


def test_every_flipped_bit_and_every_cut_is_noticed() -> None:
    sealed = seal_content(b"twelve bytes", PLACE)
    for at in range(len(sealed)):
        assert not opens(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :])
        assert not opens(sealed[:at])


def test_a_content_that_takes_another_files_name_does_not_open() -> None:
    sealed = seal_content(b"x", PLACE)
    with pytest.raises(UnknownEnvelope, match=r"^vault\.damaged$"):
        open_content(sealed, Place("documents_document", "content", "ab/other"))


def test_the_first_bytes_tell_the_key() -> None:
    assert key_of_content(seal_content(b"x", PLACE)[:5]) == keys.keyring().sealing.id


@pytest.mark.parametrize("start", [b"\xff\xd8\xff", b"\x89PNG\r\n", b"%PDF-1.7"])
def test_an_open_file_is_known_by_its_kind_and_refused_where_nothing_was_left_open(start: bytes) -> None:
    assert key_of_content(start) == 0
    assert not opens(start + b"rest")


def opens(sealed: bytes) -> bool:
    try:
        open_content(sealed, PLACE)
    except UnknownEnvelope:
        return False
    return True
