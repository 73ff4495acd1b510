"""The envelope: what is sealed opens to the same, and nothing else opens at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.vault.envelope import Place, UnknownEnvelope, open_envelope, seal

PLACE = Place("people_person", "name", "0192")


@given(st.binary())
def test_what_is_sealed_opens_to_the_same_content(content: bytes) -> None:
    assert open_envelope(seal(content, PLACE), PLACE) == content


def test_an_envelope_begins_with_its_version_and_the_id_of_its_key() -> None:
    assert seal(b"x", PLACE) == b"\x01\x00\x00\x00\x00x"


@pytest.mark.parametrize(
    "envelope",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x01\x00\x00\x00", id="shorter than a header"),
        pytest.param(b"\x00\x00\x00\x00\x00x", id="version before the first"),
        pytest.param(b"\x02\x00\x00\x00\x00x", id="version not known yet"),
        pytest.param(b"\x01\x00\x00\x00\x01x", id="key that is not held"),
    ],
)
def test_what_is_no_envelope_of_ours_is_refused_without_quoting_it(envelope: bytes) -> None:
    with pytest.raises(UnknownEnvelope) as refusal:
        open_envelope(envelope, PLACE)
    assert "x" not in str(refusal.value)


@given(st.binary())
def test_bytes_that_fell_from_the_sky_either_open_or_are_refused(envelope: bytes) -> None:
    try:
        opened = open_envelope(envelope, PLACE)
    except UnknownEnvelope:
        return
    assert seal(opened, PLACE) == envelope
