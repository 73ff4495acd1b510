"""What a device agent answers (docs/contracts/devices.md): shapes, and reading them strictly.

The agent runs on the officer's machine and listens on its loopback address; the page speaks to it, never the platform's
server. Fields that the contract does not name are refused: nothing more of a document is taken than is asked for.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

VERSION = 1
PORT = 17690
AGENT = f"http://127.0.0.1:{PORT}"
"""Where a page finds the agent of the machine that shows it."""
HEADER = "X-Yizhengtong-Device"
"""Sent with every request: a page of somebody else's cannot send it without the agent's leave."""

READER, SCANNER = "document_reader", "fingerprint_scanner"
FINGERS = tuple(
    f"{side}_{name}" for side in ("right", "left") for name in ("thumb", "index", "middle", "ring", "little")
)
REFUSALS = ("busy", "no_device", "no_document", "no_finger", "not_asked_properly", "unreadable")
_REGIONS, _SEXES = ("HK", "MO", "TW", "CN"), ("F", "M")
_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_BEST = 100


class BrokenContract(Exception):
    """The agent answered what the contract does not know. The message says where, never with what."""


class Refused(Exception):
    """The agent said why it has nothing: one of REFUSALS."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the machine. `kind`: READER or SCANNER."""

    kind: str
    name: str
    is_ready: bool


@dataclass(frozen=True, slots=True)
class DocumentRead:
    """A travel document or identity card as the chip or the print says. `kind`: as in kernel.numbers."""

    kind: str
    number: str = field(repr=False)
    name: str = field(repr=False)
    latin_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    sex: str
    region: str
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One finger: a PNG, its resolution in dots an inch, the scanner's own judgement of quality from 0 to 100."""

    finger: str
    image: bytes = field(repr=False)
    resolution_dpi: int
    quality: int


def read_devices(body: bytes) -> list[Device]:
    """Return the devices of an answer to GET /v1/devices. Raises BrokenContract."""
    said = _object(body, {"contract", "devices"})
    if said["contract"] != VERSION or not isinstance(said["devices"], list):
        raise BrokenContract("contract")
    return [_device(each) for each in said["devices"]]


def read_document(body: bytes) -> DocumentRead:
    """Return the document of an answer to POST /v1/documents. Raises BrokenContract."""
    said = _object(body, {"kind", "number", "name", "latin_name", "birth_date", "sex", "region", "valid_until"})
    texts = {name: _text(said, name) for name in ("kind", "number", "name", "latin_name", "sex", "region")}
    if texts["sex"] not in _SEXES or texts["region"] not in _REGIONS:
        raise BrokenContract("sex or region")
    birth_date = _day(said, "birth_date")
    if birth_date is None:
        raise BrokenContract("birth_date")
    return DocumentRead(**texts, birth_date=birth_date, valid_until=_day(said, "valid_until"))


def read_fingerprint(body: bytes) -> Fingerprint:
    """Return the finger of an answer to POST /v1/fingerprints. Raises BrokenContract."""
    said = _object(body, {"finger", "image", "resolution_dpi", "quality"})
    numbers = [said["resolution_dpi"], said["quality"]]
    if said["finger"] not in FINGERS or not all(type(each) is int for each in numbers) or not 0 <= numbers[1] <= _BEST:
        raise BrokenContract("finger, resolution_dpi or quality")
    try:
        image = base64.b64decode(_text(said, "image"), validate=True)
    except binascii.Error as error:
        raise BrokenContract("image") from error
    if not image.startswith((_PNG, _JPEG)):
        raise BrokenContract("image")
    return Fingerprint(said["finger"], image, *numbers)


def read_refusal(body: bytes) -> Refused:
    """Return why an agent has nothing. Raises BrokenContract."""
    code = _object(body, {"code"})["code"]
    if code not in REFUSALS:
        raise BrokenContract("code")
    return Refused(code)


def _device(said: object) -> Device:
    if (
        not isinstance(said, Mapping)
        or set(said) != {"kind", "name", "is_ready"}
        or said["kind"] not in (READER, SCANNER)
    ):
        raise BrokenContract("devices")
    if not isinstance(said["is_ready"], bool):
        raise BrokenContract("devices")
    return Device(said["kind"], _text(said, "name"), said["is_ready"])


def _object(body: bytes, names: set[str]) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError as error:
        raise BrokenContract("json") from error
    if not isinstance(said, dict) or set(said) != names:
        raise BrokenContract("fields")
    return said


def _text(said: Mapping[str, Any], name: str) -> str:
    if not isinstance(said[name], str):
        raise BrokenContract(name)
    text: str = said[name]
    return text


def _day(said: Mapping[str, Any], name: str) -> date | None:
    if said[name] is None:
        return None
    try:
        return date.fromisoformat(_text(said, name))
    except ValueError as error:
        raise BrokenContract(name) from error
