"""CBOR has one reading: what could be read two ways, or without end, is refused."""

from typing import Any

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yizhengtong.credentials.formats.cbor_reading import Tagged, read_cbor
from yizhengtong.credentials.formats.problems import FormatProblem

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.binary(max_size=300) | st.text(max_size=80)
    | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=5) | st.integers(-50, 50), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(VALUES)
def test_whatever_is_written_is_read_as_it_was(value: Any) -> None:
    assert read_cbor(cbor2.dumps(value)) == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60))
def test_whatever_comes_is_refused_or_read_as_others_read_it(data: bytes) -> None:
    try:
        value = read_cbor(data)
    except FormatProblem:
        return
    if "Tagged" not in repr(value):  # tags mean things to others that they do not mean here
        assert repr(value) == repr(cbor2.loads(data))


def test_tags_are_kept() -> None:
    assert read_cbor(cbor2.dumps(cbor2.CBORTag(24, b"x"))) == Tagged(24, b"x")


@pytest.mark.parametrize(
    "written",
    [
        "", "1817", "190017", "1a00000001", "1b0000000000000001", "5801ff", "9fff", "bfff", "5f41ff", "7f6161ff",
        "a201010102", "a2616101616102", "a1f501", "a1410001", "a18001", "f7", "f820", "fc", "ff", "1c", "62c328",
        "8201", "a101", "0000", "9bffffffffffffffff", "5bffffffffffffffff", "bbffffffffffffffff", "c0",
    ],
)  # fmt: skip
def test_what_could_be_read_two_ways_is_refused(written: str) -> None:
    with pytest.raises(FormatProblem, match=r"cbor\."):
        read_cbor(bytes.fromhex(written))


def test_depth_size_and_number_are_bounded() -> None:
    for data in (b"\x81" * 17 + b"\x00", b"\x00" * 1_000_001, b"\x99\x4e\x21" + b"\x00" * 20_001):
        with pytest.raises(FormatProblem, match=r"cbor\.too_large"):
            read_cbor(data)
