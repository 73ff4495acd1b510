"""The envelope: what is sealed opens where it was sealed and nowhere else; a refusal says nothing of the content."""

import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.vault import keyring as keys
from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, key_of, open_envelope, seal
from yizhengtong.foundation.vault.errors import KeyProblem
from yizhengtong.foundation.vault.keyring import Key, Keyring
from yizhengtong.foundation.vault.suites import SUITES

PLACE = Place("people_person", "name", "0192")
SECRET = "王小明 H12345678".encode()


@pytest.fixture(autouse=True)
def _ring() -> Iterator[None]:
    """Keys of this test alone: 1 of the first suite, 2 of the other, 3 unused, 4 retired; no database is asked."""
    before = keys.keyring()
    use_ring(active=1)
    yield
    keys.use(before)


def use_ring(*, active: int, open_key: str = "", secret: int = 0) -> None:
    """Use a ring in which one key seals; `secret` changes every secret."""
    made = [
        Key(1, "data", "aes256gcm", "retiring", bytes([1 + secret] * 32)),
        Key(2, "data", "sm4gcm", "retiring", bytes([2 + secret] * 32)),
        Key(4, "data", "aes256gcm", "retired", b""),
        Key(5, "index", "aes256gcm", "active", bytes([5] * 32)),
    ]
    if open_key:
        made.append(Key(0, "data", "open", open_key, b""))
    ring = Keyring(Key(key.id, key.kind, key.suite, "active", key.secret) if key.id == active else key for key in made)
    ring.loaded_at = math.inf
    keys.use(ring)


@pytest.mark.parametrize("active", [1, 2])
@given(content=st.binary())
def test_what_is_sealed_opens_to_the_same_content(active: int, content: bytes) -> None:
    use_ring(active=active)
    assert open_envelope(seal(content, PLACE), PLACE) == content


def test_an_envelope_begins_with_its_version_and_the_id_of_its_key() -> None:
    assert seal(b"x", PLACE)[:5] == b"\x01\x00\x00\x00\x01"
    use_ring(active=2)
    assert key_of(seal(b"x", PLACE)) == 2


def test_an_envelope_is_33_bytes_longer_than_its_content() -> None:
    assert len(seal(SECRET, PLACE)) == len(SECRET) + 33


def test_the_same_content_never_gives_the_same_envelope() -> None:
    assert len({seal(SECRET, PLACE) for _ in range(100)}) == 100


def test_both_suites_are_read_side_by_side() -> None:
    by_aes = seal(SECRET, PLACE)
    use_ring(active=2)
    by_sm4 = seal(SECRET, PLACE)
    assert open_envelope(by_aes, PLACE) == open_envelope(by_sm4, PLACE) == SECRET


@pytest.mark.parametrize("active", [1, 2])
@pytest.mark.parametrize(
    "elsewhere",
    [
        Place("people_person", "name", "0193"),
        Place("people_person", "latin_name", "0192"),
        Place("permits_permit", "name", "0192"),
        Place("people_person", "name", ""),
        Place("people_personname", "", "0192"),
    ],
)
def test_an_envelope_moved_elsewhere_does_not_open(active: int, elsewhere: Place) -> None:
    use_ring(active=active)
    assert refusal(seal(SECRET, PLACE), elsewhere) == "vault.damaged"


@pytest.mark.parametrize("active", [1, 2])
def test_every_flipped_bit_is_noticed(active: int) -> None:
    use_ring(active=active)
    envelope = seal(SECRET, PLACE)
    for at in range(5, len(envelope)):
        flipped = envelope[:at] + bytes([envelope[at] ^ 1]) + envelope[at + 1 :]
        assert refusal(flipped) == "vault.damaged"


def test_every_cut_is_noticed() -> None:
    envelope = seal(SECRET, PLACE)
    for length in range(len(envelope)):
        assert refusal(envelope[:length]) == ("vault.not_an_envelope" if length < 5 else "vault.damaged")


def test_another_key_of_the_same_id_opens_nothing() -> None:
    envelope = seal(SECRET, PLACE)
    use_ring(active=1, secret=9)
    assert refusal(envelope) == "vault.damaged"


def test_an_envelope_passed_off_as_another_keys_does_not_open() -> None:
    envelope = seal(SECRET, PLACE)
    assert refusal(b"\x01\x00\x00\x00\x02" + envelope[5:]) == "vault.damaged"


@pytest.mark.parametrize(
    ("envelope", "code"),
    [
        (b"", "vault.not_an_envelope"),
        (b"\x00\x00\x00\x00\x01x", "vault.not_an_envelope"),
        (b"\x02\x00\x00\x00\x01x", "vault.not_an_envelope"),
        (b"\x01\x00\x00\x00\x03x", "vault.key_unknown"),
        (b"\x01\xff\xff\xff\xffx", "vault.key_unknown"),
        (b"\x01\x00\x00\x00\x05x", "vault.key_unknown"),  # an index key seals nothing
        (b"\x01\x00\x00\x00\x04x", "vault.key_retired"),
        (b"\x01\x00\x00\x00\x00x", "vault.key_unknown"),  # open, where nothing was ever left open
    ],
)
def test_what_is_no_envelope_of_ours_is_refused_with_a_code(envelope: bytes, code: str) -> None:
    assert refusal(envelope) == code


def test_open_values_are_read_only_until_key_0_retires() -> None:
    use_ring(active=1, open_key="retiring")
    assert open_envelope(b"\x01\x00\x00\x00\x00" + SECRET, PLACE) == SECRET
    use_ring(active=1, open_key="retired")
    assert refusal(b"\x01\x00\x00\x00\x00" + SECRET) == "vault.key_retired"


def test_key_0_seals_nothing_in_production(settings: object) -> None:
    use_ring(active=0, open_key="active")
    assert seal(b"x", PLACE) == b"\x01\x00\x00\x00\x00x"
    settings.YZT_PRODUCTION = True  # type: ignore[attr-defined]
    with pytest.raises(KeyProblem, match=r"^vault\.open_key_refused$"):
        seal(b"x", PLACE)


def test_nothing_is_sealed_without_a_key() -> None:
    ring = Keyring([])
    ring.loaded_at = math.inf
    keys.use(ring)
    with pytest.raises(KeyProblem, match=r"^vault\.no_key$"):
        seal(b"x", PLACE)


@given(st.binary())
def test_bytes_that_fell_from_the_sky_do_not_open(envelope: bytes) -> None:
    assert refusal(envelope).startswith("vault.")


def test_a_key_shows_no_secret_when_it_is_printed() -> None:
    assert "secret" not in repr(Key(1, "data", "aes256gcm", "active", b"secret", b"secret"))


def test_every_column_has_a_key_of_its_own() -> None:
    ring = keys.keyring()
    secret, suite = ring.keys[1].secret, SUITES["aes256gcm"]
    infos = [b"yzt/seal\0people_person\0name", b"yzt/seal\0people_person\0phone"]
    assert len({suite.derive(secret, info) for info in infos}) == 2
    assert ring.aead(1, "people_person", "name") is ring.aead(1, "people_person", "name")
    assert ring.aead(1, "people_person", "name") is not ring.aead(1, "people_person", "phone")


def refusal(envelope: bytes, place: Place = PLACE) -> str:
    """Return the code with which an envelope is refused; what else the refusal holds are ids of keys."""
    with pytest.raises(UnknownEnvelope) as refused:
        open_envelope(envelope, place)
    assert set(refused.value.facts) <= {"key"}
    assert refused.value.args == (refused.value.code,)
    assert refused.value.__cause__ is None
    return refused.value.code
