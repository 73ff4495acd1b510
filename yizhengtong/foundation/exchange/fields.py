"""Structured fields of HTTP (RFC 8941), as far as signatures and digests need them: dictionaries of items and lists.

Read strictly: what is not to the form raises ValueError. Decimals and dates are not read, nothing here uses them.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

LONGEST = 8192
_KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
_TOKEN = re.compile(r"[A-Za-z*][A-Za-z0-9:/!#$%&'*+.^_`|~-]*")
_INTEGER = re.compile(r"-?[0-9]{1,15}(?![0-9.])")
_STRING = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/]*={0,2}):")
_BETWEEN = re.compile(r"[ \t]*,[ \t]*")


class Token(str):
    """A word without quotes."""

    __slots__ = ()


Bare: TypeAlias = str | Token | int | bytes | bool
Parameters: TypeAlias = Mapping[str, Bare]


@dataclass(frozen=True, slots=True)
class Item:
    """A value with its parameters."""

    value: Bare
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InnerList:
    """Items in parentheses, with parameters of the whole."""

    items: tuple[Item, ...]
    parameters: Parameters = field(default_factory=dict)


Member: TypeAlias = Item | InnerList


def read_dictionary(text: str) -> dict[str, Member]:
    """Return the members of a dictionary field by name. Raises ValueError, also where a name stands twice."""
    if len(text) > LONGEST or not text.isascii():
        raise ValueError("a field is too long, or not in ASCII")
    reader, found = _Reader(text.strip(" ")), dict[str, Member]()
    while True:
        name = reader.take(_KEY)
        if name in found:
            raise ValueError("a member stands twice")
        found[name] = reader.member() if reader.skip("=") else Item(True, reader.parameters())
        if reader.is_at_end():
            return found
        reader.take(_BETWEEN)


def written(member: Member) -> str:
    """Return the one form of a member (RFC 8941, section 4.1)."""
    if isinstance(member, InnerList):
        return f"({' '.join(written(item) for item in member.items)}){_parameters(member.parameters)}"
    return f"{_bare(member.value)}{_parameters(member.parameters)}"


def _parameters(parameters: Parameters) -> str:
    return "".join(f";{name}" if value is True else f";{name}={_bare(value)}" for name, value in parameters.items())


def _bare(value: Bare) -> str:
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int | Token):
        return str(value)
    if isinstance(value, bytes):
        return f":{b64encode(value).decode()}:"
    if not value.isascii() or not value.isprintable():
        raise ValueError("a string holds printable ASCII only")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _from_base64(text: str) -> bytes:
    """Return the bytes; one content has one form here, so that no letter of a signature can be changed."""
    content = b64decode(text, validate=True)
    if b64encode(content).decode() != text:
        raise ValueError("bytes are not in their one form")
    return content


class _Reader:
    """A place in a text that moves on with what was read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def is_at_end(self) -> bool:
        return self.at == len(self.text)

    def skip(self, mark: str) -> bool:
        is_there = self.text.startswith(mark, self.at)
        self.at += len(mark) if is_there else 0
        return is_there

    def match(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def take(self, form: re.Pattern[str]) -> str:
        found = self.match(form)
        if found is None:
            raise ValueError("a field is not to the form")
        return found.group()

    def member(self) -> Member:
        if not self.skip("("):
            return self.item()
        items: list[Item] = []
        while True:
            has_space = self.skip(" ")
            while self.skip(" "):
                pass
            if self.skip(")"):
                return InnerList(tuple(items), self.parameters())
            if items and not has_space:
                raise ValueError("a list is not to the form")
            items.append(self.item())

    def item(self) -> Item:
        return Item(self.bare(), self.parameters())

    def parameters(self) -> dict[str, Bare]:
        found: dict[str, Bare] = {}
        while self.skip(";"):
            while self.skip(" "):
                pass
            name = self.take(_KEY)
            if name in found:
                raise ValueError("a parameter stands twice")
            found[name] = self.bare() if self.skip("=") else True
        return found

    def bare(self) -> Bare:
        if self.skip("?1"):
            return True
        if self.skip("?0"):
            return False
        if text := self.match(_STRING):
            return re.sub(r"\\(.)", r"\1", text.group(1))
        if content := self.match(_BYTES):
            return _from_base64(content.group(1))
        if number := self.match(_INTEGER):
            return int(number.group())
        return Token(self.take(_TOKEN))
