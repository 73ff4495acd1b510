"""Reading CBOR (RFC 8949) without guessing: definite lengths, shortest heads, each key once, no more than one item.

`cbor2` keeps the last of two equal keys and reads indefinite lengths; what is signed and checked must have one
reading only.
"""

from dataclasses import dataclass
from struct import unpack
from typing import Any

from yizhengtong.credentials.formats.problems import FormatProblem

MALFORMED, TOO_LARGE = "cbor.malformed", "cbor.too_large"
LARGEST, DEEPEST, MOST_ITEMS = 1_000_000, 16, 20_000

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG = range(7)
_FIRST_SIZE = 24
_SIZES = {24: 1, 25: 2, 26: 4, 27: 8}
_LEAST = {1: 24, 2: 0x100, 4: 0x10000, 8: 0x100000000}
_CONSTANTS = {20: False, 21: True, 22: None}
_FLOATS = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag before it."""

    tag: int
    value: Any


def read_cbor(data: bytes) -> Any:
    """Return one item: numbers, bytes, text, lists, dicts, Tagged, bools, None. Raises FormatProblem `cbor.*`."""
    if len(data) > LARGEST:
        raise FormatProblem(TOO_LARGE)
    reader = _Reader(data)
    value = reader.item(0)
    if reader.at != len(data):
        raise FormatProblem(MALFORMED)
    return value


class _Reader:
    """Where one reading has come to."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at, self._items = data, 0, 0

    def item(self, depth: int) -> Any:
        """Return the next item."""
        self._items += 1
        if depth > DEEPEST or self._items > MOST_ITEMS:
            raise FormatProblem(TOO_LARGE)
        major, low = divmod(self._take(1)[0], 32)
        if major > _TAG:
            return self._simple(low)
        number = self._number(low)
        if major in (_UNSIGNED, _NEGATIVE):
            return number if major == _UNSIGNED else -1 - number
        if major == _BYTES:
            return self._take(number)
        if major == _TEXT:
            return self._text(number)
        if major == _ARRAY:
            return [self.item(depth + 1) for _ in range(self._bounded(number))]
        return self._map(number, depth) if major == _MAP else Tagged(number, self.item(depth + 1))

    def _map(self, size: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for _ in range(self._bounded(size)):
            key = self.item(depth + 1)
            if not isinstance(key, (str, int)) or isinstance(key, bool) or key in found:
                raise FormatProblem(MALFORMED)
            found[key] = self.item(depth + 1)
        return found

    def _number(self, low: int) -> int:
        if low < _FIRST_SIZE:
            return low
        if low not in _SIZES:
            raise FormatProblem(MALFORMED)
        size = _SIZES[low]
        number = int.from_bytes(self._take(size), "big")
        if number < _LEAST[size]:
            raise FormatProblem(MALFORMED)
        return number

    def _simple(self, low: int) -> Any:
        if low in _FLOATS:
            size, form = _FLOATS[low]
            return unpack(form, self._take(size))[0]
        if low not in _CONSTANTS:
            raise FormatProblem(MALFORMED)
        return _CONSTANTS[low]

    def _text(self, size: int) -> str:
        try:
            return self._take(size).decode("utf-8")
        except UnicodeDecodeError as error:
            raise FormatProblem(MALFORMED) from error

    def _bounded(self, count: int) -> int:
        if count > len(self._data) - self.at:  # each item takes a byte at least
            raise FormatProblem(MALFORMED)
        return count

    def _take(self, size: int) -> bytes:
        if size > len(self._data) - self.at:
            raise FormatProblem(MALFORMED)
        taken = self._data[self.at : self.at + size]
        self.at += size
        return taken
