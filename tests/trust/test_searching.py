"""The search behind the stolen dump finds what it is to find: otherwise finding nothing would mean nothing."""

import base64
import json
from datetime import date
from urllib.parse import quote

import pytest

from tests.trust.searching import days, find, magic, texts_of, windows

NAME, ADDRESS = "歐陽龍軒", "濟南市演示路1號"


@pytest.mark.parametrize(
    "content",
    [
        NAME.encode(), NAME.encode("utf-16-le"), NAME.encode("utf-16-be"), NAME.encode("gbk"), NAME.encode("big5"),
        json.dumps(NAME).encode(), json.dumps(json.dumps(NAME)).encode(),
        json.dumps(NAME).upper().replace("\\U", "\\u").encode(),
        quote(NAME).encode(), quote(NAME).lower().encode(), NAME.encode().hex().encode(),
        NAME.encode().hex().upper().encode(), NAME.encode("gbk").hex().encode(),
    ],
)  # fmt: skip
def test_a_name_is_found_in_every_encoding(content: bytes) -> None:
    assert find([("dump", b"before " + content + b" after")], [("name", NAME)])
    assert not find([("dump", b"before " + content[: len(content) // 2] + b" after")], [("name", NAME)])


@pytest.mark.parametrize("before", [b"", b"a", b"ab", b"abc", b"abcd", b"\xff\xfe"])
@pytest.mark.parametrize("after", [b"", b"z", b"yz"])
@pytest.mark.parametrize("codec", ["utf-8", "gbk", "utf-16-le"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_found_wherever_it_begins(before: bytes, after: bytes, codec: str, encode: object) -> None:
    content = encode(before + ADDRESS.encode(codec) + after)  # type: ignore[operator]
    assert find([("dump", content)], [("address", ADDRESS)])


def test_a_birth_date_is_found_in_each_form() -> None:
    for text in ("1991-07-23", "H19910723", "1991年7月23日", "1991/07/23"):
        assert find([("dump", text.encode())], days("birth date", date(1991, 7, 23)))


def test_eight_digits_within_sealed_bytes_are_chance_and_by_themselves_a_birth_date() -> None:
    day = list(days("birth date", date(1991, 7, 23)))
    assert not find([("dump", b"\\x01a119910723ff")], day)
    for text in (b"'19910723'", b" 19910723\n", b"19910723", b"a119910723ff 19910723"):
        assert find([("dump", text)], day)


def test_a_phone_is_found_with_and_without_spaces() -> None:
    for text in ("+852 5550 0100", "+85255500100"):
        assert find([("dump", text.encode())], texts_of("phone", ["+852 5550 0100"]))


def test_pieces_and_beginnings_of_pictures_are_found() -> None:
    picture = bytes(at * at % 251 for at in range(9000))
    assert find([("file", picture[3000:5000])], windows("picture", picture))
    assert find([("dump", picture.hex().encode())], windows("picture", picture))
    assert find([("file", b"..\x89PNG\r\n\x1a\n..")], magic())
