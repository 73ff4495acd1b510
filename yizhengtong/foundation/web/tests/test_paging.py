"""Cursors: what was encoded comes back, and everything else is refused as one wrong field."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yizhengtong.foundation.web.paging import decode_cursor, encode_cursor
from yizhengtong.kernel.errors import Invalid

positions = st.lists(st.text(), max_size=4)


@given(positions)
def test_a_position_comes_back_from_its_cursor(position: list[str]) -> None:
    assert decode_cursor(encode_cursor(position), len(position)) == position


@given(positions)
def test_a_cursor_needs_no_quoting_in_an_address(position: list[str]) -> None:
    assert set(encode_cursor(position)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def is_refused(cursor: str, length: int) -> bool:
    try:
        decode_cursor(cursor, length)
    except Invalid as error:
        refusal = error
    else:
        return False
    assert refusal.code == "web.fields_wrong"
    assert [(error.field, error.code) for error in refusal.errors] == [("cursor", "web.cursor_wrong")]
    return True


@given(st.text(), st.integers(min_value=0, max_value=3))
def test_any_text_either_is_a_cursor_or_is_refused(cursor: str, length: int) -> None:
    if not is_refused(cursor, length):
        assert len(decode_cursor(cursor, length)) == length


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(json_values)
def test_any_json_in_a_cursor_either_is_a_position_or_is_refused(value: object) -> None:
    cursor = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    is_position = isinstance(value, list) and len(value) == 2 and all(isinstance(part, str) for part in value)
    assert is_refused(cursor, 2) is not is_position


@given(st.binary())
def test_any_bytes_in_a_cursor_are_looked_at_without_failing(content: bytes) -> None:
    cursor = base64.urlsafe_b64encode(content).decode()
    assert is_refused(cursor, 2) or len(decode_cursor(cursor, 2)) == 2


@pytest.mark.parametrize("length", [0, 1, 3])
def test_a_cursor_of_another_list_is_refused(length: int) -> None:
    assert is_refused(encode_cursor(["2026-01-01", "0192"]), length)


def test_a_cursor_nested_to_the_bottom_is_refused() -> None:
    assert is_refused(base64.urlsafe_b64encode(b"[" * 100_000).decode(), 2)


def test_a_cursor_of_digits_without_end_is_refused() -> None:
    assert is_refused(base64.urlsafe_b64encode(b"9" * 10_000).decode(), 2)
