"""SMPP's bytes: alphabets, parts, units that are cut off, receipts."""

import pytest

from yizhengtong.foundation.notifications.smpp.pdus import (
    Malformed,
    ShortMessage,
    bind_body,
    options_of,
    short_message_of,
)
from yizhengtong.foundation.notifications.smpp.receipts import receipt_of
from yizhengtong.foundation.notifications.smpp.texts import GSM7, UCS2, coded, headers, text_of


@pytest.mark.parametrize(
    ("text", "coding", "parts"),
    [
        ("a" * 160, GSM7, 1), ("a" * 161, GSM7, 2), ("a" * 153 * 2, GSM7, 2), ("a" * (153 * 2 + 1), GSM7, 3),
        ("文" * 70, UCS2, 1), ("文" * 71, UCS2, 2), ("文" * 67 * 2, UCS2, 2), ("文" * (67 * 2 + 1), UCS2, 3),
        ("€" * 80, GSM7, 1), ("€" * 81, GSM7, 2), ("", GSM7, 1),
    ],
)  # fmt: skip
def test_texts_are_cut_where_the_standard_says(text: str, coding: int, parts: int) -> None:
    found = coded(text)
    assert (found.data_coding, len(found.parts)) == (coding, parts)
    assert "".join(text_of(coding, part) for part in found.parts) == text


def test_no_letter_is_cut_in_two() -> None:
    for text in ("a" * 152 + "€" * 40, "文" * 66 + "𠮷" * 40):
        found = coded(text)
        assert "".join(text_of(found.data_coding, part) for part in found.parts) == text


def test_a_text_without_end_is_refused() -> None:
    coded("文" * 670)
    with pytest.raises(ValueError, match="too long"):
        coded("文" * 671)


def test_headers_number_the_parts_under_one_reference() -> None:
    assert headers(2, 0x1FF) == [bytes([5, 0, 3, 0xFF, 2, 1]), bytes([5, 0, 3, 0xFF, 2, 2])]


def test_a_short_message_reads_back_as_it_was_written() -> None:
    message = ShortMessage(
        destination="8613800000001", content=b"\x60\xa8", source="10690001", esm_class=0x40, data_coding=8,
        registered_delivery=1, options={0x0424: b"long"},
    )  # fmt: skip
    assert short_message_of(message.encoded()) == message


@pytest.mark.parametrize("length", [0, 1, 5, 20, 30, 43])
def test_a_unit_that_is_cut_off_is_refused(length: int) -> None:
    whole = ShortMessage(destination="8613800000001", content=b"0123456789", source="10690001").encoded()
    with pytest.raises(Malformed):
        short_message_of(whole[:length])


def test_options_that_are_cut_off_are_refused() -> None:
    for body in (b"\x04", b"\x04\x24\x00\x02a"):
        with pytest.raises(Malformed):
            options_of(body)


def test_fields_keep_to_their_lengths() -> None:
    with pytest.raises(ValueError, match="too long"):
        bind_body(system_id="yzt", password="ninechars", system_type="")
    with pytest.raises(ValueError, match="too long"):
        ShortMessage(destination="1" * 21, content=b"").encoded()


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        (b"id:0A1B sub:001 dlvrd:001 stat:DELIVRD err:000", {}, ("0A1B", "delivered")),
        (b"id:7 stat:UNDELIV err:001", {}, ("7", "failed")),
        (b"id:7 stat:ENROUTE", {}, ("7", "")),
        (b"", {0x001E: b"77\0", 0x0427: b"\x02"}, ("77", "delivered")),
        (b"", {0x001E: b"77\0", 0x0427: b"\x08"}, ("77", "failed")),
    ],
)
def test_receipts_say_what_became_of_which_message(
    content: bytes, options: dict[int, bytes], expected: tuple[str, str]
) -> None:
    receipt = receipt_of(ShortMessage(destination="1", content=content, esm_class=4, options=options))
    assert receipt is not None
    assert (receipt.message_id, receipt.state) == expected


def test_what_somebody_wrote_is_no_receipt() -> None:
    assert receipt_of(ShortMessage(destination="1", content=b"id:7 stat:DELIVRD", esm_class=0)) is None
    assert receipt_of(ShortMessage(destination="1", content=b"nothing", esm_class=4)) is None
