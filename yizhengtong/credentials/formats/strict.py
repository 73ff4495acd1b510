"""Reading what others wrote without guessing: base64url without leeway, JSON without duplicate names or odd numbers."""

import json
from base64 import urlsafe_b64encode
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Any, NoReturn

from yizhengtong.credentials.formats.problems import FormatProblem

_TO_STANDARD = str.maketrans("-_", "+/")
_DEEPEST = 12


def encode_base64url(data: bytes) -> str:
    """Return base64url without padding (RFC 7515 2)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str, code: str) -> bytes:
    """Return what stands in base64url, which must be the only way to write it. Raises FormatProblem `code`."""
    if not text.isascii() or "=" in text or "+" in text or "/" in text:
        raise FormatProblem(code)
    try:
        data = a2b_base64(text.translate(_TO_STANDARD) + "=" * (-len(text) % 4), strict_mode=True)
    except (NotBase64, ValueError) as error:
        raise FormatProblem(code) from error
    if encode_base64url(data) != text:
        raise FormatProblem(code)
    return data


def read_json(data: bytes | str, code: str) -> Any:
    """Return a JSON value (RFC 8259): UTF-8, each name once, finite numbers, at most so deep. Raises FormatProblem."""
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
        value = _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise FormatProblem(code) from error
    _ensure_shallow(value, code, _DEEPEST)
    return value


def read_object(data: bytes | str, code: str) -> dict[str, Any]:
    """Return a JSON object, as `read_json` does. Raises FormatProblem."""
    value = read_json(data, code)
    if not isinstance(value, dict):
        raise FormatProblem(code)
    return value


def write_json(value: Mapping[str, Any]) -> bytes:
    """Return JSON without white space, in ASCII. Raises ValueError for what JSON cannot hold."""
    return _ENCODER.encode(value).encode("ascii")


def _ensure_shallow(value: Any, code: str, left: int) -> None:
    if left == 0:
        raise FormatProblem(code)
    if isinstance(value, dict):
        inner: Any = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return
    for each in inner:
        _ensure_shallow(each, code, left - 1)


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(_text: str) -> NoReturn:
    raise ValueError("not a number of JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_each_name_once, parse_constant=_no_number)
compact_json = json.JSONEncoder(separators=(",", ":"), allow_nan=False, ensure_ascii=False).encode
"""JSON as text, without white space."""
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, check_circular=False)
