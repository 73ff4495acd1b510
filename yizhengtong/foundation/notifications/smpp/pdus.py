"""Protocol data units of SMPP 3.4 as bytes and back. Section numbers are those of the specification, issue 1.2."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

HEADER = struct.Struct(">IIII")
LARGEST = 64 * 1024
RESPONSE = 0x80000000


class Command(IntEnum):
    """5.1.2.1: the commands a transceiver meets."""

    GENERIC_NACK = 0x80000000
    BIND_TRANSCEIVER = 0x00000009
    SUBMIT_SM = 0x00000004
    DELIVER_SM = 0x00000005
    UNBIND = 0x00000006
    ENQUIRE_LINK = 0x00000015
    DATA_SM = 0x00000103


class Status(IntEnum):
    """5.1.3: the command statuses that are told apart."""

    OK = 0x00000000
    INVALID_COMMAND = 0x00000003
    SYSTEM_ERROR = 0x00000008
    INVALID_DESTINATION = 0x0000000B
    QUEUE_FULL = 0x00000014
    THROTTLED = 0x00000058
    TEMPORARY_APPLICATION_ERROR = 0x00000064


PASSING = frozenset({Status.SYSTEM_ERROR, Status.QUEUE_FULL, Status.THROTTLED, 0x0D, 0x45, 0x64, 0xFE})
"""Statuses after which the same may go later: also bind failed, submit failed, a temporary error, delivery failure."""

MESSAGE_PAYLOAD = 0x0424
RECEIPTED_MESSAGE_ID = 0x001E
MESSAGE_STATE = 0x0427


class Malformed(ValueError):
    """Bytes that are no PDU: the link cannot be trusted any more."""


@dataclass(frozen=True, slots=True)
class Pdu:
    """One unit. `body` holds the mandatory parameters and the optional ones behind them."""

    command: int
    status: int
    sequence: int
    body: bytes = field(default=b"", repr=False)

    def encoded(self) -> bytes:
        return HEADER.pack(HEADER.size + len(self.body), self.command, self.status, self.sequence) + self.body


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """4.4.1 and 4.6.1: what submit_sm and deliver_sm carry."""

    destination: str = field(repr=False)
    content: bytes = field(repr=False)
    source: str = field(default="", repr=False)
    source_ton: int = 0
    source_npi: int = 0
    destination_ton: int = 1
    destination_npi: int = 1
    esm_class: int = 0
    data_coding: int = 0
    registered_delivery: int = 0
    options: Mapping[int, bytes] = field(default_factory=dict, repr=False)

    def encoded(self) -> bytes:
        return b"".join(
            (
                b"\0",  # service_type: the provider's default
                bytes([self.source_ton, self.source_npi]),
                _text(self.source, 21),
                bytes([self.destination_ton, self.destination_npi]),
                _text(self.destination, 21),
                bytes([self.esm_class, 0, 0]),  # protocol_id, priority_flag
                b"\0\0",  # schedule_delivery_time, validity_period
                bytes([self.registered_delivery, 0, self.data_coding, 0, len(self.content)]),
                self.content,
                _options(self.options),
            )
        )


def bind_body(*, system_id: str, password: str, system_type: str) -> bytes:
    """Return the body of bind_transceiver (4.1.5). Raises ValueError for what is too long."""
    return _text(system_id, 16) + _text(password, 9) + _text(system_type, 13) + bytes([0x34, 0, 0]) + b"\0"


def short_message_of(body: bytes) -> ShortMessage:
    """Read the body of a submit_sm or deliver_sm. Raises Malformed."""
    try:
        at, _ = _c_text(body, 0)
        source_ton, source_npi = body[at], body[at + 1]
        at, source = _c_text(body, at + 2)
        destination_ton, destination_npi = body[at], body[at + 1]
        at, destination = _c_text(body, at + 2)
        esm_class = body[at]
        at, _ = _c_text(body, at + 3)
        at, _ = _c_text(body, at)
        registered, _, coding, _, length = body[at : at + 5]
        content = body[at + 5 : at + 5 + length]
        if len(content) != length:
            raise Malformed("shorter than it says")
        return ShortMessage(
            destination=destination, content=content, source=source, source_ton=source_ton, source_npi=source_npi,
            destination_ton=destination_ton, destination_npi=destination_npi, esm_class=esm_class, data_coding=coding,
            registered_delivery=registered, options=options_of(body[at + 5 + length :]),
        )  # fmt: skip
    except (IndexError, ValueError) as error:
        raise Malformed("no short message") from error


def options_of(body: bytes) -> dict[int, bytes]:
    """Read optional parameters (5.3.2). Raises Malformed."""
    found, at = {}, 0
    while at < len(body):
        if len(body) - at < 4:
            raise Malformed("an optional parameter is cut off")
        tag, length = struct.unpack_from(">HH", body, at)
        value = body[at + 4 : at + 4 + length]
        if len(value) != length:
            raise Malformed("an optional parameter is cut off")
        found[tag] = value
        at += 4 + length
    return found


def message_id_of(body: bytes) -> str:
    """Return the message id of a submit_sm_resp, empty where there is none. Raises Malformed."""
    return _c_text(body, 0)[1] if body else ""


def message_id_body(message_id: str = "") -> bytes:
    return _text(message_id, 65)


def _text(text: str, most: int) -> bytes:
    encoded = text.encode("ascii")
    if len(encoded) >= most or b"\0" in encoded:
        raise ValueError("a field of SMPP is too long")
    return encoded + b"\0"


def _c_text(body: bytes, at: int) -> tuple[int, str]:
    end = body.find(b"\0", at)
    if end < 0:
        raise Malformed("a text without an end")
    return end + 1, body[at:end].decode("latin-1")


def _options(options: Mapping[int, bytes]) -> bytes:
    return b"".join(struct.pack(">HH", tag, len(value)) + value for tag, value in options.items())
